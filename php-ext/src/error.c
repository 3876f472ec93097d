/* The library's errors as PHP exceptions: the class from the generated table, the properties from the error's document. */

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

static void set_property(zend_object *exception, const char *property, zval *value)
{
	if (!EG(exception) && Z_TYPE_P(value) != IS_NULL) {
		zend_update_property(fe_RuntimeException_ce, exception, property, strlen(property), value);
	}
}

static void set_properties(zend_object *exception, zval *document)
{
	zval *vendor = fe_member_of(document, "vendor");

	set_property(exception, "name", fe_member_of(document, "name"));
	set_property(exception, "stage", fe_member_of(document, "stage"));
	set_property(exception, "owner", fe_member_of(document, "owner"));
	set_property(exception, "retry", fe_member_of(document, "retry"));
	set_property(exception, "hint", fe_member_of(document, "hint"));
	set_property(exception, "retryAfter", fe_member_of(document, "retry_after_seconds"));
	set_property(exception, "httpStatus", fe_member_of(document, "http_status"));
	set_property(exception, "vendorCode", fe_member_of(vendor, "code"));
	set_property(exception, "correlationId", fe_member_of(vendor, "correlation_id"));
	set_property(exception, "cause", fe_member_of(document, "cause"));
	set_property(exception, "ticket", fe_member_of(document, "ticket"));
	set_property(exception, "vendorClientId", fe_member_of(vendor, "client_id"));
	set_property(exception, "vendorTenant", fe_member_of(vendor, "tenant"));
	set_property(exception, "vendorLink", fe_member_of(vendor, "link"));
}

void fe_throw(fhir_ehr_status status, const struct fhir_ehr_error *error)
{
	const char *json = fhir_ehr_error_json(error);
	zval exception, document, message, code;

	if (!fe_json_decode(&document, json, strlen(json))) {
		return;
	}
	object_init_ex(&exception, class_of(status));
	ZVAL_STRING(&message, fhir_ehr_error_message(error));
	zend_update_property_ex(zend_ce_exception, Z_OBJ(exception), ZSTR_KNOWN(ZEND_STR_MESSAGE), &message);
	zval_ptr_dtor(&message);
	ZVAL_LONG(&code, status);
	zend_update_property_ex(zend_ce_exception, Z_OBJ(exception), ZSTR_KNOWN(ZEND_STR_CODE), &code);
	set_properties(Z_OBJ(exception), &document);
	zval_ptr_dtor(&document);
	if (EG(exception)) {
		zval_ptr_dtor(&exception);
	} else {
		zend_throw_exception_object(&exception);
	}
}
