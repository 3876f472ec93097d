/* FhirEhr\FhirUser: the FHIR resource of the EHR user. */

#include "../value.h"
#include "../to_php.h"
#include "FhirUser_arginfo.h"

zend_class_entry *fe_FhirUser_ce;

void fe_register_FhirUser(void)
{
	fe_FhirUser_ce = register_class_FhirEhr_FhirUser();
	fe_value_class(fe_FhirUser_ce, true);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_FhirUser, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

void fe_make_fhir_user(zval *target, zval *document)
{
	static const fe_member members[] = {
		{"reference", "reference"},
		{"resource_type", "resourceType"},
		{"id", "id"},
		{"was_read", "wasRead"},
		{"name", "name"},
	};

	fe_object_from_document(target, fe_FhirUser_ce, document, members, FE_COUNT(members));
}
