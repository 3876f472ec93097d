/* Calls from PHP into the library, and from the library into hooks written in PHP. */

#include "host.h"
#include "error.h"

/* A fatal error leaves PHP by longjmp (pitfall 5). It must not jump over the library's Rust frames: their locks would stay held
 * and their memory would leak. So this function catches it, the library returns, and fe_run() continues it. */
int32_t fe_run_hook(void *user_data, fe_hook_body body, void *args)
{
	fe_client *client = user_data;
	volatile int32_t result = FE_HOOK_FAILED; /* volatile: it is read after a longjmp */

	/* After an exception or a fatal error no PHP code may run before the method has returned. */
	if (EG(exception) || client->bailed_out) {
		return FE_HOOK_FAILED;
	}
	zend_try
	{
		result = body(client, args);
	}
	zend_catch
	{
		client->bailed_out = true;
		result = FE_HOOK_FAILED;
	}
	zend_end_try();
	return EG(exception) ? FE_HOOK_FAILED : result;
}

static void release_set_aside(fe_client *client)
{
	zend_object *exception = client->set_aside;

	client->set_aside = NULL;
	if (exception != NULL) {
		OBJ_RELEASE(exception);
	}
}

/* A refresh token that the EHR has rotated is lost unless it is stored. So the library calls the store again until its lease
 * ends. A pending exception would keep PHP code from running. */
int32_t fe_run_retried_hook(void *user_data, fe_hook_body body, void *args)
{
	fe_client *client = user_data;
	bool already_pending = EG(exception) != NULL;
	int32_t result = fe_run_hook(client, body, args);

	if (already_pending || client->bailed_out) {
		return result;
	}
	if (EG(exception) == NULL) {
		release_set_aside(client);
	} else if (!zend_is_unwind_exit(EG(exception)) && !zend_is_graceful_exit(EG(exception))) {
		release_set_aside(client);
		client->set_aside = EG(exception);
		GC_ADDREF(client->set_aside);
		zend_clear_exception();
	}
	return result;
}

bool fe_call_method(zval *hook, const char *method, uint32_t count, zval *arguments, zval *result)
{
	zend_object *object = Z_OBJ_P(hook);
	zend_function *function = zend_hash_str_find_ptr(&object->ce->function_table, method, strlen(method));

	ZVAL_UNDEF(result);
	zend_call_known_instance_method(function, object, result, count, arguments);
	for (uint32_t i = 0; i < count; i++) {
		zval_ptr_dtor(&arguments[i]);
	}
	if (EG(exception)) {
		zval_ptr_dtor(result);
		ZVAL_UNDEF(result);
		return false;
	}
	return true;
}

static void free_results(fe_call *call)
{
	fhir_ehr_text_free(call->text);
	fhir_ehr_text_free(call->more[0]);
	fhir_ehr_text_free(call->more[1]);
	fhir_ehr_rows_free(call->rows);
}

/* Throws the store's own exception. When the sign-in was lost, the application must see that code, so the store's exception
 * becomes the previous one. */
static void throw_set_aside(fe_client *client, fhir_ehr_status status, struct fhir_ehr_error *error)
{
	zend_object *exception = client->set_aside;

	client->set_aside = NULL;
	if (status != FHIR_EHR_E_GRANT_LOST) {
		zend_throw_exception_internal(exception);
		return;
	}
	fe_throw(status, error);
	zend_exception_set_previous(EG(exception), exception);
}

/* Throws, or converts the result. Returns false after a fatal error: the conversion may exceed memory_limit, and the library's
 * memory must be freed even then (pitfall 6). */
static bool return_or_throw(fe_client *client, fhir_ehr_status status, struct fhir_ehr_error *error, fe_to_php to_php,
	fe_call *call, zval *return_value)
{
	volatile bool completed = true;

	zend_try
	{
		if (EG(exception)) {
			/* A hook threw. Its exception is thrown unchanged, whatever error the library returned. */
			release_set_aside(client);
		} else if (client->set_aside != NULL) {
			throw_set_aside(client, status, error);
		} else if (status != 0) {
			fe_throw(status, error);
		} else if (to_php != NULL) {
			to_php(call, return_value);
		}
	}
	zend_catch
	{
		completed = false;
	}
	zend_end_try();
	return completed;
}

void fe_run(zend_object *object, fe_invoke invoke, fe_to_php to_php, fe_call *call, zval *return_value)
{
	fe_client *client = fe_client_of(object);
	struct fhir_ehr_error *error = NULL;
	fhir_ehr_status status;
	bool completed;

	/* A hook may drop the last reference to the client. */
	GC_ADDREF(object);
	status = invoke(client, call, &error);
	completed = !client->bailed_out && return_or_throw(client, status, error, to_php, call, return_value);
	client->bailed_out = false; /* shutdown functions may use the client again */
	client->set_aside = NULL; /* after a fatal error PHP frees it with the request's memory */
	fhir_ehr_error_free(error);
	free_results(call);
	if (!completed) {
		zend_bailout();
	}
	OBJ_RELEASE(object);
}
