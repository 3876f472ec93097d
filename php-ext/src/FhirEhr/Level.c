/* Registers the enum FhirEhr\Level. */

#include "../classes.h"
#include "Zend/zend_enum.h"
#include "Level_arginfo.h"

zend_class_entry *fe_Level_ce;

void fe_register_Level(void)
{
	fe_Level_ce = register_class_FhirEhr_Level();
}
