/* FhirEhr\KeepAliveResult: the result of a keep-alive call. */

#include "../value.h"
#include "../to_php.h"
#include "KeepAliveResult_arginfo.h"

zend_class_entry *fe_KeepAliveResult_ce;

void fe_register_KeepAliveResult(void)
{
	fe_KeepAliveResult_ce = register_class_FhirEhr_KeepAliveResult();
	fe_value_class(fe_KeepAliveResult_ce, false);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_KeepAliveResult, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

static void make(zval *target, zval *document)
{
	static const fe_member members[] = {
		{"not_due", "notDue"},
		{"unreadable", "unreadable"},
		{"revocations_finished", "revocationsFinished"},
		{"revocations_unfinished", "revocationsUnfinished"},
	};

	fe_object_from_document(target, fe_KeepAliveResult_ce, document, members, FE_COUNT(members));
	fe_set_list(target, "grants", fe_member_of(document, "grants"), fe_make_kept_grant);
}

void fe_keep_alive_to_php(const fe_call *call, zval *return_value)
{
	zval document;

	if (fe_json_decode(&document, fhir_ehr_text_data(call->text), fhir_ehr_text_length(call->text))) {
		make(return_value, &document);
		zval_ptr_dtor(&document);
	}
}
