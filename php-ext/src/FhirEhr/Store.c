/* Registers the interface FhirEhr\Store (store_hooks.c calls it). */

#include "../classes.h"
#include "Store_arginfo.h"

zend_class_entry *fe_Store_ce;

void fe_register_Store(void)
{
	fe_Store_ce = register_class_FhirEhr_Store();
}
