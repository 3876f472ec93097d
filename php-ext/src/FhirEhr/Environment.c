/* Registers the enum FhirEhr\Environment. */

#include "../classes.h"
#include "Zend/zend_enum.h"
#include "Environment_arginfo.h"

zend_class_entry *fe_Environment_ce;

void fe_register_Environment(void)
{
	fe_Environment_ce = register_class_FhirEhr_Environment();
}
