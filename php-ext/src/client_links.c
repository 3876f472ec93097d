/* Methods of FhirEhr\Client for the links from EHR users to users of the application. */

#include "to_php.h"
#include "value.h"

ZEND_METHOD(FhirEhr_Client, links);
ZEND_METHOD(FhirEhr_Client, unlink);

static fhir_ehr_status invoke_links(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_links(client->handle, FE_TEXT(call->texts[0]), &call->text, error);
}

ZEND_METHOD(FhirEhr_Client, links)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(1, 1)
		Z_PARAM_STR(call.texts[0])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_links, fe_user_links_to_php, &call, return_value);
}

static fhir_ehr_status invoke_unlink(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_unlink(client->handle, FE_TEXT(call->texts[0]), FE_TEXT(call->texts[1]), error);
}

ZEND_METHOD(FhirEhr_Client, unlink)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(2, 2)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_STR(call.texts[1])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_unlink, NULL, &call, return_value);
}
