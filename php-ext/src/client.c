/* The client object: creation, destruction, garbage collection and construction. */

#include "client.h"
#include "core.h"
#include "hooks.h"
#include "store_hooks.h"

static zend_object_handlers handlers;

static zend_object *client_create(zend_class_entry *ce)
{
	fe_client *client = zend_object_alloc(sizeof(fe_client), ce);

	memset(client, 0, XtOffsetOf(fe_client, std));
	zend_object_std_init(&client->std, ce);
	object_properties_init(&client->std, ce);
	client->std.handlers = &handlers;
	return &client->std;
}

static void client_free(zend_object *object)
{
	fe_client *client = fe_client_of(object);

	/* The library's client goes first: a destructor of a hook may run any PHP code. */
	fhir_ehr_client_free(client->handle);
	fhir_ehr_core_free(client->core);
	client->handle = NULL;
	client->core = NULL;
	zval_ptr_dtor(&client->store);
	zval_ptr_dtor(&client->access);
	zval_ptr_dtor(&client->log);
	zval_ptr_dtor(&client->secret_provider);
	zend_object_std_dtor(object);
}

/* A store that holds its client is a cycle. Without get_gc it would not be freed before the request ends (pitfall 18). */
static HashTable *client_get_gc(zend_object *object, zval **table, int *count)
{
	fe_client *client = fe_client_of(object);
	zend_get_gc_buffer *buffer = zend_get_gc_buffer_create();

	zend_get_gc_buffer_add_zval(buffer, &client->store);
	zend_get_gc_buffer_add_zval(buffer, &client->access);
	zend_get_gc_buffer_add_zval(buffer, &client->log);
	zend_get_gc_buffer_add_zval(buffer, &client->secret_provider);
	zend_get_gc_buffer_use(buffer, table, count);
	return zend_std_get_properties(object);
}

void fe_client_class(zend_class_entry *ce)
{
	ce->create_object = client_create;
	handlers = std_object_handlers;
	handlers.offset = XtOffsetOf(fe_client, std);
	handlers.free_obj = client_free;
	handlers.get_gc = client_get_gc;
	handlers.clone_obj = NULL;
}

static void copy_hook(zval *target, zval *hook)
{
	if (hook != NULL) {
		ZVAL_COPY(target, hook);
	}
}

static fhir_ehr_status set_hooks(fe_client *client, struct fhir_ehr_error **error)
{
	struct fhir_ehr_store store = fe_store_hooks(client);
	struct fhir_ehr_access access = fe_access_hooks(client);
	struct fhir_ehr_log log = fe_log_hooks(client);
	struct fhir_ehr_secret_provider secret_provider = fe_secret_provider_hooks(client);
	fhir_ehr_status status = 0;

	/* Without an access hook the library refuses each call that asks for permission. */
	if (Z_TYPE(client->access) == IS_OBJECT) {
		status = fhir_ehr_client_set_access(client->handle, &access, error);
	}
	if (status == 0 && Z_TYPE(client->store) == IS_OBJECT) {
		status = fhir_ehr_client_set_store(client->handle, &store, error);
	}
	if (status == 0 && Z_TYPE(client->log) == IS_OBJECT) {
		status = fhir_ehr_client_set_log(client->handle, &log, error);
	}
	if (status == 0 && Z_TYPE(client->secret_provider) == IS_OBJECT) {
		status = fhir_ehr_client_set_secret_provider(client->handle, &secret_provider, error);
	}
	return status;
}

/* Replaces the error about a configuration text with the error about its file, which has the file's name. */
static fhir_ehr_status error_of_file(zend_string *file, fhir_ehr_status status, struct fhir_ehr_error **error)
{
	struct fhir_ehr_core *core = NULL;
	struct fhir_ehr_error *file_error = NULL;
	fhir_ehr_status file_status = fhir_ehr_core_from_file(ZSTR_VAL(file), ZSTR_LEN(file), &core, &file_error);

	if (file_status != 0) {
		fhir_ehr_error_free(*error);
		*error = file_error;
		return file_status;
	}
	fhir_ehr_core_free(core); /* the file was changed in the meantime */
	return status;
}

static fhir_ehr_status invoke_construct(fe_client *client, fe_call *call, struct fhir_ehr_error **error)
{
	fhir_ehr_status status = fe_core_for(call->texts[0], call->texts[1], &client->core, error);

	if (status != 0 && call->texts[2] != NULL) {
		return error_of_file(call->texts[2], status, error);
	}
	if (status == 0) {
		status = fhir_ehr_client_new(client->core, &client->handle, error);
	}
	return status == 0 ? set_hooks(client, error) : status;
}

void fe_client_construct(zend_object *object, const fe_ctor_args *args)
{
	fe_client *client = fe_client_of(object);
	fe_call call = {.texts = {args->text, args->base, args->file}};

	if (client->core != NULL) {
		zend_throw_error(NULL, "FhirEhr\\Client cannot be constructed twice");
		return;
	}
	copy_hook(&client->store, args->store);
	copy_hook(&client->access, args->access);
	copy_hook(&client->log, args->log);
	copy_hook(&client->secret_provider, args->secret_provider);
	fe_run(object, invoke_construct, NULL, &call, NULL);
}
