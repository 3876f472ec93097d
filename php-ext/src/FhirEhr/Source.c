/* FhirEhr\Source: one source of the configuration. */

#include "../value.h"
#include "../to_php.h"
#include "Source_arginfo.h"

zend_class_entry *fe_Source_ce;

void fe_register_Source(void)
{
	fe_Source_ce = register_class_FhirEhr_Source();
	fe_value_class(fe_Source_ce, false);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_Source, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

void fe_make_source(zval *target, zval *document)
{
	static const fe_member members[] = {
		{"id", "id"},
		{"name", "name"},
		{"iss", "iss"},
		{"organization", "organization"},
		{"fhir_version", "fhirVersion"},
		{"vendor", "vendor"},
		{"system_account", "systemAccount"},
		{"redirect_uris", "redirectUris"},
		{"frame_ancestors", "frameAncestors"},
		{"authorization_endpoint", "authorizationEndpoint"},
		{"token_endpoint", "tokenEndpoint"},
		{"mrn_systems", "mrnSystems"},
	};
	zval environment, *word = fe_member_of(document, "environment");

	fe_object_from_document(target, fe_Source_ce, document, members, FE_COUNT(members));
	if (EG(exception) || Z_TYPE_P(word) != IS_STRING
		|| !fe_enum(&environment, fe_Environment_ce, Z_STRVAL_P(word), Z_STRLEN_P(word))) {
		return;
	}
	zend_update_property(fe_Source_ce, Z_OBJ_P(target), "environment", strlen("environment"), &environment);
	zval_ptr_dtor(&environment);
}

void fe_sources_to_php(const fe_call *call, zval *return_value)
{
	fe_list_to_php(call, fe_make_source, return_value);
}
