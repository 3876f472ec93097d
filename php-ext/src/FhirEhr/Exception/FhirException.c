/* Registers FhirEhr\Exception\FhirException. */

#include "../../classes.h"
#include "FhirException_arginfo.h"

zend_class_entry *fe_FhirException_ce;

void fe_register_FhirException(void)
{
	fe_FhirException_ce = register_class_FhirEhr_Exception_FhirException(fe_RuntimeException_ce);
}
