/* Registers FhirEhr\Exception\AccessException. */

#include "../../classes.h"
#include "AccessException_arginfo.h"

zend_class_entry *fe_AccessException_ce;

void fe_register_AccessException(void)
{
	fe_AccessException_ce = register_class_FhirEhr_Exception_AccessException(fe_RuntimeException_ce);
}
