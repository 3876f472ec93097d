/* Registers FhirEhr\Exception\MappingException. */

#include "../../classes.h"
#include "MappingException_arginfo.h"

zend_class_entry *fe_MappingException_ce;

void fe_register_MappingException(void)
{
	fe_MappingException_ce = register_class_FhirEhr_Exception_MappingException(fe_RuntimeException_ce);
}
