/* FhirEhr\GrantPage: one page of stored grants. */

#include "../value.h"
#include "../to_php.h"
#include "GrantPage_arginfo.h"

zend_class_entry *fe_GrantPage_ce;

void fe_register_GrantPage(void)
{
	fe_GrantPage_ce = register_class_FhirEhr_GrantPage();
	fe_value_class(fe_GrantPage_ce, false);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_GrantPage, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

static void make(zval *target, zval *document)
{
	static const fe_member members[] = {
		{"unreadable", "unreadable"},
		{"next", "next"},
	};

	fe_object_from_document(target, fe_GrantPage_ce, document, members, FE_COUNT(members));
	fe_set_list(target, "grants", fe_member_of(document, "grants"), fe_make_grant_entry);
}

void fe_grant_page_to_php(const fe_call *call, zval *return_value)
{
	zval document;

	if (fe_json_decode(&document, fhir_ehr_text_data(call->text), fhir_ehr_text_length(call->text))) {
		make(return_value, &document);
		zval_ptr_dtor(&document);
	}
}
