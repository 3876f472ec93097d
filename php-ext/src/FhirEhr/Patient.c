/* FhirEhr\Patient: one verified patient. */

#include "../value.h"
#include "../to_php.h"
#include "Patient_arginfo.h"

zend_class_entry *fe_Patient_ce;

void fe_register_Patient(void)
{
	fe_Patient_ce = register_class_FhirEhr_Patient();
	fe_value_class(fe_Patient_ce, true);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_Patient, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

void fe_patient_to_php(const fe_call *call, zval *return_value)
{
	static const fe_member members[] = {{"patient_id", "patientId"}, {"mrns", "mrns"}, {"values", "values"}};
	zval document;

	if (fe_json_decode(&document, fhir_ehr_text_data(call->text), fhir_ehr_text_length(call->text))) {
		fe_object_from_document(return_value, fe_Patient_ce, &document, members, FE_COUNT(members));
		zval_ptr_dtor(&document);
	}
}
