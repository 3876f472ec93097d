/* FhirEhr\PullRequest: its constructor. fe_pull_document() makes the JSON document. */

#include "../value.h"
#include "Zend/zend_attributes.h"
#include "PullRequest_arginfo.h"

zend_class_entry *fe_PullRequest_ce;

void fe_register_PullRequest(void)
{
	fe_PullRequest_ce = register_class_FhirEhr_PullRequest();
	fe_value_class(fe_PullRequest_ce, true);
}

/* Copies dates by field, or by event and field. It copies because a read-only property must not hold a reference to a variable
 * of the caller. False when a value is neither a text nor, on the first level, an array. */
static bool copy_dates(zval *target, HashTable *dates, bool in_event)
{
	zend_string *name;
	zend_ulong number;
	zval *date, copy;

	array_init_size(target, zend_hash_num_elements(dates));
	ZEND_HASH_FOREACH_KEY_VAL(dates, number, name, date) {
		ZVAL_DEREF(date);
		if (Z_TYPE_P(date) == IS_STRING) {
			ZVAL_COPY(&copy, date);
		} else if (Z_TYPE_P(date) != IS_ARRAY || in_event || !copy_dates(&copy, Z_ARRVAL_P(date), true)) {
			zval_ptr_dtor(target);
			ZVAL_UNDEF(target);
			return false;
		}
		if (name != NULL) {
			zend_hash_add_new(Z_ARRVAL_P(target), name, &copy);
		} else {
			zend_hash_index_add_new(Z_ARRVAL_P(target), number, &copy);
		}
	}
	ZEND_HASH_FOREACH_END();
	return true;
}

/* Copies the arguments 8 and 15. False, with a TypeError, when one of them has another form. */
static bool copy_arrays(zval *dates_copy, HashTable *dates, zval *sources_copy, HashTable *sources)
{
	ZVAL_EMPTY_ARRAY(dates_copy);
	if (dates != NULL && !copy_dates(dates_copy, dates, false)) {
		zend_argument_type_error(8, "must be an array of dates by field, or of arrays of dates by event");
		return false;
	}
	ZVAL_NULL(sources_copy);
	if (sources != NULL && !fe_copy_strings(sources_copy, sources, 15)) {
		zval_ptr_dtor(dates_copy);
		return false;
	}
	return true;
}

ZEND_METHOD(FhirEhr_PullRequest, __construct)
{
	zend_object *object = Z_OBJ_P(ZEND_THIS), *environment, *direction = NULL, *mode = NULL;
	zend_string *user, *source, *project, *record, *mrn, *mapping, *patient = NULL;
	HashTable *dates = NULL, *project_sources = NULL;
	zend_long days = 7;
	bool system = false, explain = false, project_system_account = false;
	zval copy, sources;

	ZEND_PARSE_PARAMETERS_START(7, 16)
		Z_PARAM_STR(user)
		Z_PARAM_STR(source)
		Z_PARAM_STR(project)
		Z_PARAM_OBJ_OF_CLASS(environment, fe_Environment_ce)
		Z_PARAM_STR(record)
		Z_PARAM_STR(mrn)
		Z_PARAM_STR(mapping)
		Z_PARAM_OPTIONAL
		Z_PARAM_ARRAY_HT(dates)
		Z_PARAM_LONG(days)
		Z_PARAM_OBJ_OF_CLASS(direction, fe_OffsetDirection_ce)
		Z_PARAM_OBJ_OF_CLASS(mode, fe_TextMode_ce)
		Z_PARAM_BOOL(system)
		Z_PARAM_STR_OR_NULL(patient)
		Z_PARAM_BOOL(explain)
		Z_PARAM_ARRAY_HT_OR_NULL(project_sources)
		Z_PARAM_BOOL(project_system_account)
	ZEND_PARSE_PARAMETERS_END();
	if (!fe_is_first_construction(object)) {
		RETURN_THROWS();
	}
	if (days < 0 || days > INT32_MAX) {
		zend_argument_value_error(9, "must be between 0 and 2147483647");
		RETURN_THROWS();
	}
	if (!copy_arrays(&copy, dates, &sources, project_sources)) {
		RETURN_THROWS();
	}
	ZVAL_STR_COPY(fe_slot(object, 0), user);
	ZVAL_STR_COPY(fe_slot(object, 1), source);
	ZVAL_STR_COPY(fe_slot(object, 2), project);
	ZVAL_OBJ_COPY(fe_slot(object, 3), environment);
	ZVAL_STR_COPY(fe_slot(object, 4), record);
	ZVAL_STR_COPY(fe_slot(object, 5), mrn);
	ZVAL_STR_COPY(fe_slot(object, 6), mapping);
	ZVAL_COPY_VALUE(fe_slot(object, 7), &copy);
	ZVAL_LONG(fe_slot(object, 8), days);
	fe_enum_or_default(fe_slot(object, 9), direction, fe_OffsetDirection_ce, "+-");
	fe_enum_or_default(fe_slot(object, 10), mode, fe_TextMode_ce, "exact");
	ZVAL_BOOL(fe_slot(object, 11), system);
	fe_text_or_null(fe_slot(object, 12), patient);
	ZVAL_BOOL(fe_slot(object, 13), explain);
	ZVAL_COPY_VALUE(fe_slot(object, 14), &sources);
	ZVAL_BOOL(fe_slot(object, 15), project_system_account);
}
