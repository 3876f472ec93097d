/* FhirEhr\SignIn: a completed sign-in. */

#include "../value.h"
#include "../to_php.h"
#include "SignIn_arginfo.h"

zend_class_entry *fe_SignIn_ce;

void fe_register_SignIn(void)
{
	fe_SignIn_ce = register_class_FhirEhr_SignIn();
	fe_value_class(fe_SignIn_ce, true);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_SignIn, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

void fe_make_sign_in(zval *target, zval *document)
{
	static const fe_member members[] = {{"user", "user"}, {"source", "source"}, {"launch_id", "launchId"}};
	zval context;

	fe_object_from_document(target, fe_SignIn_ce, document, members, FE_COUNT(members));
	fe_make_launch_context(&context, fe_member_of(document, "context"));
	zend_update_property(fe_SignIn_ce, Z_OBJ_P(target), "context", strlen("context"), &context);
	zval_ptr_dtor(&context);
}

void fe_sign_in_to_php(const fe_call *call, zval *return_value)
{
	zval document;

	if (fe_json_decode(&document, fhir_ehr_text_data(call->text), fhir_ehr_text_length(call->text))) {
		fe_make_sign_in(return_value, &document);
		zval_ptr_dtor(&document);
	}
}
