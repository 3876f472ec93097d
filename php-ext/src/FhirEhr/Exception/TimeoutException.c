/* Registers FhirEhr\Exception\TimeoutException. */

#include "../../classes.h"
#include "TimeoutException_arginfo.h"

zend_class_entry *fe_TimeoutException_ce;

void fe_register_TimeoutException(void)
{
	fe_TimeoutException_ce = register_class_FhirEhr_Exception_TimeoutException(fe_ConnectionException_ce);
}
