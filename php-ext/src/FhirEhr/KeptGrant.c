/* FhirEhr\KeptGrant: the result of a keep-alive call for one grant. */

#include "../value.h"
#include "../to_php.h"
#include "KeptGrant_arginfo.h"

zend_class_entry *fe_KeptGrant_ce;

void fe_register_KeptGrant(void)
{
	fe_KeptGrant_ce = register_class_FhirEhr_KeptGrant();
	fe_value_class(fe_KeptGrant_ce, false);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_KeptGrant, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

void fe_make_kept_grant(zval *target, zval *document)
{
	static const fe_member members[] = {
		{"source", "source"},
		{"user", "user"},
		{"patient_bound", "patientBound"},
		{"outcome", "outcome"},
		{"last_used_at", "lastUsedAt"},
		{"error", "error"},
		{"message", "message"},
	};

	fe_object_from_document(target, fe_KeptGrant_ce, document, members, FE_COUNT(members));
}
