#include "../value.h"
#include "../answer.h"
#include "Arrival_arginfo.h"

zend_class_entry *fe_Arrival_ce;

void fe_register_Arrival(void)
{
	fe_Arrival_ce = register_class_FhirEhr_Arrival();
	fe_value_class(fe_Arrival_ce, true);
}

/* Private: only the extension makes one. */
ZEND_METHOD(FhirEhr_Arrival, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

static void fill(zval *target, zval *document)
{
	static const fe_member members[] = {
		{"address", "url"}, {"handover", "handover"}, {"ehr_user", "ehrUser"}, {"source_id", "source"},
	};
	zval *outcome = fe_member_of(document, "outcome"), part;

	if (Z_TYPE_P(outcome) != IS_STRING
		|| !fe_enum(&part, fe_ArrivalKind_ce, Z_STRVAL_P(outcome), Z_STRLEN_P(outcome))) {
		return;
	}
	fe_value_of(target, fe_Arrival_ce, document, members, FE_COUNT(members));
	zend_update_property(fe_Arrival_ce, Z_OBJ_P(target), "kind", strlen("kind"), &part);
	zval_ptr_dtor(&part);
	if (zend_string_equals_literal(Z_STR_P(outcome), "signed_in")) {
		fe_signed_in(&part, document);
	} else {
		ZVAL_NULL(&part);
	}
	zend_update_property(fe_Arrival_ce, Z_OBJ_P(target), "signedIn", strlen("signedIn"), &part);
	zval_ptr_dtor(&part);
}

void fe_answer_arrival(const fe_asked *asked, zval *return_value)
{
	zval document;

	if (fe_document(&document, fhir_ehr_text_data(asked->text), fhir_ehr_text_length(asked->text))) {
		fill(return_value, &document);
		zval_ptr_dtor(&document);
	}
}
