/* Methods of FhirEhr\Client for the time after a launch: its view, handoffs to other applications, the list of launches. */

#include "to_php.h"
#include "value.h"

ZEND_METHOD(FhirEhr_Client, launchView);
ZEND_METHOD(FhirEhr_Client, endLaunchView);
ZEND_METHOD(FhirEhr_Client, createHandoff);
ZEND_METHOD(FhirEhr_Client, redeemHandoff);
ZEND_METHOD(FhirEhr_Client, launches);

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
