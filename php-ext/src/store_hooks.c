/* The hooks for the store: from the library's C callbacks to the methods of a PHP Store, with records converted both ways. */

#include "store_hooks.h"
#include "own_error.h"
#include "value.h"

/* Properties of StoredRecord, in the order of its stub. */
enum { KIND, KEY, ORGANIZATION, PROJECT, SUBJECT, STATE, EXPIRES_IN, VERSION, SEALED };

static void text_slot(zend_object *object, uint32_t number, const char *data, size_t length)
{
	ZVAL_STRINGL(fe_slot(object, number), data, length);
}

static void text_or_null(zval *target, const char *data, size_t length)
{
	if (data == NULL) {
		ZVAL_NULL(target);
	} else {
		ZVAL_STRINGL(target, data, length);
	}
}

static void record_to_php(zval *target, const struct fhir_ehr_stored_record *record)
{
	zend_object *object;

	object_init_ex(target, fe_StoredRecord_ce);
	object = Z_OBJ_P(target);
	text_slot(object, KIND, record->kind, record->kind_length);
	text_slot(object, KEY, record->key, record->key_length);
	text_slot(object, ORGANIZATION, record->organization, record->organization_length);
	text_slot(object, PROJECT, record->project, record->project_length);
	text_slot(object, SUBJECT, record->subject, record->subject_length);
	text_slot(object, STATE, record->state, record->state_length);
	if (record->expires_in == FHIR_EHR_NEVER) {
		ZVAL_NULL(fe_slot(object, EXPIRES_IN));
	} else {
		ZVAL_LONG(fe_slot(object, EXPIRES_IN), record->expires_in);
	}
	ZVAL_LONG(fe_slot(object, VERSION), record->version);
	text_slot(object, SEALED, (const char *) record->sealed, record->sealed_length);
}

#define TEXT_OF(field, number) \
 .field = Z_STRVAL_P(OBJ_PROP_NUM(object, number)), .field##_length = Z_STRLEN_P(OBJ_PROP_NUM(object, number))

static bool record_to_library(const zval *value, struct fhir_ehr_sink *sink)
{
	zend_object *object = Z_OBJ_P(value);
	zval *expires_in = OBJ_PROP_NUM(object, EXPIRES_IN);
	struct fhir_ehr_stored_record record = {
		.struct_size = sizeof(record),
		TEXT_OF(kind, KIND),
		TEXT_OF(key, KEY),
		TEXT_OF(organization, ORGANIZATION),
		TEXT_OF(project, PROJECT),
		TEXT_OF(subject, SUBJECT),
		TEXT_OF(state, STATE),
		.expires_in = Z_TYPE_P(expires_in) == IS_LONG ? Z_LVAL_P(expires_in) : FHIR_EHR_NEVER,
		.version = Z_LVAL_P(OBJ_PROP_NUM(object, VERSION)),
		.sealed = (const uint8_t *) Z_STRVAL_P(OBJ_PROP_NUM(object, SEALED)),
		.sealed_length = Z_STRLEN_P(OBJ_PROP_NUM(object, SEALED)),
	};

	return fhir_ehr_sink_stored_record(sink, &record) == 0;
}

struct get_args {
	const char *kind, *key;
	size_t kind_length, key_length;
	struct fhir_ehr_sink *sink;
};

static int32_t call_get(fe_client *client, void *data)
{
	const struct get_args *args = data;
	zval arguments[2], result;

	ZVAL_STRINGL(&arguments[0], args->kind, args->kind_length);
	ZVAL_STRINGL(&arguments[1], args->key, args->key_length);
	if (!fe_call_method(&client->store, "get", 2, arguments, &result)) {
		return FE_HOOK_FAILED;
	}
	if (Z_TYPE(result) == IS_OBJECT) {
		record_to_library(&result, args->sink);
	}
	zval_ptr_dtor(&result);
	return FHIR_EHR_HOOK_DONE;
}

static int32_t get(void *user_data, const char *kind, size_t kind_length, const char *key, size_t key_length,
	struct fhir_ehr_sink *sink)
{
	struct get_args args = {kind, key, kind_length, key_length, sink};

	return fe_run_retried_hook(user_data, call_get, &args);
}

struct write_args {
	const struct fhir_ehr_stored_record *const *parts;
	size_t count;
};

static void write_to_php(zval *target, const struct fhir_ehr_stored_record *part)
{
	zend_object *object;

	object_init_ex(target, fe_Write_ce);
	object = Z_OBJ_P(target);
	text_slot(object, 0, part->kind, part->kind_length);
	text_slot(object, 1, part->key, part->key_length);
	ZVAL_LONG(fe_slot(object, 2), part->version);
	if (part->operation == FHIR_EHR_PUT) {
		record_to_php(fe_slot(object, 3), part);
	} else {
		ZVAL_NULL(fe_slot(object, 3));
	}
}

/* Store::write() returns -1, or the index of the part with the conflict. The library only learns that there was a conflict, so
 * the index is checked here. */
static int32_t write_result(zend_long index, size_t count)
{
	if (index == -1) {
		return FHIR_EHR_HOOK_DONE;
	}
	if (index >= 0 && (zend_ulong) index < count) {
		return FHIR_EHR_HOOK_NO;
	}
	fe_throw_own(fe_StoreException_ce, FHIR_EHR_E_STORE_INCONSISTENT, "store_inconsistent",
		"FhirEhr\\Store::write() returned neither -1 nor an index of the batch.",
		"Return -1 after storing the batch, or the index of the first part whose expected version did not match.");
	return FE_HOOK_FAILED;
}

static int32_t call_write(fe_client *client, void *data)
{
	const struct write_args *args = data;
	zval list, part, result;
	int32_t status;

	array_init_size(&list, (uint32_t) args->count);
	for (size_t i = 0; i < args->count; i++) {
		/* An operation that only a newer library knows cannot be expressed with FhirEhr\Write. */
		if (args->parts[i]->operation != FHIR_EHR_PUT && args->parts[i]->operation != FHIR_EHR_DELETE) {
			zval_ptr_dtor(&list);
			return FE_HOOK_FAILED;
		}
		write_to_php(&part, args->parts[i]);
		add_next_index_zval(&list, &part);
	}
	if (!fe_call_method(&client->store, "write", 1, &list, &result)) {
		return FE_HOOK_FAILED;
	}
	status = write_result(Z_LVAL(result), args->count);
	zval_ptr_dtor(&result);
	return status;
}

static int32_t write_batch(void *user_data, const struct fhir_ehr_stored_record *const *parts, size_t count)
{
	struct write_args args = {parts, count};

	return fe_run_retried_hook(user_data, call_write, &args);
}

struct scan_args {
	const struct fhir_ehr_query *query;
	struct fhir_ehr_sink *sink;
};

static int32_t records_to_library(HashTable *records, struct fhir_ehr_sink *sink)
{
	zval *record;

	ZEND_HASH_FOREACH_VAL(records, record) {
		ZVAL_DEREF(record);
		if (Z_TYPE_P(record) != IS_OBJECT || Z_OBJCE_P(record) != fe_StoredRecord_ce) {
			zend_type_error("FhirEhr\\Store::scan(): Return value must be a list of FhirEhr\\StoredRecord, it contains %s",
				zend_zval_type_name(record));
			return FE_HOOK_FAILED;
		}
		if (!record_to_library(record, sink)) {
			return FE_HOOK_FAILED;
		}
	}
	ZEND_HASH_FOREACH_END();
	return FHIR_EHR_HOOK_DONE;
}

static int32_t call_scan(fe_client *client, void *data)
{
	const struct scan_args *args = data;
	const struct fhir_ehr_query *query = args->query;
	zval arguments[7], result;
	int32_t status;

	ZVAL_STRINGL(&arguments[0], query->kind, query->kind_length);
	ZVAL_STRINGL(&arguments[1], query->organization, query->organization_length);
	text_or_null(&arguments[2], query->project, query->project_length);
	text_or_null(&arguments[3], query->subject, query->subject_length);
	text_or_null(&arguments[4], query->state, query->state_length);
	text_or_null(&arguments[5], query->after_length == 0 ? NULL : query->after, query->after_length);
	ZVAL_LONG(&arguments[6], query->limit > ZEND_LONG_MAX ? ZEND_LONG_MAX : (zend_long) query->limit);
	if (!fe_call_method(&client->store, "scan", 7, arguments, &result)) {
		return FE_HOOK_FAILED;
	}
	status = records_to_library(Z_ARRVAL(result), args->sink);
	zval_ptr_dtor(&result);
	return status;
}

static int32_t scan(void *user_data, const struct fhir_ehr_query *query, struct fhir_ehr_sink *sink)
{
	struct scan_args args = {query, sink};

	return fe_run_hook(user_data, call_scan, &args);
}

struct lease_args {
	const char *name, *holder;
	size_t name_length, holder_length;
	int64_t number; /* seconds, or the fence */
	int64_t *fence;
};

static void lease_arguments(zval *arguments, const struct lease_args *args)
{
	ZVAL_STRINGL(&arguments[0], args->name, args->name_length);
	ZVAL_STRINGL(&arguments[1], args->holder, args->holder_length);
	ZVAL_LONG(&arguments[2], args->number);
}

static int32_t call_acquire(fe_client *client, void *data)
{
	const struct lease_args *args = data;
	zval arguments[3], result;

	lease_arguments(arguments, args);
	if (!fe_call_method(&client->store, "acquirelease", 3, arguments, &result)) {
		return FE_HOOK_FAILED;
	}
	if (Z_TYPE(result) != IS_LONG) {
		return FHIR_EHR_HOOK_NO;
	}
	*args->fence = Z_LVAL(result);
	return FHIR_EHR_HOOK_DONE;
}

static int32_t acquire_lease(void *user_data, const char *name, size_t name_length, const char *holder, size_t holder_length,
	int64_t seconds, int64_t *fence)
{
	struct lease_args args = {name, holder, name_length, holder_length, seconds, fence};

	return fe_run_hook(user_data, call_acquire, &args);
}

static int32_t call_release(fe_client *client, void *data)
{
	zval arguments[3], result;

	lease_arguments(arguments, data);
	return fe_call_method(&client->store, "releaselease", 3, arguments, &result) ? FHIR_EHR_HOOK_DONE : FE_HOOK_FAILED;
}

static int32_t release_lease(void *user_data, const char *name, size_t name_length, const char *holder, size_t holder_length,
	int64_t fence)
{
	struct lease_args args = {name, holder, name_length, holder_length, fence, NULL};

	return fe_run_hook(user_data, call_release, &args);
}

static int32_t call_purge(fe_client *client, void *data)
{
	uint64_t *count = data;
	zval result;

	if (!fe_call_method(&client->store, "purgeexpired", 0, NULL, &result)) {
		return FE_HOOK_FAILED;
	}
	/* A negative count becomes a very large one, which the library refuses. */
	*count = (uint64_t) Z_LVAL(result);
	return FHIR_EHR_HOOK_DONE;
}

static int32_t purge_expired(void *user_data, uint64_t *count)
{
	return fe_run_hook(user_data, call_purge, count);
}

struct fhir_ehr_store fe_store_hooks(fe_client *client)
{
	return (struct fhir_ehr_store) {
		.struct_size = sizeof(struct fhir_ehr_store),
		.user_data = client,
		.get = get,
		.write = write_batch,
		.scan = scan,
		.acquire_lease = acquire_lease,
		.release_lease = release_lease,
		.purge_expired = purge_expired,
	};
}
