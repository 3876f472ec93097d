#include "../classes.h"
#include "Zend/zend_enum.h"
#include "Side_arginfo.h"

zend_class_entry *fe_Side_ce;

void fe_register_Side(void)
{
	fe_Side_ce = register_class_FhirEhr_Side();
}
