/* Registers FhirEhr\Exception\RequestException. */

#include "../../classes.h"
#include "RequestException_arginfo.h"

zend_class_entry *fe_RequestException_ce;

void fe_register_RequestException(void)
{
	fe_RequestException_ce = register_class_FhirEhr_Exception_RequestException(fe_RuntimeException_ce);
}
