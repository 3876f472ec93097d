#include "../value.h"
#include "../answer.h"
#include "Patient_arginfo.h"

zend_class_entry *fe_Patient_ce;

void fe_register_Patient(void)
{
	fe_Patient_ce = register_class_FhirEhr_Patient();
	fe_value_class(fe_Patient_ce, true);
}

/* Private: only the extension makes one. */
ZEND_METHOD(FhirEhr_Patient, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

void fe_answer_patient(const fe_asked *asked, zval *return_value)
{
	static const fe_member members[] = {{"patient_id", "patientId"}, {"mrns", "mrns"}, {"values", "values"}};
	zval document;

	if (fe_document(&document, fhir_ehr_text_data(asked->text), fhir_ehr_text_length(asked->text))) {
		fe_value_of(return_value, fe_Patient_ce, &document, members, FE_COUNT(members));
		zval_ptr_dtor(&document);
	}
}
