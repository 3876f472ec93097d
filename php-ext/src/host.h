/* The client as PHP holds it, and the two shapes in which all calls are made: PHP to library, library to PHP. */

#ifndef FHIR_EHR_HOST_H
#define FHIR_EHR_HOST_H

#include "classes.h"

typedef struct {
	struct fhir_ehr_core *core;
	struct fhir_ehr_client *handle;
	/* The hooks: objects, or undefined. */
	zval store, access, log, secret_provider;
	/* A hook died of a fatal error; the method goes on dying when the library has returned. */
	bool bailed_out;
	/* What the store threw in a hook that the library may call again. */
	zend_object *set_aside;
	zend_object std;
} fe_client;

static inline fe_client *fe_client_of(zend_object *object)
{
	return (fe_client *) ((char *) object - XtOffsetOf(fe_client, std));
}

/* What a method asks the library, and what it got. */
typedef struct {
	zend_string *texts[4];
	struct fhir_ehr_text *text;
	struct fhir_ehr_text *more[2];
	struct fhir_ehr_rows *rows;
	size_t count;
} fe_asked;

/* A text's pointer and length, as the library takes them. NULL is the absent text. */
#define FE_TEXT(string) \
	((string) == NULL ? NULL : ZSTR_VAL(string)), ((string) == NULL ? (size_t) 0 : ZSTR_LEN(string))

/* The first three texts of a call. */
#define FE_TEXTS(asked) \
	FE_TEXT((asked)->texts[0]), FE_TEXT((asked)->texts[1]), FE_TEXT((asked)->texts[2])

typedef fhir_ehr_status (*fe_ask)(fe_client *client, fe_asked *asked, struct fhir_ehr_error **error);
typedef void (*fe_answer)(const fe_asked *asked, zval *return_value);

/* Every method: `ask` runs the library, which may come back through hooks; `answer` makes a PHP value of what
 * it gave, which is freed whatever happens. */
void fe_run(zend_object *object, fe_ask ask, fe_answer answer, fe_asked *asked, zval *return_value);

/* What a hook says when it has failed: any other number than FHIR_EHR_HOOK_DONE and FHIR_EHR_HOOK_NO. */
#define FE_HOOK_FAILED (-1)

typedef int32_t (*fe_hook_body)(fe_client *client, void *asked);

/* Every hook: `body` runs PHP code, which may throw, exit or die. */
int32_t fe_hook(void *user_data, fe_hook_body body, void *asked);

/* The same for a hook that the library may call again: what it throws is set aside, so that PHP code can run
 * again, and is forgotten when a later call works. Otherwise it comes out of the method. */
int32_t fe_hook_again(void *user_data, fe_hook_body body, void *asked);

/* Calls a method of a hook object; takes the arguments. False when it threw. `method` in small letters. */
bool fe_call(zval *hook, const char *method, uint32_t count, zval *arguments, zval *answer);

/* The tables of hooks that the library wants. */
struct fhir_ehr_store fe_store_hooks(fe_client *client);
struct fhir_ehr_access fe_access_hooks(fe_client *client);
struct fhir_ehr_log fe_log_hooks(fe_client *client);
struct fhir_ehr_secret_provider fe_secret_provider_hooks(fe_client *client);

#endif
