#include "host.h"
#include "error.h"

/* A fatal error leaves PHP by longjmp. It must not jump over frames of the library: their locks would stay
 * held and their memory lost (pitfall 5). So it is caught here, the library returns, and fe_run() resumes it. */
int32_t fe_hook(void *user_data, fe_hook_body body, void *asked)
{
	fe_client *client = user_data;
	volatile int32_t said = FE_HOOK_FAILED; /* survives longjmp */

	/* With an exception or a death under way no PHP code may run before the method has returned. */
	if (EG(exception) || client->bailed_out) {
		return FE_HOOK_FAILED;
	}
	zend_try {
		said = body(client, asked);
	} zend_catch {
		client->bailed_out = true;
		said = FE_HOOK_FAILED;
	} zend_end_try();
	return EG(exception) ? FE_HOOK_FAILED : said;
}

static void forget(fe_client *client)
{
	zend_object *thrown = client->set_aside;

	client->set_aside = NULL;
	if (thrown != NULL) {
		OBJ_RELEASE(thrown);
	}
}

/* A refresh token that the EHR has rotated is lost unless it is stored. So the library tries again until its
 * lease ends, while an ordinary exception of the store would keep PHP code from running. */
int32_t fe_hook_again(void *user_data, fe_hook_body body, void *asked)
{
	fe_client *client = user_data;
	bool under_way = EG(exception) != NULL;
	int32_t said = fe_hook(client, body, asked);

	if (under_way || client->bailed_out) {
		return said;
	}
	if (EG(exception) == NULL) {
		forget(client);
	} else if (!zend_is_unwind_exit(EG(exception)) && !zend_is_graceful_exit(EG(exception))) {
		forget(client);
		client->set_aside = EG(exception);
		GC_ADDREF(client->set_aside);
		zend_clear_exception();
	}
	return said;
}

bool fe_call(zval *hook, const char *method, uint32_t count, zval *arguments, zval *answer)
{
	zend_object *object = Z_OBJ_P(hook);
	zend_function *function = zend_hash_str_find_ptr(&object->ce->function_table, method, strlen(method));

	ZVAL_UNDEF(answer);
	zend_call_known_instance_method(function, object, answer, count, arguments);
	for (uint32_t i = 0; i < count; i++) {
		zval_ptr_dtor(&arguments[i]);
	}
	if (EG(exception)) {
		zval_ptr_dtor(answer);
		ZVAL_UNDEF(answer);
		return false;
	}
	return true;
}

static void give_back(fe_asked *asked)
{
	fhir_ehr_text_free(asked->text);
	fhir_ehr_text_free(asked->more[0]);
	fhir_ehr_text_free(asked->more[1]);
	fhir_ehr_rows_free(asked->rows);
}

/* What was set aside comes out as it is. Only that a sign-in is lost must be known too. */
static void throw_set_aside(fe_client *client, fhir_ehr_status status, struct fhir_ehr_error *error)
{
	zend_object *thrown = client->set_aside;

	client->set_aside = NULL;
	if (status != FHIR_EHR_E_GRANT_LOST) {
		zend_throw_exception_internal(thrown);
		return;
	}
	fe_throw(status, error);
	zend_exception_set_previous(EG(exception), thrown);
}

/* Making the PHP value may exceed memory_limit; the library's memory must be given back then too (pitfall 6). */
static bool tell(fe_client *client, fhir_ehr_status status, struct fhir_ehr_error *error, fe_answer answer,
	fe_asked *asked, zval *return_value)
{
	volatile bool alive = true;

	zend_try {
		if (EG(exception)) {
			/* A hook threw: its exception comes out as it is, whatever the library made of it. */
			forget(client);
		} else if (client->set_aside != NULL) {
			throw_set_aside(client, status, error);
		} else if (status != 0) {
			fe_throw(status, error);
		} else if (answer != NULL) {
			answer(asked, return_value);
		}
	} zend_catch {
		alive = false;
	} zend_end_try();
	return alive;
}

void fe_run(zend_object *object, fe_ask ask, fe_answer answer, fe_asked *asked, zval *return_value)
{
	fe_client *client = fe_client_of(object);
	struct fhir_ehr_error *error = NULL;
	fhir_ehr_status status;
	bool alive;

	/* A hook may drop the last reference to its client (pitfall 18). */
	GC_ADDREF(object);
	status = ask(client, asked, &error);
	alive = !client->bailed_out && tell(client, status, error, answer, asked, return_value);
	client->bailed_out = false; /* shutdown functions may use it again */
	client->set_aside = NULL; /* after a death its memory goes with the request's */
	fhir_ehr_error_free(error);
	give_back(asked);
	if (!alive) {
		zend_bailout();
	}
	OBJ_RELEASE(object);
}
