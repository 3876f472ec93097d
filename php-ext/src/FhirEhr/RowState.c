/* Registers the enum FhirEhr\RowState. */

#include "../classes.h"
#include "Zend/zend_enum.h"
#include "RowState_arginfo.h"

zend_class_entry *fe_RowState_ce;

void fe_register_RowState(void)
{
	fe_RowState_ce = register_class_FhirEhr_RowState();
}
