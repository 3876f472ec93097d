/* FhirEhr\LaunchHandoff: a handoff of a launch to another application. */

#include "../value.h"
#include "../to_php.h"
#include "LaunchHandoff_arginfo.h"

zend_class_entry *fe_LaunchHandoff_ce;

void fe_register_LaunchHandoff(void)
{
	fe_LaunchHandoff_ce = register_class_FhirEhr_LaunchHandoff();
	fe_value_class(fe_LaunchHandoff_ce, false);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_LaunchHandoff, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

void fe_make_launch_handoff(zval *target, zval *document)
{
	static const fe_member members[] = {
		{"url", "url"},
		{"created_at", "createdAt"},
		{"redeemed_at", "redeemedAt"},
	};

	fe_object_from_document(target, fe_LaunchHandoff_ce, document, members, FE_COUNT(members));
}
