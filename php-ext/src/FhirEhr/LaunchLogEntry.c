/* FhirEhr\LaunchLogEntry: a remembered launch. */

#include "../value.h"
#include "../to_php.h"
#include "LaunchLogEntry_arginfo.h"

zend_class_entry *fe_LaunchLogEntry_ce;

void fe_register_LaunchLogEntry(void)
{
	fe_LaunchLogEntry_ce = register_class_FhirEhr_LaunchLogEntry();
	fe_value_class(fe_LaunchLogEntry_ce, false);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_LaunchLogEntry, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

static void entry(zval *target, zval *document)
{
	static const fe_member members[] = {
		{"at", "at"},
		{"source", "source"},
		{"kind", "kind"},
		{"outcome", "outcome"},
		{"error", "error"},
		{"count", "count"},
		{"access_token", "accessToken"},
		{"patient", "patient"},
		{"encounter", "encounter"},
		{"ehr_user", "ehrUser"},
		{"refresh_token", "refreshToken"},
		{"refresh_token_missing", "refreshTokenMissing"},
	};

	fe_object_from_document(target, fe_LaunchLogEntry_ce, document, members, FE_COUNT(members));
	fe_set_list(target, "handoffs", fe_member_of(document, "handoffs"), fe_make_launch_handoff);
}

void fe_launches_to_php(const fe_call *call, zval *return_value)
{
	fe_list_to_php(call, entry, return_value);
}
