/* FhirEhr\Introspection: what the EHR says about a token. */

#include "../value.h"
#include "../to_php.h"
#include "Introspection_arginfo.h"

zend_class_entry *fe_Introspection_ce;

void fe_register_Introspection(void)
{
	fe_Introspection_ce = register_class_FhirEhr_Introspection();
	fe_value_class(fe_Introspection_ce, false);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_Introspection, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

static void make(zval *target, zval *document)
{
	static const fe_member members[] = {
		{"token", "token"},
		{"patient_bound", "patientBound"},
		{"active", "active"},
		{"scope", "scope"},
		{"client_id", "clientId"},
		{"own_client", "ownClient"},
		{"token_type", "tokenType"},
		{"expires_at", "expiresAt"},
		{"issued_at", "issuedAt"},
		{"issuer", "issuer"},
	};

	fe_object_from_document(target, fe_Introspection_ce, document, members, FE_COUNT(members));
}

void fe_introspections_to_php(const fe_call *call, zval *return_value)
{
	fe_list_to_php(call, make, return_value);
}
