/* FhirEhr\Client: construction, launch and sign-in, pull, review and save. The methods for decided rows are in
 * client_decided.c, those for the administrator in client_admin.c. Each method parses its arguments and calls fe_run(). */

#include "../to_php.h"
#include "../client.h"
#include "../core.h"
#include "../own_error.h"
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

#define HOOK_PARAMETERS(args) \
 Z_PARAM_OPTIONAL \
 Z_PARAM_OBJECT_OF_CLASS_OR_NULL((args).store, fe_Store_ce) \
 Z_PARAM_OBJECT_OF_CLASS_OR_NULL((args).access, fe_Access_ce) \
 Z_PARAM_OBJECT_OF_CLASS_OR_NULL((args).log, fe_Log_ce) \
 Z_PARAM_OBJECT_OF_CLASS_OR_NULL((args).secret_provider, fe_SecretProvider_ce)

ZEND_METHOD(FhirEhr_Client, __construct)
{
	fe_ctor_args args = {.base = ZSTR_EMPTY_ALLOC()};

	ZEND_PARSE_PARAMETERS_START(1, 5)
		Z_PARAM_STR(args.text)
		HOOK_PARAMETERS(args)
	ZEND_PARSE_PARAMETERS_END();
	fe_client_construct(Z_OBJ_P(ZEND_THIS), &args);
}

/* The library's error says why a file cannot be read. */
static fhir_ehr_status invoke_unreadable_file(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_core_from_file(FE_TEXT(call->texts[0]), &client->core, error);
}

ZEND_METHOD(FhirEhr_Client, fromFile)
{
	fe_ctor_args args = {0};
	fe_call call = {0};
	char path[MAXPATHLEN];
	zend_string *name;

	ZEND_PARSE_PARAMETERS_START(1, 5)
		Z_PARAM_PATH_STR(name)
		HOOK_PARAMETERS(args)
	ZEND_PARSE_PARAMETERS_END();
	if (php_check_open_basedir_ex(ZSTR_VAL(name), 0) != 0) {
		fe_throw_own(fe_ConfigurationException_ce, FHIR_EHR_E_CONFIG_INVALID, "config_invalid",
			"PHP may not read the configuration file, because its folder is outside open_basedir.",
			"Add the folder to open_basedir, or move the file.");
		RETURN_THROWS();
	}
	object_init_ex(return_value, fe_Client_ce);
	if (expand_filepath(ZSTR_VAL(name), path) != NULL && (args.text = fe_read_file(path)) != NULL) {
		args.file = zend_string_init(path, strlen(path), false);
		/* zend_dirname() changes the path in place. */
		args.base = zend_string_init(path, zend_dirname(path, strlen(path)), false);
		fe_client_construct(Z_OBJ_P(return_value), &args);
		zend_string_release(args.file);
		zend_string_release(args.base);
		zend_string_release(args.text);
	} else {
		call.texts[0] = name;
		fe_run(Z_OBJ_P(return_value), invoke_unreadable_file, NULL, &call, NULL);
	}
}

static fhir_ehr_status invoke_check_mapping(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_check_mapping(client->handle, FE_TEXTS(call), &call->text, error);
}

static void warnings_to_php(const fe_call *call, zval *return_value)
{
	zval document;

	if (fe_json_decode(&document, fhir_ehr_text_data(call->text), fhir_ehr_text_length(call->text))) {
		RETVAL_COPY(fe_member_of(&document, "warnings"));
		zval_ptr_dtor(&document);
	}
}

ZEND_METHOD(FhirEhr_Client, checkMapping)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(3, 3)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_STR(call.texts[1])
		Z_PARAM_STR(call.texts[2])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_check_mapping, warnings_to_php, &call, return_value);
}

static fhir_ehr_status invoke_source_may_serve(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	int32_t allowed = 0;
	fhir_ehr_status status =
		fhir_ehr_client_source_may_serve(client->handle, FE_TEXT(call->texts[0]), FE_TEXT(call->texts[1]), &allowed, error);

	call->count = allowed == 1;
	return status;
}

static void bool_to_php(const fe_call *call, zval *return_value)
{
	RETVAL_BOOL(call->count);
}

ZEND_METHOD(FhirEhr_Client, sourceMayServe)
{
	fe_call call = {0};
	zend_object *environment;

	ZEND_PARSE_PARAMETERS_START(2, 2)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_OBJ_OF_CLASS(environment, fe_Environment_ce)
	ZEND_PARSE_PARAMETERS_END();
	call.texts[1] = Z_STR_P(zend_enum_fetch_case_value(environment));
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_source_may_serve, bool_to_php, &call, return_value);
}

static fhir_ehr_status invoke_pull(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_pull(client->handle, FE_TEXT(call->texts[0]), &call->rows, error);
}

ZEND_METHOD(FhirEhr_Client, pull)
{
	fe_call call = {0};
	zend_object *request;

	ZEND_PARSE_PARAMETERS_START(1, 1)
		Z_PARAM_OBJ_OF_CLASS(request, fe_PullRequest_ce)
	ZEND_PARSE_PARAMETERS_END();
	call.texts[0] = fe_pull_document(request);
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_pull, fe_pull_result_to_php, &call, return_value);
	zend_string_release(call.texts[0]);
}

static fhir_ehr_status invoke_patient(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_patient(client->handle, FE_TEXT(call->texts[0]), &call->text, error);
}

ZEND_METHOD(FhirEhr_Client, patient)
{
	fe_call call = {0};
	zend_object *request;

	ZEND_PARSE_PARAMETERS_START(1, 1)
		Z_PARAM_OBJ_OF_CLASS(request, fe_PatientRequest_ce)
	ZEND_PARSE_PARAMETERS_END();
	call.texts[0] = fe_patient_document(request);
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_patient, fe_patient_to_php, &call, return_value);
	zend_string_release(call.texts[0]);
}

static fhir_ehr_status invoke_staged(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_staged(client->handle, FE_TEXTS(call), &call->rows, error);
}

ZEND_METHOD(FhirEhr_Client, staged)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(2, 3)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_STR(call.texts[1])
		Z_PARAM_OPTIONAL
		Z_PARAM_STR_OR_NULL(call.texts[2])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_staged, fe_rows_to_php, &call, return_value);
}

static fhir_ehr_status invoke_adjudicate(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_adjudicate(client->handle, FE_TEXTS(call), FE_TEXT(call->texts[3]), &call->count, error);
}

/* Adds a list of row keys to the decisions. */
static bool add_keys(zval *decisions, const char *name, HashTable *keys, uint32_t argument)
{
	zval list;
	bool valid = fe_copy_strings(&list, keys, argument);

	add_assoc_zval(decisions, name, &list);
	return valid;
}

ZEND_METHOD(FhirEhr_Client, adjudicate)
{
	fe_call call = {0};
	HashTable *accept = NULL, *reject = NULL;
	zval decisions;

	ZEND_PARSE_PARAMETERS_START(3, 5)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_STR(call.texts[1])
		Z_PARAM_STR(call.texts[2])
		Z_PARAM_OPTIONAL
		Z_PARAM_ARRAY_HT(accept)
		Z_PARAM_ARRAY_HT(reject)
	ZEND_PARSE_PARAMETERS_END();
	array_init(&decisions);
	if (!add_keys(&decisions, "accept", accept, 4) || !add_keys(&decisions, "reject", reject, 5)) {
		zval_ptr_dtor(&decisions);
		RETURN_THROWS();
	}
	call.texts[3] = fe_json_encode(&decisions);
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_adjudicate, fe_count_to_php, &call, return_value);
	zend_string_release(call.texts[3]);
}

static fhir_ehr_status invoke_values_to_save(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_values_to_save(client->handle, FE_TEXTS(call), &call->text, error);
}

ZEND_METHOD(FhirEhr_Client, valuesToSave)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(3, 3)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_STR(call.texts[1])
		Z_PARAM_STR(call.texts[2])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_values_to_save, fe_save_set_to_php, &call, return_value);
}

static fhir_ehr_status invoke_confirm_saved(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_confirm_saved(client->handle, FE_TEXTS(call), &call->count, error);
}

static fhir_ehr_status invoke_return_unsaved(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_return_unsaved(client->handle, FE_TEXTS(call), &call->count, error);
}

/* Parses project, record and save id. */
static void run_for_save_set(INTERNAL_FUNCTION_PARAMETERS, fe_invoke invoke)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_START(3, 3)
		Z_PARAM_STR(call.texts[0])
		Z_PARAM_STR(call.texts[1])
		Z_PARAM_STR(call.texts[2])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke, fe_count_to_php, &call, return_value);
}

ZEND_METHOD(FhirEhr_Client, confirmSaved)
{
	run_for_save_set(INTERNAL_FUNCTION_PARAM_PASSTHRU, invoke_confirm_saved);
}

ZEND_METHOD(FhirEhr_Client, returnUnsaved)
{
	run_for_save_set(INTERNAL_FUNCTION_PARAM_PASSTHRU, invoke_return_unsaved);
}

static fhir_ehr_status invoke_purge_expired(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_purge_expired(client->handle, &call->count, error);
}

ZEND_METHOD(FhirEhr_Client, purgeExpired)
{
	fe_call call = {0};

	ZEND_PARSE_PARAMETERS_NONE();
	fe_run(Z_OBJ_P(ZEND_THIS), invoke_purge_expired, fe_count_to_php, &call, return_value);
}
