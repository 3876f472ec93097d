/* Registers FhirEhr\Exception\StagingException. */

#include "../../classes.h"
#include "StagingException_arginfo.h"

zend_class_entry *fe_StagingException_ce;

void fe_register_StagingException(void)
{
	fe_StagingException_ce = register_class_FhirEhr_Exception_StagingException(fe_RuntimeException_ce);
}
