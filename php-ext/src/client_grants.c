/* Methods of FhirEhr\Client for sign-outs and stored grants: sign-out, the removal of a user, the list of grants, introspection,
 * keep-alive. */

#include "to_php.h"
#include "value.h"

ZEND_METHOD(FhirEhr_Client, signOut);
ZEND_METHOD(FhirEhr_Client, signOutUser);
ZEND_METHOD(FhirEhr_Client, signOutSystemAccount);
ZEND_METHOD(FhirEhr_Client, removeUser);
ZEND_METHOD(FhirEhr_Client, grants);
ZEND_METHOD(FhirEhr_Client, introspect);
ZEND_METHOD(FhirEhr_Client, keepAlive);

#define TWO_TEXTS(call) FE_TEXT((call)->texts[0]), FE_TEXT((call)->texts[1])

/* Parses two texts. */
static void run_with_two_texts(INTERNAL_FUNCTION_PARAMETERS, fe_invoke invoke, fe_to_php to_php)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(2, 2)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_STR(call.texts[1])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke, to_php, &call, return_value);
}

static fhir_ehr_status invoke_sign_out(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_sign_out(client->handle, TWO_TEXTS(call), &call->text, error);
}

ZEND_METHOD(FhirEhr_Client, signOut)
{
	run_with_two_texts(INTERNAL_FUNCTION_PARAM_PASSTHRU, invoke_sign_out, fe_signed_out_to_php);
}

static fhir_ehr_status invoke_sign_out_user(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_sign_out_user(client->handle, FE_TEXTS(call), &call->text, error);
}

ZEND_METHOD(FhirEhr_Client, signOutUser)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(3, 3)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_STR(call.texts[1])
		Z_PARAM_STR(call.texts[2])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_sign_out_user, fe_signed_out_to_php, &call, return_value);
}

static fhir_ehr_status invoke_sign_out_system_account(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_sign_out_system_account(client->handle, TWO_TEXTS(call), &call->text, error);
}

ZEND_METHOD(FhirEhr_Client, signOutSystemAccount)
{
	run_with_two_texts(INTERNAL_FUNCTION_PARAM_PASSTHRU, invoke_sign_out_system_account, fe_signed_out_to_php);
}

static fhir_ehr_status invoke_remove_user(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_remove_user(client->handle, TWO_TEXTS(call), &call->text, error);
}

ZEND_METHOD(FhirEhr_Client, removeUser)
{
	run_with_two_texts(INTERNAL_FUNCTION_PARAM_PASSTHRU, invoke_remove_user, fe_user_removal_to_php);
}

static fhir_ehr_status invoke_grants(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_grants(client->handle, TWO_TEXTS(call), call->count, &call->text, error);
}

ZEND_METHOD(FhirEhr_Client, grants)
{
	fe_call call = {0};
	zend_long limit = 1000;

	ZEND_PARSE_PARAMETERS_START(1, 3)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_OPTIONAL
		Z_PARAM_STR_OR_NULL(call.texts[1])
		Z_PARAM_LONG(limit)
	ZEND_PARSE_PARAMETERS_END();
	call.count = limit < 0 ? 0 : (size_t) limit; /* the library refuses 0 */
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_grants, fe_grant_page_to_php, &call, return_value);
}

static fhir_ehr_status invoke_introspect(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_introspect(client->handle, FE_TEXTS(call), &call->text, error);
}

ZEND_METHOD(FhirEhr_Client, introspect)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(3, 3)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_STR_OR_NULL(call.texts[1])
		Z_PARAM_STR(call.texts[2])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_introspect, fe_introspections_to_php, &call, return_value);
}

static fhir_ehr_status invoke_keep_alive(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_keep_alive(client->handle, FE_TEXT(call->texts[0]), &call->text, error);
}

ZEND_METHOD(FhirEhr_Client, keepAlive)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(1, 1)
		Z_PARAM_STR(call.texts[0])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_keep_alive, fe_keep_alive_to_php, &call, return_value);
}
