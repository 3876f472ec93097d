#include "../value.h"
#include "../answer.h"
#include "SignIn_arginfo.h"

zend_class_entry *fe_SignIn_ce;

void fe_register_SignIn(void)
{
	fe_SignIn_ce = register_class_FhirEhr_SignIn();
	fe_value_class(fe_SignIn_ce, true);
}

/* Private: only the extension makes one. */
ZEND_METHOD(FhirEhr_SignIn, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

void fe_signed_in(zval *target, zval *document)
{
	static const fe_member members[] = {{"user", "user"}, {"source", "source"}};
	zval context;

	fe_value_of(target, fe_SignIn_ce, document, members, FE_COUNT(members));
	fe_launch_context(&context, fe_member_of(document, "context"));
	zend_update_property(fe_SignIn_ce, Z_OBJ_P(target), "context", strlen("context"), &context);
	zval_ptr_dtor(&context);
}

void fe_answer_signed_in(const fe_asked *asked, zval *return_value)
{
	zval document;

	if (fe_document(&document, fhir_ehr_text_data(asked->text), fhir_ehr_text_length(asked->text))) {
		fe_signed_in(return_value, &document);
		zval_ptr_dtor(&document);
	}
}
