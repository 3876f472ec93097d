/* Methods of FhirEhr\Client for what was decided, and for taking it back. */

#include "answer.h"
#include "request.h"

ZEND_METHOD(FhirEhr_Client, decided);
ZEND_METHOD(FhirEhr_Client, reopen);
ZEND_METHOD(FhirEhr_Client, removeSaved);
ZEND_METHOD(FhirEhr_Client, clearPending);
ZEND_METHOD(FhirEhr_Client, removeDamaged);

static fhir_ehr_status ask_decided(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_decided(client->handle, FE_TEXTS(asked), &asked->rows, error);
}

static fhir_ehr_status ask_reopen(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_reopen(client->handle, FE_TEXTS(asked), FE_TEXT(asked->texts[3]), &asked->count, error);
}

static fhir_ehr_status ask_remove(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_remove_saved(client->handle, FE_TEXTS(asked), FE_TEXT(asked->texts[3]), &asked->count, error);
}

static fhir_ehr_status ask_clear(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_clear_pending(client->handle, FE_TEXTS(asked), &asked->count, error);
}

static fhir_ehr_status ask_remove_damaged(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_remove_damaged(client->handle, FE_TEXTS(asked), &asked->count, error);
}

/* user, project, record. */
static void of_record(INTERNAL_FUNCTION_PARAMETERS, fe_ask ask, fe_answer answer)
{
	fe_asked asked = {0};

	ZEND_PARSE_PARAMETERS_START(3, 3)
		Z_PARAM_STR(asked.texts[0])
		Z_PARAM_STR(asked.texts[1])
		Z_PARAM_STR(asked.texts[2])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), ask, answer, &asked, return_value);
}

/* user, project, record, keys of rows. */
static void of_rows(INTERNAL_FUNCTION_PARAMETERS, fe_ask ask)
{
	fe_asked asked = {0};
	HashTable *keys;
	zval list;

	ZEND_PARSE_PARAMETERS_START(4, 4)
		Z_PARAM_STR(asked.texts[0])
		Z_PARAM_STR(asked.texts[1])
		Z_PARAM_STR(asked.texts[2])
		Z_PARAM_ARRAY_HT(keys)
	ZEND_PARSE_PARAMETERS_END();
	if (!fe_keys(&list, keys, 4)) {
		zval_ptr_dtor(&list);
		RETURN_THROWS();
	}
	asked.texts[3] = fe_json(&list);
	fe_run(Z_OBJ_P(ZEND_THIS), ask, fe_answer_count, &asked, return_value);
	zend_string_release(asked.texts[3]);
}

ZEND_METHOD(FhirEhr_Client, decided)
{
	of_record(INTERNAL_FUNCTION_PARAM_PASSTHRU, ask_decided, fe_answer_rows);
}

ZEND_METHOD(FhirEhr_Client, reopen)
{
	of_rows(INTERNAL_FUNCTION_PARAM_PASSTHRU, ask_reopen);
}

ZEND_METHOD(FhirEhr_Client, removeSaved)
{
	of_rows(INTERNAL_FUNCTION_PARAM_PASSTHRU, ask_remove);
}

ZEND_METHOD(FhirEhr_Client, clearPending)
{
	of_record(INTERNAL_FUNCTION_PARAM_PASSTHRU, ask_clear, fe_answer_count);
}

ZEND_METHOD(FhirEhr_Client, removeDamaged)
{
	fe_asked asked = {0};

	ZEND_PARSE_PARAMETERS_START(2, 3)
		Z_PARAM_STR(asked.texts[0])
		Z_PARAM_STR(asked.texts[1])
		Z_PARAM_OPTIONAL
		Z_PARAM_STR_OR_NULL(asked.texts[2])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), ask_remove_damaged, fe_answer_count, &asked, return_value);
}
