/* Registers FhirEhr\Exception\ConnectionException. */

#include "../../classes.h"
#include "ConnectionException_arginfo.h"

zend_class_entry *fe_ConnectionException_ce;

void fe_register_ConnectionException(void)
{
	fe_ConnectionException_ce = register_class_FhirEhr_Exception_ConnectionException(fe_RuntimeException_ce);
}
