/* Requests as the JSON documents that the library reads. */

#include "request.h"
#include "value.h"
#include "Zend/zend_enum.h"
#include "Zend/zend_smart_str.h"
#include "ext/json/php_json.h"

/* Properties of PullRequest, in the order of its stub. */
enum {
	USER,
	SOURCE,
	PROJECT,
	ENVIRONMENT,
	RECORD,
	MRN,
	MAPPING,
	DATES,
	OFFSET_DAYS,
	OFFSET_DIRECTION,
	TEXT,
	SYSTEM,
	LAUNCH_PATIENT,
	EXPLAIN,
	PROJECT_SOURCES,
	PROJECT_SYSTEM_ACCOUNT
};

/* Properties of PatientRequest, in the order of its stub. */
enum {
	P_USER,
	P_SOURCE,
	P_MRN,
	P_PATIENT_ID,
	P_FIELDS,
	P_PROJECT,
	P_ENVIRONMENT,
	P_SYSTEM,
	P_TEXT,
	P_PROJECT_SOURCES,
	P_PROJECT_SYSTEM_ACCOUNT
};

zend_string *fe_json_encode(zval *value)
{
	smart_str json = {0};
	zend_result made = php_json_encode(&json, value, PHP_JSON_UNESCAPED_SLASHES | PHP_JSON_UNESCAPED_UNICODE);

	zval_ptr_dtor(value);
	if (made == SUCCESS && json.s != NULL) {
		return smart_str_extract(&json);
	}
	smart_str_free(&json);
	return zend_string_init("\xff", 1, false);
}

static void add(zval *document, const char *name, zval *value)
{
	Z_TRY_ADDREF_P(value);
	add_assoc_zval(document, name, value);
}

static void add_case(zval *document, const char *name, zval *value)
{
	add(document, name, zend_enum_fetch_case_value(Z_OBJ_P(value)));
}

static void add_key(zval *target, const char *name, zend_string *key, zend_ulong number)
{
	if (key != NULL) {
		add_assoc_str(target, name, zend_string_copy(key));
	} else {
		add_assoc_str(target, name, zend_long_to_str((zend_long) number)); /* PHP converts the key "2024" to a number */
	}
}

static void add_date(zval *list, zend_string *field, zend_ulong field_number, zval *date, zval *event)
{
	zval entry;

	array_init(&entry);
	add_key(&entry, "field", field, field_number);
	add(&entry, "date", date);
	if (event != NULL) {
		add(&entry, "event", event);
	}
	add_next_index_zval(list, &entry);
}

static void add_dates(zval *document, HashTable *dates)
{
	zval list, event, *date, *in_event;
	zend_string *field, *name;
	zend_ulong number, event_number;

	array_init(&list);
	ZEND_HASH_FOREACH_KEY_VAL(dates, number, field, date) {
		ZVAL_DEREF(date);
		if (Z_TYPE_P(date) != IS_ARRAY) {
			add_date(&list, field, number, date, NULL);
			continue;
		}
		ZEND_HASH_FOREACH_KEY_VAL(Z_ARRVAL_P(date), event_number, name, in_event) {
			ZVAL_DEREF(in_event);
			ZVAL_STR(&event, name == NULL ? zend_long_to_str((zend_long) event_number) : zend_string_copy(name));
			add_date(&list, field, number, in_event, &event);
			zval_ptr_dtor(&event);
		}
		ZEND_HASH_FOREACH_END();
	}
	ZEND_HASH_FOREACH_END();
	add_assoc_zval(document, "dates", &list);
}

/* A project without an environment is sent as such; the library refuses it. */
static void add_project(zval *document, zval *id, zval *environment, zval *sources, zval *system_account)
{
	zval project;

	array_init(&project);
	add(&project, "id", id);
	if (Z_TYPE_P(environment) == IS_OBJECT) {
		add_case(&project, "environment", environment);
	}
	add(&project, "sources", sources);
	add(&project, "system_account", system_account);
	add_assoc_zval(document, "project", &project);
}

zend_string *fe_patient_document(zend_object *request)
{
	zval document, *project = OBJ_PROP_NUM(request, P_PROJECT);

	array_init(&document);
	add(&document, "user", OBJ_PROP_NUM(request, P_USER));
	add(&document, "system", OBJ_PROP_NUM(request, P_SYSTEM));
	add(&document, "source", OBJ_PROP_NUM(request, P_SOURCE));
	add(&document, "mrn", OBJ_PROP_NUM(request, P_MRN));
	add(&document, "patient_id", OBJ_PROP_NUM(request, P_PATIENT_ID));
	add(&document, "fields", OBJ_PROP_NUM(request, P_FIELDS));
	if (Z_STRLEN_P(project) > 0) {
		add_project(&document, project, OBJ_PROP_NUM(request, P_ENVIRONMENT), OBJ_PROP_NUM(request, P_PROJECT_SOURCES),
			OBJ_PROP_NUM(request, P_PROJECT_SYSTEM_ACCOUNT));
	}
	add_case(&document, "text", OBJ_PROP_NUM(request, P_TEXT));
	return fe_json_encode(&document);
}

zend_string *fe_pull_document(zend_object *request)
{
	zval document;

	array_init(&document);
	add(&document, "user", OBJ_PROP_NUM(request, USER));
	add(&document, "system", OBJ_PROP_NUM(request, SYSTEM));
	add(&document, "source", OBJ_PROP_NUM(request, SOURCE));
	add_project(&document, OBJ_PROP_NUM(request, PROJECT), OBJ_PROP_NUM(request, ENVIRONMENT),
		OBJ_PROP_NUM(request, PROJECT_SOURCES), OBJ_PROP_NUM(request, PROJECT_SYSTEM_ACCOUNT));
	add(&document, "record", OBJ_PROP_NUM(request, RECORD));
	add(&document, "mrn", OBJ_PROP_NUM(request, MRN));
	add(&document, "mapping", OBJ_PROP_NUM(request, MAPPING));
	add_dates(&document, Z_ARRVAL_P(OBJ_PROP_NUM(request, DATES)));
	add(&document, "offset_days", OBJ_PROP_NUM(request, OFFSET_DAYS));
	add_case(&document, "offset_direction", OBJ_PROP_NUM(request, OFFSET_DIRECTION));
	add_case(&document, "text", OBJ_PROP_NUM(request, TEXT));
	add(&document, "launch_patient", OBJ_PROP_NUM(request, LAUNCH_PATIENT));
	add(&document, "explain", OBJ_PROP_NUM(request, EXPLAIN));
	return fe_json_encode(&document);
}
