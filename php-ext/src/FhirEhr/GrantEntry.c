/* FhirEhr\GrantEntry: a stored grant. */

#include "../value.h"
#include "../to_php.h"
#include "GrantEntry_arginfo.h"

zend_class_entry *fe_GrantEntry_ce;

void fe_register_GrantEntry(void)
{
	fe_GrantEntry_ce = register_class_FhirEhr_GrantEntry();
	fe_value_class(fe_GrantEntry_ce, false);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_GrantEntry, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

void fe_make_grant_entry(zval *target, zval *document)
{
	static const fe_member members[] = {
		{"source", "source"},
		{"user", "user"},
		{"system_account", "systemAccount"},
		{"patient_bound", "patientBound"},
		{"status", "status"},
		{"signed_in_at", "signedInAt"},
		{"refreshed_at", "refreshedAt"},
		{"access_token_expires_at", "accessTokenExpiresAt"},
		{"refresh_token", "refreshToken"},
		{"lapse", "lapse"},
		{"lapses_at", "lapsesAt"},
		{"trouble_since", "troubleSince"},
		{"action", "action"},
		{"advice", "advice"},
		{"warnings", "warnings"},
	};

	fe_object_from_document(target, fe_GrantEntry_ce, document, members, FE_COUNT(members));
}
