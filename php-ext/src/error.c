#include "error.h"
#include "value.h"
#include "error_classes.h"

static zend_class_entry *class_of(fhir_ehr_status code)
{
	for (size_t i = 0; i < FE_COUNT(error_classes); i++) {
		if (error_classes[i].code == code) {
			return *error_classes[i].ce;
		}
	}
	return fe_RuntimeException_ce; /* a code that only a newer library has */
}

static void set(zend_object *exception, const char *property, zval *value)
{
	if (!EG(exception) && Z_TYPE_P(value) != IS_NULL) {
		zend_update_property(fe_RuntimeException_ce, exception, property, strlen(property), value);
	}
}

static void describe(zend_object *exception, zval *document)
{
	zval *vendor = fe_member_of(document, "vendor");

	set(exception, "name", fe_member_of(document, "name"));
	set(exception, "stage", fe_member_of(document, "stage"));
	set(exception, "owner", fe_member_of(document, "owner"));
	set(exception, "retry", fe_member_of(document, "retry"));
	set(exception, "hint", fe_member_of(document, "hint"));
	set(exception, "retryAfter", fe_member_of(document, "retry_after_seconds"));
	set(exception, "httpStatus", fe_member_of(document, "http_status"));
	set(exception, "vendorCode", fe_member_of(vendor, "code"));
	set(exception, "correlationId", fe_member_of(vendor, "correlation_id"));
}

void fe_throw(fhir_ehr_status status, const struct fhir_ehr_error *error)
{
	const char *json = fhir_ehr_error_json(error);
	zval exception, document, message, code;

	if (!fe_document(&document, json, strlen(json))) {
		return;
	}
	object_init_ex(&exception, class_of(status));
	ZVAL_STRING(&message, fhir_ehr_error_message(error));
	zend_update_property_ex(zend_ce_exception, Z_OBJ(exception), ZSTR_KNOWN(ZEND_STR_MESSAGE), &message);
	zval_ptr_dtor(&message);
	ZVAL_LONG(&code, status);
	zend_update_property_ex(zend_ce_exception, Z_OBJ(exception), ZSTR_KNOWN(ZEND_STR_CODE), &code);
	describe(Z_OBJ(exception), &document);
	zval_ptr_dtor(&document);
	if (EG(exception)) {
		zval_ptr_dtor(&exception);
	} else {
		zend_throw_exception_object(&exception);
	}
}

void fe_throw_own(zend_class_entry *ce, fhir_ehr_status code, const char *name, const char *message, const char *hint)
{
	zend_object *exception = zend_throw_exception(ce, message, code);
	const char *const texts[][2] = {
		{"name", name}, {"stage", "internal"}, {"owner", "you"}, {"retry", "never"}, {"hint", hint},
	};

	for (size_t i = 0; i < FE_COUNT(texts); i++) {
		zend_update_property_string(fe_RuntimeException_ce, exception, texts[i][0], strlen(texts[i][0]), texts[i][1]);
	}
}

bool fe_has_room(size_t bytes)
{
	size_t used = zend_memory_usage(false), limit = (size_t) PG(memory_limit);
	char message[120];

	if (PG(memory_limit) <= 0 || (used < limit && bytes < limit - used)) {
		return true;
	}
	snprintf(message, sizeof(message), "The result needs about %zu bytes; %zu of memory_limit are used, of %zu.",
		bytes, used, limit);
	fe_throw_own(fe_RequestException_ce, FHIR_EHR_E_LIMIT_EXCEEDED, "limit_exceeded", message,
		"what was pulled is staged; ask for one record at a time, or raise memory_limit");
	return false;
}
