/* Methods of FhirEhr\Client for the administrator's pages: configured sources, their scopes, discovery, checks and keys. */

#include "to_php.h"
#include "value.h"
#include "ext/standard/php_string.h"

ZEND_METHOD(FhirEhr_Client, scopes);
ZEND_METHOD(FhirEhr_Client, sources);
ZEND_METHOD(FhirEhr_Client, discover);
ZEND_METHOD(FhirEhr_Client, approveEndpoints);
ZEND_METHOD(FhirEhr_Client, registrationSheet);
ZEND_METHOD(FhirEhr_Client, minimumScopes);
ZEND_METHOD(FhirEhr_Client, checkSource);
ZEND_METHOD(FhirEhr_Client, jwks);

static fhir_ehr_status invoke_scopes(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	const zend_string *source = call->texts[0];
	fhir_ehr_status status = fhir_ehr_core_scopes(client->core, FE_TEXT(source), FHIR_EHR_SCOPES_LAUNCH, &call->text, error);

	if (status == 0) {
		status = fhir_ehr_core_scopes(client->core, FE_TEXT(source), FHIR_EHR_SCOPES_STANDALONE, &call->more[0], error);
	}
	if (status == 0) {
		status = fhir_ehr_core_scopes(client->core, FE_TEXT(source), FHIR_EHR_SCOPES_SYSTEM, &call->more[1], error);
	}
	return status;
}

static void add_scopes(zval *target, const char *name, const struct fhir_ehr_text *text)
{
	zend_string *space = ZSTR_CHAR(' ');
	zend_string *all = zend_string_init(fhir_ehr_text_data(text), fhir_ehr_text_length(text), false);
	zval list;

	array_init(&list);
	if (ZSTR_LEN(all) > 0) {
		php_explode(space, all, &list, ZEND_LONG_MAX);
	}
	zend_string_release(all);
	add_assoc_zval(target, name, &list);
}

static void scopes_to_php(const fe_call *call, zval *return_value)
{
	array_init(return_value);
	add_scopes(return_value, "launch", call->text);
	add_scopes(return_value, "standalone", call->more[0]);
	add_scopes(return_value, "system", call->more[1]);
}

ZEND_METHOD(FhirEhr_Client, scopes)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(1, 1)
		Z_PARAM_STR(call.texts[0])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_scopes, scopes_to_php, &call, return_value);
}

static fhir_ehr_status invoke_sources(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_core_sources(client->core, &call->text, error);
}

ZEND_METHOD(FhirEhr_Client, sources)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_NONE();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_sources, fe_sources_to_php, &call, return_value);
}

#define TWO_TEXTS(call) FE_TEXT((call)->texts[0]), FE_TEXT((call)->texts[1])

static fhir_ehr_status invoke_discover(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_discover(client->handle, TWO_TEXTS(call), &call->text, error);
}

ZEND_METHOD(FhirEhr_Client, discover)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(2, 2)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_STR(call.texts[1])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_discover, fe_discovery_to_php, &call, return_value);
}

static fhir_ehr_status invoke_approve_endpoints(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_approve_endpoints(client->handle, TWO_TEXTS(call), &call->text, error);
}

static void approved_endpoints_to_php(const fe_call *call, zval *return_value)
{
	zval document;

	if (fe_json_decode(&document, fhir_ehr_text_data(call->text), fhir_ehr_text_length(call->text))) {
		ZVAL_COPY(return_value, fe_member_of(&document, "endpoints"));
		zval_ptr_dtor(&document);
	}
}

ZEND_METHOD(FhirEhr_Client, approveEndpoints)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(2, 2)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_STR(call.texts[1])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_approve_endpoints, approved_endpoints_to_php, &call, return_value);
}

static fhir_ehr_status invoke_registration_sheet(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_core_registration_sheet(client->core, FE_TEXTS(call), &call->text, error);
}

static void document_to_php(const fe_call *call, zval *return_value)
{
	fe_json_decode(return_value, fhir_ehr_text_data(call->text), fhir_ehr_text_length(call->text));
}

ZEND_METHOD(FhirEhr_Client, registrationSheet)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(2, 3)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_STR(call.texts[1])
		Z_PARAM_OPTIONAL
		Z_PARAM_STR_OR_NULL(call.texts[2])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_registration_sheet, document_to_php, &call, return_value);
}

static fhir_ehr_status invoke_minimum_scopes(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_core_minimum_scopes(client->core, TWO_TEXTS(call), &call->text, error);
}

ZEND_METHOD(FhirEhr_Client, minimumScopes)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(2, 2)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_STR(call.texts[1])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_minimum_scopes, document_to_php, &call, return_value);
}

static fhir_ehr_status invoke_check_source(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_check_source_with(client->handle, TWO_TEXTS(call), (uint32_t) call->count, &call->text, error);
}

ZEND_METHOD(FhirEhr_Client, checkSource)
{
	fe_call call = {0};
	bool try_wrong_secret = false;

	ZEND_PARSE_PARAMETERS_START(2, 3)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_STR(call.texts[1])
		Z_PARAM_OPTIONAL
		Z_PARAM_BOOL(try_wrong_secret)
	ZEND_PARSE_PARAMETERS_END();
	call.count = try_wrong_secret ? FHIR_EHR_CHECK_TRY_WRONG_SECRET : 0; /* the flags of the check */
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_check_source, fe_check_steps_to_php, &call, return_value);
}

static fhir_ehr_status invoke_jwks(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_jwks(client->handle, FE_TEXT(call->texts[0]), &call->text, &call->more[0], error);
}

ZEND_METHOD(FhirEhr_Client, jwks)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(1, 1)
		Z_PARAM_STR(call.texts[0])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_jwks, fe_jwks_to_php, &call, return_value);
}
