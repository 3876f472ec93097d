/* Registers the enum FhirEhr\EhrState. */

#include "../classes.h"
#include "Zend/zend_enum.h"
#include "EhrState_arginfo.h"

zend_class_entry *fe_EhrState_ce;

void fe_register_EhrState(void)
{
	fe_EhrState_ce = register_class_FhirEhr_EhrState();
}
