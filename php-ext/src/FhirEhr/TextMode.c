/* Registers the enum FhirEhr\TextMode. */

#include "../classes.h"
#include "Zend/zend_enum.h"
#include "TextMode_arginfo.h"

zend_class_entry *fe_TextMode_ce;

void fe_register_TextMode(void)
{
	fe_TextMode_ce = register_class_FhirEhr_TextMode();
}
