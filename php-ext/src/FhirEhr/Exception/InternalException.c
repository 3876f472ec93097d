/* Registers FhirEhr\Exception\InternalException. */

#include "../../classes.h"
#include "InternalException_arginfo.h"

zend_class_entry *fe_InternalException_ce;

void fe_register_InternalException(void)
{
	fe_InternalException_ce = register_class_FhirEhr_Exception_InternalException(fe_RuntimeException_ce);
}
