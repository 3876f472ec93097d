/* FhirEhr\CheckStep: one step of Client::checkSource(). */

#include "../value.h"
#include "../to_php.h"
#include "CheckStep_arginfo.h"

zend_class_entry *fe_CheckStep_ce;

void fe_register_CheckStep(void)
{
	fe_CheckStep_ce = register_class_FhirEhr_CheckStep();
	fe_value_class(fe_CheckStep_ce, false);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_CheckStep, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

static void step(zval *target, zval *document)
{
	static const fe_member members[] = {
		{"name", "name"},
		{"status", "status"},
		{"text", "text"},
		{"hint", "hint"},
		{"owner", "owner"},
		{"error", "error"},
		{"finding", "finding"},
	};

	fe_object_from_document(target, fe_CheckStep_ce, document, members, FE_COUNT(members));
}

void fe_check_steps_to_php(const fe_call *call, zval *return_value)
{
	fe_list_to_php(call, step, return_value);
}
