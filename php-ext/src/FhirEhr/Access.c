/* Registers the interface FhirEhr\Access (hooks.c calls it). */

#include "../classes.h"
#include "Access_arginfo.h"

zend_class_entry *fe_Access_ce;

void fe_register_Access(void)
{
	fe_Access_ce = register_class_FhirEhr_Access();
}
