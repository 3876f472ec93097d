#include "../answer.h"
#include "../client.h"
#include "../core.h"
#include "../error.h"
#include "../request.h"
#include "../value.h"
#include "Zend/zend_attributes.h"
#include "Zend/zend_enum.h"
#include "Client_arginfo.h"

zend_class_entry *fe_Client_ce;

void fe_register_Client(void)
{
	fe_Client_ce = register_class_FhirEhr_Client();
	fe_client_class(fe_Client_ce);
}

#define HOOK_PARAMETERS(given) \
	Z_PARAM_OPTIONAL \
	Z_PARAM_OBJECT_OF_CLASS_OR_NULL((given).store, fe_Store_ce) \
	Z_PARAM_OBJECT_OF_CLASS_OR_NULL((given).access, fe_Access_ce) \
	Z_PARAM_OBJECT_OF_CLASS_OR_NULL((given).log, fe_Log_ce) \
	Z_PARAM_OBJECT_OF_CLASS_OR_NULL((given).secret_provider, fe_SecretProvider_ce)

ZEND_METHOD(FhirEhr_Client, __construct)
{
	fe_given given = {.base = ZSTR_EMPTY_ALLOC()};

	ZEND_PARSE_PARAMETERS_START(1, 5)
		Z_PARAM_STR(given.text)
		HOOK_PARAMETERS(given)
	ZEND_PARSE_PARAMETERS_END();
	fe_client_construct(Z_OBJ_P(ZEND_THIS), &given);
}

/* The library says best why it cannot read a file. */
static fhir_ehr_status fail_with_file(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error)
{
	return fhir_ehr_core_from_file(FE_TEXT(asked->texts[0]), &client->core, error);
}

ZEND_METHOD(FhirEhr_Client, fromFile)
{
	fe_given given = {0};
	fe_asked asked = {0};
	char path[MAXPATHLEN];
	zend_string *named;

	ZEND_PARSE_PARAMETERS_START(1, 5)
		Z_PARAM_PATH_STR(named)
		HOOK_PARAMETERS(given)
	ZEND_PARSE_PARAMETERS_END();
	if (php_check_open_basedir_ex(ZSTR_VAL(named), 0) != 0) {
		fe_throw_own(fe_ConfigurationException_ce, FHIR_EHR_E_CONFIG_INVALID, "config_invalid",
			"PHP may not read the configuration file: its folder is outside open_basedir.",
			"Add the folder to open_basedir, or move the file.");
		RETURN_THROWS();
	}
	object_init_ex(return_value, fe_Client_ce);
	if (expand_filepath(ZSTR_VAL(named), path) != NULL && (given.text = fe_read_file(path)) != NULL) {
		given.file = zend_string_init(path, strlen(path), false);
		/* It shortens the path in its place. */
		given.base = zend_string_init(path, zend_dirname(path, strlen(path)), false);
		fe_client_construct(Z_OBJ_P(return_value), &given);
		zend_string_release(given.file);
		zend_string_release(given.base);
		zend_string_release(given.text);
	} else {
		asked.texts[0] = named;
		fe_run(Z_OBJ_P(return_value), fail_with_file, NULL, &asked, NULL);
	}
}

static void answer_text(const fe_asked *asked, zval *return_value)
{
	RETVAL_STRINGL(fhir_ehr_text_data(asked->text), fhir_ehr_text_length(asked->text));
}

static fhir_ehr_status ask_arrive(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_handle_launch(client->handle, FE_TEXTS(asked), &asked->text, error);
}

ZEND_METHOD(FhirEhr_Client, handleLaunch)
{
	fe_asked asked = {0};

	ZEND_PARSE_PARAMETERS_START(3, 3)
		Z_PARAM_STR(asked.texts[0])
		Z_PARAM_STR(asked.texts[1])
		Z_PARAM_STR(asked.texts[2])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), ask_arrive, fe_answer_launch_result, &asked, return_value);
}

static fhir_ehr_status ask_sign_in(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_sign_in(client->handle, FE_TEXTS(asked), FE_TEXT(asked->texts[3]), &asked->text, error);
}

ZEND_METHOD(FhirEhr_Client, signIn)
{
	fe_asked asked = {0};

	ZEND_PARSE_PARAMETERS_START(4, 4)
		Z_PARAM_STR(asked.texts[0])
		Z_PARAM_STR(asked.texts[1])
		Z_PARAM_STR(asked.texts[2])
		Z_PARAM_STR(asked.texts[3])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), ask_sign_in, answer_text, &asked, return_value);
}

static fhir_ehr_status ask_finish_login(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_finish_login(client->handle, FE_TEXTS(asked), &asked->text, error);
}

ZEND_METHOD(FhirEhr_Client, finishLogin)
{
	fe_asked asked = {0};

	ZEND_PARSE_PARAMETERS_START(3, 3)
		Z_PARAM_STR(asked.texts[0])
		Z_PARAM_STR(asked.texts[1])
		Z_PARAM_STR(asked.texts[2])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), ask_finish_login, fe_answer_signed_in, &asked, return_value);
}

static fhir_ehr_status ask_mapping(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_check_mapping(client->handle, FE_TEXTS(asked), &asked->text, error);
}

static void answer_tolerated(const fe_asked *asked, zval *return_value)
{
	zval document;

	if (fe_document(&document, fhir_ehr_text_data(asked->text), fhir_ehr_text_length(asked->text))) {
		RETVAL_COPY(fe_member_of(&document, "warnings"));
		zval_ptr_dtor(&document);
	}
}

ZEND_METHOD(FhirEhr_Client, checkMapping)
{
	fe_asked asked = {0};

	ZEND_PARSE_PARAMETERS_START(3, 3)
		Z_PARAM_STR(asked.texts[0])
		Z_PARAM_STR(asked.texts[1])
		Z_PARAM_STR(asked.texts[2])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), ask_mapping, answer_tolerated, &asked, return_value);
}

static fhir_ehr_status ask_source_may_serve(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error)
{
	int32_t may = 0;
	fhir_ehr_status status = fhir_ehr_client_source_may_serve(client->handle, FE_TEXT(asked->texts[0]),
		FE_TEXT(asked->texts[1]), &may, error);

	asked->count = may == 1;
	return status;
}

static void answer_bool(const fe_asked *asked, zval *return_value)
{
	RETVAL_BOOL(asked->count);
}

ZEND_METHOD(FhirEhr_Client, sourceMayServe)
{
	fe_asked asked = {0};
	zend_object *environment;

	ZEND_PARSE_PARAMETERS_START(2, 2)
		Z_PARAM_STR(asked.texts[0])
		Z_PARAM_OBJ_OF_CLASS(environment, fe_Environment_ce)
	ZEND_PARSE_PARAMETERS_END();
	asked.texts[1] = Z_STR_P(zend_enum_fetch_case_value(environment));
	fe_run(Z_OBJ_P(ZEND_THIS), ask_source_may_serve, answer_bool, &asked, return_value);
}

static fhir_ehr_status ask_pull(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_pull(client->handle, FE_TEXT(asked->texts[0]), &asked->rows, error);
}

ZEND_METHOD(FhirEhr_Client, pull)
{
	fe_asked asked = {0};
	zend_object *request;

	ZEND_PARSE_PARAMETERS_START(1, 1)
		Z_PARAM_OBJ_OF_CLASS(request, fe_PullRequest_ce)
	ZEND_PARSE_PARAMETERS_END();
	asked.texts[0] = fe_pull_document(request);
	fe_run(Z_OBJ_P(ZEND_THIS), ask_pull, fe_answer_pulled, &asked, return_value);
	zend_string_release(asked.texts[0]);
}

static fhir_ehr_status ask_patient(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_patient(client->handle, FE_TEXT(asked->texts[0]), &asked->text, error);
}

ZEND_METHOD(FhirEhr_Client, patient)
{
	fe_asked asked = {0};
	zend_object *request;

	ZEND_PARSE_PARAMETERS_START(1, 1)
		Z_PARAM_OBJ_OF_CLASS(request, fe_PatientRequest_ce)
	ZEND_PARSE_PARAMETERS_END();
	asked.texts[0] = fe_patient_document(request);
	fe_run(Z_OBJ_P(ZEND_THIS), ask_patient, fe_answer_patient, &asked, return_value);
	zend_string_release(asked.texts[0]);
}

static fhir_ehr_status ask_staged(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_staged(client->handle, FE_TEXTS(asked), &asked->rows, error);
}

ZEND_METHOD(FhirEhr_Client, staged)
{
	fe_asked asked = {0};

	ZEND_PARSE_PARAMETERS_START(2, 3)
		Z_PARAM_STR(asked.texts[0])
		Z_PARAM_STR(asked.texts[1])
		Z_PARAM_OPTIONAL
		Z_PARAM_STR_OR_NULL(asked.texts[2])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), ask_staged, fe_answer_rows, &asked, return_value);
}

static fhir_ehr_status ask_adjudicate(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_adjudicate(client->handle, FE_TEXTS(asked), FE_TEXT(asked->texts[3]), &asked->count, error);
}

/* Adds a list of keys to the decisions. */
static bool add_keys(zval *decisions, const char *name, HashTable *keys, uint32_t argument)
{
	zval list;
	bool fine = fe_keys(&list, keys, argument);

	add_assoc_zval(decisions, name, &list);
	return fine;
}

ZEND_METHOD(FhirEhr_Client, adjudicate)
{
	fe_asked asked = {0};
	HashTable *accept = NULL, *reject = NULL;
	zval decisions;

	ZEND_PARSE_PARAMETERS_START(3, 5)
		Z_PARAM_STR(asked.texts[0])
		Z_PARAM_STR(asked.texts[1])
		Z_PARAM_STR(asked.texts[2])
		Z_PARAM_OPTIONAL
		Z_PARAM_ARRAY_HT(accept)
		Z_PARAM_ARRAY_HT(reject)
	ZEND_PARSE_PARAMETERS_END();
	array_init(&decisions);
	if (!add_keys(&decisions, "accept", accept, 4) || !add_keys(&decisions, "reject", reject, 5)) {
		zval_ptr_dtor(&decisions);
		RETURN_THROWS();
	}
	asked.texts[3] = fe_json(&decisions);
	fe_run(Z_OBJ_P(ZEND_THIS), ask_adjudicate, fe_answer_count, &asked, return_value);
	zend_string_release(asked.texts[3]);
}

static fhir_ehr_status ask_values(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_values_to_save(client->handle, FE_TEXTS(asked), &asked->text, error);
}

ZEND_METHOD(FhirEhr_Client, valuesToSave)
{
	fe_asked asked = {0};

	ZEND_PARSE_PARAMETERS_START(3, 3)
		Z_PARAM_STR(asked.texts[0])
		Z_PARAM_STR(asked.texts[1])
		Z_PARAM_STR(asked.texts[2])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), ask_values, fe_answer_save_set, &asked, return_value);
}

static fhir_ehr_status ask_saved(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_confirm_saved(client->handle, FE_TEXTS(asked), &asked->count, error);
}

static fhir_ehr_status ask_not_saved(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_return_unsaved(client->handle, FE_TEXTS(asked), &asked->count, error);
}

static void settle(INTERNAL_FUNCTION_PARAMETERS, fe_ask ask)
{
	fe_asked asked = {0};

	ZEND_PARSE_PARAMETERS_START(3, 3)
		Z_PARAM_STR(asked.texts[0])
		Z_PARAM_STR(asked.texts[1])
		Z_PARAM_STR(asked.texts[2])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), ask, fe_answer_count, &asked, return_value);
}

ZEND_METHOD(FhirEhr_Client, confirmSaved)
{
	settle(INTERNAL_FUNCTION_PARAM_PASSTHRU, ask_saved);
}

ZEND_METHOD(FhirEhr_Client, returnUnsaved)
{
	settle(INTERNAL_FUNCTION_PARAM_PASSTHRU, ask_not_saved);
}

static fhir_ehr_status ask_purge(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_purge_expired(client->handle, &asked->count, error);
}

ZEND_METHOD(FhirEhr_Client, purgeExpired)
{
	fe_asked asked = {0};

	ZEND_PARSE_PARAMETERS_NONE();
	fe_run(Z_OBJ_P(ZEND_THIS), ask_purge, fe_answer_count, &asked, return_value);
}
