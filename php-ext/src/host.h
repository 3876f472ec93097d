/* The client object, and the two paths between PHP and the library: a method calls the library (fe_run), and the library
 * calls a hook (fe_run_hook). docs/how-an-exception-travels.md follows an exception along both. */

#ifndef FHIR_EHR_HOST_H
#define FHIR_EHR_HOST_H

#include "classes.h"

typedef struct {
	struct fhir_ehr_core *core;
	struct fhir_ehr_client *handle;
	/* The hook objects; IS_UNDEF when not passed. */
	zval store, access, log, secret_provider;
	/* A hook ended with a fatal error. fe_run() continues it when the library has returned. */
	bool bailed_out;
	/* The exception of a store hook that the library may call again. */
	zend_object *set_aside;
	zend_object std;
} fe_client;

static inline fe_client *fe_client_of(zend_object *object)
{
	return (fe_client *) ((char *) object - XtOffsetOf(fe_client, std));
}

/* One call of the library: the arguments of the method, and what the library returned. */
typedef struct {
	zend_string *texts[4];
	struct fhir_ehr_text *text;
	struct fhir_ehr_text *more[2];
	struct fhir_ehr_rows *rows;
	size_t count;
} fe_call;

/* The pointer and the length of a text, as the library takes them. NULL is an absent text. */
#define FE_TEXT(string) ((string) == NULL ? NULL : ZSTR_VAL(string)), ((string) == NULL ? (size_t) 0 : ZSTR_LEN(string))

/* The first three texts of a call. */
#define FE_TEXTS(call) FE_TEXT((call)->texts[0]), FE_TEXT((call)->texts[1]), FE_TEXT((call)->texts[2])

/* Calls a function of the library. */
typedef fhir_ehr_status (*fe_invoke)(fe_client *client, fe_call *call, struct fhir_ehr_error **error);

/* Converts what the library returned to a PHP value. */
typedef void (*fe_to_php)(const fe_call *call, zval *return_value);

/* The body of each method. `invoke` may call hooks. `to_php` runs only when nothing failed; NULL: the method returns nothing.
 * What the library allocated is freed in every case, also after a fatal error. */
void fe_run(zend_object *object, fe_invoke invoke, fe_to_php to_php, fe_call *call, zval *return_value);

/* The result of a hook that failed. The library takes any number except FHIR_EHR_HOOK_DONE and FHIR_EHR_HOOK_NO as a failure. */
#define FE_HOOK_FAILED (-1)

typedef int32_t (*fe_hook_body)(fe_client *client, void *args);

/* The frame of each hook. `body` runs PHP code, which may throw, call exit or end with a fatal error. */
int32_t fe_run_hook(void *user_data, fe_hook_body body, void *args);

/* The same for a hook that the library may call again. An exception is set aside, so that PHP code can run again. It is
 * dropped when a later call succeeds; otherwise fe_run() throws it. */
int32_t fe_run_retried_hook(void *user_data, fe_hook_body body, void *args);

/* Calls a method of a hook object and releases the arguments. `method` is in lower case. False when it threw. */
bool fe_call_method(zval *hook, const char *method, uint32_t count, zval *arguments, zval *result);

#endif
