#include "../classes.h"
#include "Keys_arginfo.h"

zend_class_entry *fe_Keys_ce;

void fe_register_Keys(void)
{
	fe_Keys_ce = register_class_FhirEhr_Keys();
}
