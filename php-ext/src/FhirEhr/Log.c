/* Registers the interface FhirEhr\Log (hooks.c calls it). */

#include "../classes.h"
#include "Log_arginfo.h"

zend_class_entry *fe_Log_ce;

void fe_register_Log(void)
{
	fe_Log_ce = register_class_FhirEhr_Log();
}
