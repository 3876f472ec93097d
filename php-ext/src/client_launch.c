/* Methods of FhirEhr\Client for launches and sign-ins: the browser's requests, the view of a launch, handoffs to other
 * applications, the list of launches. */

#include "to_php.h"
#include "value.h"

ZEND_METHOD(FhirEhr_Client, handleLaunch);
ZEND_METHOD(FhirEhr_Client, signIn);
ZEND_METHOD(FhirEhr_Client, startSignIn);
ZEND_METHOD(FhirEhr_Client, finishLogin);
ZEND_METHOD(FhirEhr_Client, launchView);
ZEND_METHOD(FhirEhr_Client, endLaunchView);
ZEND_METHOD(FhirEhr_Client, createHandoff);
ZEND_METHOD(FhirEhr_Client, redeemHandoff);
ZEND_METHOD(FhirEhr_Client, launches);

static fhir_ehr_status invoke_handle_launch(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return call->texts[3] == NULL
		? fhir_ehr_client_handle_launch(client->handle, FE_TEXTS(call), &call->text, error)
		: fhir_ehr_client_handle_organization_launch(client->handle, FE_TEXT(call->texts[3]), FE_TEXTS(call), &call->text, error);
}

ZEND_METHOD(FhirEhr_Client, handleLaunch)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(2, 4)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_STR(call.texts[1])
		Z_PARAM_OPTIONAL
		Z_PARAM_STR_OR_NULL(call.texts[2])
		Z_PARAM_STR_OR_NULL(call.texts[3])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_handle_launch, fe_launch_result_to_php, &call, return_value);
}

static fhir_ehr_status invoke_sign_in(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_sign_in(client->handle, FE_TEXTS(call), FE_TEXT(call->texts[3]), &call->text, error);
}

ZEND_METHOD(FhirEhr_Client, signIn)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(3, 4)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_STR(call.texts[1])
		Z_PARAM_STR(call.texts[2])
		Z_PARAM_OPTIONAL
		Z_PARAM_STR_OR_NULL(call.texts[3])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_sign_in, fe_text_to_php, &call, return_value);
}

static fhir_ehr_status invoke_start_sign_in(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_start_sign_in(client->handle, FE_TEXTS(call), FE_TEXT(call->texts[3]), &call->text, error);
}

ZEND_METHOD(FhirEhr_Client, startSignIn)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(4, 4)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_STR(call.texts[1])
		Z_PARAM_STR(call.texts[2])
		Z_PARAM_STR(call.texts[3])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_start_sign_in, fe_launch_result_to_php, &call, return_value);
}

static fhir_ehr_status invoke_finish_login(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_finish_login(client->handle, FE_TEXTS(call), &call->text, error);
}

ZEND_METHOD(FhirEhr_Client, finishLogin)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(3, 3)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_STR(call.texts[1])
		Z_PARAM_STR(call.texts[2])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_finish_login, fe_sign_in_to_php, &call, return_value);
}

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

static fhir_ehr_status invoke_launch_view(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_launch_view(client->handle, TWO_TEXTS(call), &call->text, error);
}

ZEND_METHOD(FhirEhr_Client, launchView)
{
	run_with_two_texts(INTERNAL_FUNCTION_PARAM_PASSTHRU, invoke_launch_view, fe_launch_view_to_php);
}

static fhir_ehr_status invoke_end_launch_view(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_end_launch_view(client->handle, TWO_TEXTS(call), error);
}

ZEND_METHOD(FhirEhr_Client, endLaunchView)
{
	run_with_two_texts(INTERNAL_FUNCTION_PARAM_PASSTHRU, invoke_end_launch_view, NULL);
}

static fhir_ehr_status invoke_create_handoff(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_create_handoff(client->handle, FE_TEXTS(call), &call->text, error);
}

ZEND_METHOD(FhirEhr_Client, createHandoff)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(3, 3)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_STR(call.texts[1])
		Z_PARAM_STR(call.texts[2])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_create_handoff, fe_text_to_php, &call, return_value);
}

static fhir_ehr_status invoke_redeem_handoff(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_redeem_handoff(client->handle, TWO_TEXTS(call), &call->text, error);
}

ZEND_METHOD(FhirEhr_Client, redeemHandoff)
{
	run_with_two_texts(INTERNAL_FUNCTION_PARAM_PASSTHRU, invoke_redeem_handoff, fe_sign_in_to_php);
}

static fhir_ehr_status invoke_launches(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_launches(client->handle, FE_TEXT(call->texts[0]), &call->text, error);
}

ZEND_METHOD(FhirEhr_Client, launches)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(1, 1)
		Z_PARAM_STR(call.texts[0])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_launches, fe_launches_to_php, &call, return_value);
}
