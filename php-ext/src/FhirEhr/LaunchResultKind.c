/* Registers the enum FhirEhr\LaunchResultKind. */

#include "../classes.h"
#include "Zend/zend_enum.h"
#include "LaunchResultKind_arginfo.h"

zend_class_entry *fe_LaunchResultKind_ce;

void fe_register_LaunchResultKind(void)
{
	fe_LaunchResultKind_ce = register_class_FhirEhr_LaunchResultKind();
}
