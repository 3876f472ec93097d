/* FhirEhr\SignedOutGrant: a grant that was removed. */

#include "../value.h"
#include "../to_php.h"
#include "SignedOutGrant_arginfo.h"

zend_class_entry *fe_SignedOutGrant_ce;

void fe_register_SignedOutGrant(void)
{
	fe_SignedOutGrant_ce = register_class_FhirEhr_SignedOutGrant();
	fe_value_class(fe_SignedOutGrant_ce, false);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_SignedOutGrant, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

void fe_make_signed_out_grant(zval *target, zval *document)
{
	static const fe_member members[] = {
		{"source", "source"},
		{"patient_bound", "patientBound"},
		{"refresh_token", "refreshToken"},
		{"access_token", "accessToken"},
		{"access_token_valid_until", "accessTokenValidUntil"},
		{"error", "error"},
		{"message", "message"},
		{"retry_until", "retryUntil"},
	};

	fe_object_from_document(target, fe_SignedOutGrant_ce, document, members, FE_COUNT(members));
}

void fe_signed_out_to_php(const fe_call *call, zval *return_value)
{
	fe_list_to_php(call, fe_make_signed_out_grant, return_value);
}
