#include "../value.h"
#include "../answer.h"
#include "CheckStep_arginfo.h"

zend_class_entry *fe_CheckStep_ce;

void fe_register_CheckStep(void)
{
	fe_CheckStep_ce = register_class_FhirEhr_CheckStep();
	fe_value_class(fe_CheckStep_ce, false);
}

/* Private: only the extension makes one. */
ZEND_METHOD(FhirEhr_CheckStep, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

static void step(zval *target, zval *document)
{
	static const fe_member members[] = {
		{"name", "name"}, {"status", "status"}, {"text", "text"}, {"hint", "hint"}, {"owner", "owner"}, {"error", "error"},
		{"finding", "finding"},
	};

	fe_value_of(target, fe_CheckStep_ce, document, members, FE_COUNT(members));
}

void fe_answer_steps(const fe_asked *asked, zval *return_value)
{
	fe_answer_list(asked, step, return_value);
}
