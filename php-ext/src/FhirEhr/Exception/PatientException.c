/* Registers FhirEhr\Exception\PatientException. */

#include "../../classes.h"
#include "PatientException_arginfo.h"

zend_class_entry *fe_PatientException_ce;

void fe_register_PatientException(void)
{
	fe_PatientException_ce = register_class_FhirEhr_Exception_PatientException(fe_RuntimeException_ce);
}
