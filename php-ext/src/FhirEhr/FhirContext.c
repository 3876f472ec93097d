/* FhirEhr\FhirContext: a resource in context besides the patient and the encounter. */

#include "../value.h"
#include "../to_php.h"
#include "FhirContext_arginfo.h"

zend_class_entry *fe_FhirContext_ce;

void fe_register_FhirContext(void)
{
	fe_FhirContext_ce = register_class_FhirEhr_FhirContext();
	fe_value_class(fe_FhirContext_ce, true);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_FhirContext, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

void fe_make_fhir_context(zval *target, zval *document)
{
	static const fe_member members[] = {
		{"reference", "reference"},
		{"canonical", "canonical"},
		{"identifier_system", "identifierSystem"},
		{"identifier_value", "identifierValue"},
		{"type", "type"},
		{"role", "role"},
	};

	fe_object_from_document(target, fe_FhirContext_ce, document, members, FE_COUNT(members));
}
