/* FhirEhr\LaunchView: whether the view of a launch is open. */

#include "../value.h"
#include "../to_php.h"
#include "LaunchView_arginfo.h"

zend_class_entry *fe_LaunchView_ce;

void fe_register_LaunchView(void)
{
	fe_LaunchView_ce = register_class_FhirEhr_LaunchView();
	fe_value_class(fe_LaunchView_ce, false);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_LaunchView, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

void fe_launch_view_to_php(const fe_call *call, zval *return_value)
{
	static const fe_member members[] = {
		{"open", "open"},
		{"ends_at", "endsAt"},
		{"ended_by", "endedBy"},
	};
	zval document;

	if (fe_json_decode(&document, fhir_ehr_text_data(call->text), fhir_ehr_text_length(call->text))) {
		fe_object_from_document(return_value, fe_LaunchView_ce, &document, members, FE_COUNT(members));
		zval_ptr_dtor(&document);
	}
}
