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

ZEND_METHOD(FhirEhr_PatientRequest, __construct)
{
	zend_object *object = Z_OBJ_P(ZEND_THIS), *environment = NULL, *mode = NULL;
	zend_string *user, *source, *mrn = NULL, *patient = NULL, *project = ZSTR_EMPTY_ALLOC();
	HashTable *fields = NULL, *project_sources = NULL;
	bool system = false, project_system_account = false;
	zval names, sources;

	ZEND_PARSE_PARAMETERS_START(2, 11)
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
		Z_PARAM_ARRAY_HT_OR_NULL(project_sources)
		Z_PARAM_BOOL(project_system_account)
	ZEND_PARSE_PARAMETERS_END();
	if (!fe_is_first_construction(object) || !fe_copy_strings(&names, fields, 5)) {
		RETURN_THROWS();
	}
	ZVAL_NULL(&sources);
	if (project_sources != NULL && !fe_copy_strings(&sources, project_sources, 10)) {
		zval_ptr_dtor(&names);
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
	ZVAL_COPY_VALUE(fe_slot(object, 9), &sources);
	ZVAL_BOOL(fe_slot(object, 10), project_system_account);
}
