/* Methods of FhirEhr\Client for the administrator's pages: what is configured, and what is asked for there. */

#include "answer.h"
#include "value.h"
#include "ext/standard/php_string.h"

ZEND_METHOD(FhirEhr_Client, scopes);
ZEND_METHOD(FhirEhr_Client, sources);
ZEND_METHOD(FhirEhr_Client, discover);
ZEND_METHOD(FhirEhr_Client, checkSource);

static fhir_ehr_status ask_scopes(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error)
{
	const zend_string *source = asked->texts[0];
	fhir_ehr_status status = fhir_ehr_core_scopes(client->core, FE_TEXT(source), FHIR_EHR_SCOPES_LAUNCH,
		&asked->text, error);

	if (status == 0) {
		status = fhir_ehr_core_scopes(client->core, FE_TEXT(source), FHIR_EHR_SCOPES_STANDALONE,
			&asked->more[0], error);
	}
	if (status == 0) {
		status = fhir_ehr_core_scopes(client->core, FE_TEXT(source), FHIR_EHR_SCOPES_SYSTEM,
			&asked->more[1], error);
	}
	return status;
}

static void add_scopes(zval *target, const char *name, const struct fhir_ehr_text *text)
{
	zend_string *blank = ZSTR_CHAR(' ');
	zend_string *all = zend_string_init(fhir_ehr_text_data(text), fhir_ehr_text_length(text), false);
	zval list;

	array_init(&list);
	if (ZSTR_LEN(all) > 0) {
		php_explode(blank, all, &list, ZEND_LONG_MAX);
	}
	zend_string_release(all);
	add_assoc_zval(target, name, &list);
}

static void answer_scopes(const fe_asked *asked, zval *return_value)
{
	array_init(return_value);
	add_scopes(return_value, "launch", asked->text);
	add_scopes(return_value, "standalone", asked->more[0]);
	add_scopes(return_value, "system", asked->more[1]);
}

ZEND_METHOD(FhirEhr_Client, scopes)
{
	fe_asked asked = {0};

	ZEND_PARSE_PARAMETERS_START(1, 1)
		Z_PARAM_STR(asked.texts[0])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), ask_scopes, answer_scopes, &asked, return_value);
}

static fhir_ehr_status ask_sources(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error)
{
	return fhir_ehr_core_sources(client->core, &asked->text, error);
}

ZEND_METHOD(FhirEhr_Client, sources)
{
	fe_asked asked = {0};

	ZEND_PARSE_PARAMETERS_NONE();
	fe_run(Z_OBJ_P(ZEND_THIS), ask_sources, fe_answer_sources, &asked, return_value);
}

#define TWO_TEXTS(asked) FE_TEXT((asked)->texts[0]), FE_TEXT((asked)->texts[1])

static fhir_ehr_status ask_discover(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_discover(client->handle, TWO_TEXTS(asked), &asked->text, error);
}

ZEND_METHOD(FhirEhr_Client, discover)
{
	fe_asked asked = {0};

	ZEND_PARSE_PARAMETERS_START(2, 2)
		Z_PARAM_STR(asked.texts[0])
		Z_PARAM_STR(asked.texts[1])
	ZEND_PARSE_PARAMETERS_END();
	fe_run(Z_OBJ_P(ZEND_THIS), ask_discover, fe_answer_discovery, &asked, return_value);
}

static fhir_ehr_status ask_check_source(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error)
{
	return fhir_ehr_client_check_source_with(client->handle, TWO_TEXTS(asked), (uint32_t) asked->count, &asked->text, error);
}

ZEND_METHOD(FhirEhr_Client, checkSource)
{
	fe_asked asked = {0};
	bool try_wrong_secret = false;

	ZEND_PARSE_PARAMETERS_START(2, 3)
		Z_PARAM_STR(asked.texts[0])
		Z_PARAM_STR(asked.texts[1])
		Z_PARAM_OPTIONAL
		Z_PARAM_BOOL(try_wrong_secret)
	ZEND_PARSE_PARAMETERS_END();
	asked.count = try_wrong_secret ? FHIR_EHR_CHECK_TRY_WRONG_SECRET : 0; /* the flags */
	fe_run(Z_OBJ_P(ZEND_THIS), ask_check_source, fe_answer_steps, &asked, return_value);
}
