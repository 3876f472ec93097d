/* Registers FhirEhr\Exception\StoreException. */

#include "../../classes.h"
#include "StoreException_arginfo.h"

zend_class_entry *fe_StoreException_ce;

void fe_register_StoreException(void)
{
	fe_StoreException_ce = register_class_FhirEhr_Exception_StoreException(fe_RuntimeException_ce);
}
