/* FhirEhr\LaunchResult: what a launch or callback led to. */

#include "../value.h"
#include "../to_php.h"
#include "LaunchResult_arginfo.h"

zend_class_entry *fe_LaunchResult_ce;

void fe_register_LaunchResult(void)
{
	fe_LaunchResult_ce = register_class_FhirEhr_LaunchResult();
	fe_value_class(fe_LaunchResult_ce, true);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_LaunchResult, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

static void fill(zval *target, zval *document)
{
	static const fe_member members[] = {
		{"url", "url"},
		{"fields", "formFields"},
		{"handover", "handover"},
		{"ehr_user", "ehrUser"},
		{"source", "source"},
	};
	zval *kind = fe_member_of(document, "kind"), part;

	if (Z_TYPE_P(kind) != IS_STRING || !fe_enum(&part, fe_LaunchResultKind_ce, Z_STRVAL_P(kind), Z_STRLEN_P(kind))) {
		return;
	}
	fe_object_from_document(target, fe_LaunchResult_ce, document, members, FE_COUNT(members));
	zend_update_property(fe_LaunchResult_ce, Z_OBJ_P(target), "kind", strlen("kind"), &part);
	zval_ptr_dtor(&part);
	if (zend_string_equals_literal(Z_STR_P(kind), "signed_in")) {
		fe_make_sign_in(&part, document);
	} else {
		ZVAL_NULL(&part);
	}
	zend_update_property(fe_LaunchResult_ce, Z_OBJ_P(target), "signIn", strlen("signIn"), &part);
	zval_ptr_dtor(&part);
}

void fe_launch_result_to_php(const fe_call *call, zval *return_value)
{
	zval document;

	if (fe_json_decode(&document, fhir_ehr_text_data(call->text), fhir_ehr_text_length(call->text))) {
		fill(return_value, &document);
		zval_ptr_dtor(&document);
	}
}
