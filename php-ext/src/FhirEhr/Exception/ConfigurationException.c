/* Registers FhirEhr\Exception\ConfigurationException. */

#include "../../classes.h"
#include "ConfigurationException_arginfo.h"

zend_class_entry *fe_ConfigurationException_ce;

void fe_register_ConfigurationException(void)
{
	fe_ConfigurationException_ce = register_class_FhirEhr_Exception_ConfigurationException(fe_RuntimeException_ce);
}
