/* Registers the enum FhirEhr\Action. */

#include "../classes.h"
#include "Zend/zend_enum.h"
#include "Action_arginfo.h"

zend_class_entry *fe_Action_ce;

void fe_register_Action(void)
{
	fe_Action_ce = register_class_FhirEhr_Action();
}
