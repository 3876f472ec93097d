/* FhirEhr\JwksDocument: the public keys of a key ring, and how long a copy may be kept. */

#include "../value.h"
#include "../to_php.h"
#include "JwksDocument_arginfo.h"

zend_class_entry *fe_JwksDocument_ce;

void fe_register_JwksDocument(void)
{
	fe_JwksDocument_ce = register_class_FhirEhr_JwksDocument();
	fe_value_class(fe_JwksDocument_ce, false);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_JwksDocument, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

void fe_jwks_to_php(const fe_call *call, zval *return_value)
{
	static const fe_member members[] = {
		{"json", "json"},
		{"cache_control", "cacheControl"},
	};
	zval document;

	array_init(&document);
	add_assoc_stringl(&document, "json", fhir_ehr_text_data(call->text), fhir_ehr_text_length(call->text));
	add_assoc_stringl(&document, "cache_control", fhir_ehr_text_data(call->more[0]), fhir_ehr_text_length(call->more[0]));
	fe_object_from_document(return_value, fe_JwksDocument_ce, &document, members, FE_COUNT(members));
	zval_ptr_dtor(&document);
}
