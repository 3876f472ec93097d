/* Registers the interface FhirEhr\SecretProvider (hooks.c calls it). */

#include "../classes.h"
#include "SecretProvider_arginfo.h"

zend_class_entry *fe_SecretProvider_ce;

void fe_register_SecretProvider(void)
{
	fe_SecretProvider_ce = register_class_FhirEhr_SecretProvider();
}
