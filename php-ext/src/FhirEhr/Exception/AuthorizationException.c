/* Registers FhirEhr\Exception\AuthorizationException. */

#include "../../classes.h"
#include "AuthorizationException_arginfo.h"

zend_class_entry *fe_AuthorizationException_ce;

void fe_register_AuthorizationException(void)
{
	fe_AuthorizationException_ce = register_class_FhirEhr_Exception_AuthorizationException(fe_RuntimeException_ce);
}
