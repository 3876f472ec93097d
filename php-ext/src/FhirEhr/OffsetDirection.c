/* Registers the enum FhirEhr\OffsetDirection. */

#include "../classes.h"
#include "Zend/zend_enum.h"
#include "OffsetDirection_arginfo.h"

zend_class_entry *fe_OffsetDirection_ce;

void fe_register_OffsetDirection(void)
{
	fe_OffsetDirection_ce = register_class_FhirEhr_OffsetDirection();
}
