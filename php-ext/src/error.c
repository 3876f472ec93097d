#include "error.h"
#include "value.h"

/* Which exception a code is. A test compares it with the library's own table. */
static const struct {
	fhir_ehr_status code;
	zend_class_entry **ce;
} classes[] = {
	{FHIR_EHR_E_CONFIG_INVALID, &fe_ConfigurationException_ce},
	{FHIR_EHR_E_SOURCE_NOT_FOUND, &fe_ConfigurationException_ce},
	{FHIR_EHR_E_SECRET_UNAVAILABLE, &fe_ConfigurationException_ce},
	{FHIR_EHR_E_URL_NOT_ALLOWED, &fe_ConfigurationException_ce},
	{FHIR_EHR_E_ENVIRONMENT_MISMATCH, &fe_ConfigurationException_ce},
	{FHIR_EHR_E_REDIRECT_URI_NOT_REGISTERED, &fe_ConfigurationException_ce},
	{FHIR_EHR_E_LAUNCH_AMBIGUOUS, &fe_AuthorizationException_ce},
	{FHIR_EHR_E_LAUNCH_EMPTY, &fe_AuthorizationException_ce},
	{FHIR_EHR_E_STATE_MISSING, &fe_AuthorizationException_ce},
	{FHIR_EHR_E_STATE_UNKNOWN, &fe_AuthorizationException_ce},
	{FHIR_EHR_E_STATE_FOREIGN, &fe_AuthorizationException_ce},
	{FHIR_EHR_E_LAUNCH_EXPIRED, &fe_AuthorizationException_ce},
	{FHIR_EHR_E_AUTHORIZATION_DENIED, &fe_AuthorizationException_ce},
	{FHIR_EHR_E_AUTHORIZATION_FAILED, &fe_AuthorizationException_ce},
	{FHIR_EHR_E_DISCOVERY_FAILED, &fe_ConnectionException_ce},
	{FHIR_EHR_E_AUTHORIZATION_REJECTED, &fe_AuthorizationException_ce},
	{FHIR_EHR_E_HANDOVER_UNKNOWN, &fe_AuthorizationException_ce},
	{FHIR_EHR_E_EHR_USER_OF_ANOTHER, &fe_AuthorizationException_ce},
	{FHIR_EHR_E_TOKEN_UNAVAILABLE, &fe_ConnectionException_ce},
	{FHIR_EHR_E_TOKEN_RESPONSE_INVALID, &fe_ConnectionException_ce},
	{FHIR_EHR_E_INVALID_GRANT, &fe_AuthorizationException_ce},
	{FHIR_EHR_E_INVALID_CLIENT, &fe_ConfigurationException_ce},
	{FHIR_EHR_E_TOKEN_REJECTED, &fe_AuthorizationException_ce},
	{FHIR_EHR_E_GRANT_NOT_FOUND, &fe_AuthorizationException_ce},
	{FHIR_EHR_E_GRANT_EXPIRED, &fe_AuthorizationException_ce},
	{FHIR_EHR_E_REFRESH_BUSY, &fe_ConnectionException_ce},
	{FHIR_EHR_E_GRANT_LOST, &fe_AuthorizationException_ce},
	{FHIR_EHR_E_GRANT_REJECTED, &fe_AuthorizationException_ce},
	{FHIR_EHR_E_SYSTEM_ACCOUNT_REJECTED, &fe_AuthorizationException_ce},
	{FHIR_EHR_E_SYSTEM_ACCOUNT_MISSING, &fe_ConfigurationException_ce},
	{FHIR_EHR_E_TOKEN_ENDPOINT_REDIRECTS, &fe_ConfigurationException_ce},
	{FHIR_EHR_E_NETWORK_UNREACHABLE, &fe_ConnectionException_ce},
	{FHIR_EHR_E_NETWORK_TIMEOUT, &fe_TimeoutException_ce},
	{FHIR_EHR_E_RESPONSE_TOO_LARGE, &fe_FhirException_ce},
	{FHIR_EHR_E_RESPONSE_NOT_FHIR, &fe_FhirException_ce},
	{FHIR_EHR_E_FHIR_DENIED, &fe_FhirException_ce},
	{FHIR_EHR_E_FHIR_UNAUTHORIZED, &fe_AuthorizationException_ce},
	{FHIR_EHR_E_FHIR_ERROR, &fe_FhirException_ce},
	{FHIR_EHR_E_FHIR_UNAVAILABLE, &fe_FhirException_ce},
	{FHIR_EHR_E_PATIENT_NOT_FOUND, &fe_PatientException_ce},
	{FHIR_EHR_E_PATIENT_AMBIGUOUS, &fe_PatientException_ce},
	{FHIR_EHR_E_PATIENT_MISMATCH, &fe_PatientException_ce},
	{FHIR_EHR_E_NEXT_LINK_REFUSED, &fe_FhirException_ce},
	{FHIR_EHR_E_REDIRECT_REFUSED, &fe_ConnectionException_ce},
	{FHIR_EHR_E_TLS_FAILED, &fe_ConnectionException_ce},
	{FHIR_EHR_E_NETWORK_INTERRUPTED, &fe_ConnectionException_ce},
	{FHIR_EHR_E_SEARCH_NOT_ANSWERED, &fe_FhirException_ce},
	{FHIR_EHR_E_PATIENT_SEARCH_INCOMPLETE, &fe_PatientException_ce},
	{FHIR_EHR_E_PATIENT_CHART_REPLACED, &fe_PatientException_ce},
	{FHIR_EHR_E_NEXT_LINK_CREDENTIALS, &fe_FhirException_ce},
	{FHIR_EHR_E_NEXT_LINK_LOOP, &fe_FhirException_ce},
	{FHIR_EHR_E_REDIRECT_LOOP, &fe_ConnectionException_ce},
	{FHIR_EHR_E_MAPPING_INVALID, &fe_MappingException_ce},
	{FHIR_EHR_E_REQUEST_INVALID, &fe_RequestException_ce},
	{FHIR_EHR_E_ACCESS_REFUSED, &fe_AccessException_ce},
	{FHIR_EHR_E_LIMIT_EXCEEDED, &fe_RequestException_ce},
	{FHIR_EHR_E_PAGE_LIMIT_REACHED, &fe_RequestException_ce},
	{FHIR_EHR_E_VAULT_KEY_MISSING, &fe_StagingException_ce},
	{FHIR_EHR_E_VAULT_OPEN_FAILED, &fe_StagingException_ce},
	{FHIR_EHR_E_ROW_NOT_FOUND, &fe_StagingException_ce},
	{FHIR_EHR_E_ROW_CONFLICT, &fe_StagingException_ce},
	{FHIR_EHR_E_ADJUDICATION_AMBIGUOUS, &fe_StagingException_ce},
	{FHIR_EHR_E_SAVE_NOT_FOUND, &fe_StagingException_ce},
	{FHIR_EHR_E_INDEX_KEY_CHANGED, &fe_ConfigurationException_ce},
	{FHIR_EHR_E_RECORD_BOUND, &fe_StagingException_ce},
	{FHIR_EHR_E_RECORD_MIXED, &fe_StagingException_ce},
	{FHIR_EHR_E_ROW_DAMAGED, &fe_StagingException_ce},
	{FHIR_EHR_E_STORE_UNAVAILABLE, &fe_StoreException_ce},
	{FHIR_EHR_E_STORE_CONFLICT, &fe_StoreException_ce},
	{FHIR_EHR_E_STORE_FOREIGN, &fe_StoreException_ce},
	{FHIR_EHR_E_STORE_INCONSISTENT, &fe_StoreException_ce},
	{FHIR_EHR_E_BUSY, &fe_InternalException_ce},
	{FHIR_EHR_E_INTERNAL, &fe_InternalException_ce},
};

static zend_class_entry *class_of(fhir_ehr_status code)
{
	for (size_t i = 0; i < FE_COUNT(classes); i++) {
		if (classes[i].code == code) {
			return *classes[i].ce;
		}
	}
	return fe_RuntimeException_ce; /* a newer library's */
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
