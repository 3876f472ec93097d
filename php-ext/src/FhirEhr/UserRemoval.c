/* FhirEhr\UserRemoval: what was removed of a user. */

#include "../value.h"
#include "../to_php.h"
#include "UserRemoval_arginfo.h"

zend_class_entry *fe_UserRemoval_ce;

void fe_register_UserRemoval(void)
{
	fe_UserRemoval_ce = register_class_FhirEhr_UserRemoval();
	fe_value_class(fe_UserRemoval_ce, false);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_UserRemoval, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

static void make(zval *target, zval *document)
{
	static const fe_member members[] = {
		{"links", "links"},
	};

	fe_object_from_document(target, fe_UserRemoval_ce, document, members, FE_COUNT(members));
	fe_set_list(target, "grants", fe_member_of(document, "grants"), fe_make_signed_out_grant);
}

void fe_user_removal_to_php(const fe_call *call, zval *return_value)
{
	zval document;

	if (fe_json_decode(&document, fhir_ehr_text_data(call->text), fhir_ehr_text_length(call->text))) {
		make(return_value, &document);
		zval_ptr_dtor(&document);
	}
}
