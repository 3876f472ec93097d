#include "../classes.h"
#include "Zend/zend_enum.h"
#include "ArrivalKind_arginfo.h"

zend_class_entry *fe_ArrivalKind_ce;

void fe_register_ArrivalKind(void)
{
	fe_ArrivalKind_ce = register_class_FhirEhr_ArrivalKind();
}
