/* Methods of FhirEhr\Client for rows that were decided, and for undoing decisions. */

#include "to_php.h"
#include "request.h"
#include "value.h"

ZEND_METHOD(FhirEhr_Client, decided);
ZEND_METHOD(FhirEhr_Client, recordSources);
ZEND_METHOD(FhirEhr_Client, reopen);
ZEND_METHOD(FhirEhr_Client, removeSaved);
ZEND_METHOD(FhirEhr_Client, clearPending);
ZEND_METHOD(FhirEhr_Client, removeDamaged);

static fhir_ehr_status invoke_decided(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_decided(client->handle, FE_TEXTS(call), &call->rows, error);
}

static fhir_ehr_status invoke_record_sources(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_record_sources(client->handle, FE_TEXTS(call), &call->text, error);
}

static fhir_ehr_status invoke_reopen(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_reopen(client->handle, FE_TEXTS(call), FE_TEXT(call->texts[3]), &call->count, error);
}

static fhir_ehr_status invoke_remove_saved(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_remove_saved(client->handle, FE_TEXTS(call), FE_TEXT(call->texts[3]), &call->count, error);
}

static fhir_ehr_status invoke_clear_pending(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_clear_pending(client->handle, FE_TEXTS(call), &call->count, error);
}

static fhir_ehr_status invoke_remove_damaged(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_remove_damaged(client->handle, FE_TEXTS(call), &call->count, error);
}

/* Parses user, project and record. */
static void run_for_record(INTERNAL_FUNCTION_PARAMETERS, fe_invoke invoke, fe_to_php to_php)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(3, 3)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_STR(call.texts[1])
		Z_PARAM_STR(call.texts[2])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke, to_php, &call, return_value);
}

/* Parses user, project, record and row keys. */
static void run_for_rows(INTERNAL_FUNCTION_PARAMETERS, fe_invoke invoke)
{
	fe_call call = {0};
	HashTable *keys;
	zval list;

	ZEND_PARSE_PARAMETERS_START(4, 4)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_STR(call.texts[1])
		Z_PARAM_STR(call.texts[2])
		Z_PARAM_ARRAY_HT(keys)
	ZEND_PARSE_PARAMETERS_END();
	if (!fe_copy_strings(&list, keys, 4)) {
		zval_ptr_dtor(&list);
		RETURN_THROWS();
	}
	call.texts[3] = fe_json_encode(&list);
	fe_run(Z_OBJ_P(ZEND_THIS), invoke, fe_count_to_php, &call, return_value);
	zend_string_release(call.texts[3]);
}

ZEND_METHOD(FhirEhr_Client, decided)
{
	run_for_record(INTERNAL_FUNCTION_PARAM_PASSTHRU, invoke_decided, fe_rows_to_php);
}

ZEND_METHOD(FhirEhr_Client, recordSources)
{
	run_for_record(INTERNAL_FUNCTION_PARAM_PASSTHRU, invoke_record_sources, fe_texts_to_php);
}

ZEND_METHOD(FhirEhr_Client, reopen)
{
	run_for_rows(INTERNAL_FUNCTION_PARAM_PASSTHRU, invoke_reopen);
}

ZEND_METHOD(FhirEhr_Client, removeSaved)
{
	run_for_rows(INTERNAL_FUNCTION_PARAM_PASSTHRU, invoke_remove_saved);
}

ZEND_METHOD(FhirEhr_Client, clearPending)
{
	run_for_record(INTERNAL_FUNCTION_PARAM_PASSTHRU, invoke_clear_pending, fe_count_to_php);
}

ZEND_METHOD(FhirEhr_Client, removeDamaged)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(2, 3)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_STR(call.texts[1])
		Z_PARAM_OPTIONAL
		Z_PARAM_STR_OR_NULL(call.texts[2])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_remove_damaged, fe_count_to_php, &call, return_value);
}
