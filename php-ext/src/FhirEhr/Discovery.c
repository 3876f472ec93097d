/* FhirEhr\Discovery: the endpoints that a server announces. */

#include "../value.h"
#include "../to_php.h"
#include "Discovery_arginfo.h"

zend_class_entry *fe_Discovery_ce;

void fe_register_Discovery(void)
{
	fe_Discovery_ce = register_class_FhirEhr_Discovery();
	fe_value_class(fe_Discovery_ce, false);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_Discovery, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

void fe_discovery_to_php(const fe_call *call, zval *return_value)
{
	static const fe_member members[] = {
		{"authorization_endpoint", "authorizationEndpoint"},
		{"token_endpoint", "tokenEndpoint"},
		{"introspection_endpoint", "introspectionEndpoint"},
		{"revocation_endpoint", "revocationEndpoint"},
		{"management_endpoint", "managementEndpoint"},
		{"registration_endpoint", "registrationEndpoint"},
		{"jwks_uri", "jwksUri"},
		{"issuer", "issuer"},
		{"fhir_version", "fhirVersion"},
		{"found_in", "foundIn"},
		{"scopes_supported", "scopesSupported"},
		{"capabilities", "capabilities"},
		{"code_challenge_methods", "codeChallengeMethods"},
		{"vendor", "vendor"},
	};
	zval document;

	if (fe_json_decode(&document, fhir_ehr_text_data(call->text), fhir_ehr_text_length(call->text))) {
		fe_object_from_document(return_value, fe_Discovery_ce, &document, members, FE_COUNT(members));
		zval_ptr_dtor(&document);
	}
}
