/* Registers the interface FhirEhr\Exception\Exception. */

#include "../../classes.h"
#include "Zend/zend_exceptions.h"
#include "Exception_arginfo.h"

zend_class_entry *fe_Exception_ce;

void fe_register_Exception(void)
{
	fe_Exception_ce = register_class_FhirEhr_Exception_Exception(zend_ce_throwable);
}
