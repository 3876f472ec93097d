/* FhirEhr\PatientRequest: its constructor. fe_patient_document() makes the JSON document. */

#include "../value.h"
#include "Zend/zend_attributes.h"
#include "PatientRequest_arginfo.h"

zend_class_entry *fe_PatientRequest_ce;

void fe_register_PatientRequest(void)
{
	fe_PatientRequest_ce = register_class_FhirEhr_PatientRequest();
	fe_value_class(fe_PatientRequest_ce, true);
}

/* Copies a list of field names. It copies because a read-only property must not hold a reference to a variable of the caller.
 * False, with a TypeError, when an entry is not a string. */
static bool copy_names(zval *target, HashTable *names)
{
	zval *name;

	array_init(target);
	if (names == NULL) {
		return true;
	}
	ZEND_HASH_FOREACH_VAL(names, name) {
		ZVAL_DEREF(name);
		if (Z_TYPE_P(name) != IS_STRING) {
			zend_argument_type_error(5, "must be a list of strings, it contains %s", zend_zval_type_name(name));
			zval_ptr_dtor(target);
			return false;
		}
		Z_TRY_ADDREF_P(name);
		add_next_index_zval(target, name);
	}
	ZEND_HASH_FOREACH_END();
	return true;
}

ZEND_METHOD(FhirEhr_PatientRequest, __construct)
{
	zend_object *object = Z_OBJ_P(ZEND_THIS), *environment = NULL, *mode = NULL;
	zend_string *user, *source, *mrn = NULL, *patient = NULL, *project = ZSTR_EMPTY_ALLOC();
	HashTable *fields = NULL;
	bool system = false;
	zval names;

	ZEND_PARSE_PARAMETERS_START(2, 9)
		Z_PARAM_STR(user)
		Z_PARAM_STR(source)
		Z_PARAM_OPTIONAL
		Z_PARAM_STR_OR_NULL(mrn)
		Z_PARAM_STR_OR_NULL(patient)
		Z_PARAM_ARRAY_HT(fields)
		Z_PARAM_STR(project)
		Z_PARAM_OBJ_OF_CLASS_OR_NULL(environment, fe_Environment_ce)
		Z_PARAM_BOOL(system)
		Z_PARAM_OBJ_OF_CLASS(mode, fe_TextMode_ce)
	ZEND_PARSE_PARAMETERS_END();
	if (!fe_is_first_construction(object) || !copy_names(&names, fields)) {
		RETURN_THROWS();
	}
	ZVAL_STR_COPY(fe_slot(object, 0), user);
	ZVAL_STR_COPY(fe_slot(object, 1), source);
	fe_text_or_null(fe_slot(object, 2), mrn);
	fe_text_or_null(fe_slot(object, 3), patient);
	ZVAL_COPY_VALUE(fe_slot(object, 4), &names);
	ZVAL_STR_COPY(fe_slot(object, 5), project);
	if (environment == NULL) {
		ZVAL_NULL(fe_slot(object, 6));
	} else {
		ZVAL_OBJ_COPY(fe_slot(object, 6), environment);
	}
	ZVAL_BOOL(fe_slot(object, 7), system);
	fe_enum_or_default(fe_slot(object, 8), mode, fe_TextMode_ce, "exact");
}
