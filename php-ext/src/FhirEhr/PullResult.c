/* FhirEhr\PullResult: the rows and the report of a pull. */

#include "../value.h"
#include "../to_php.h"
#include "PullResult_arginfo.h"

zend_class_entry *fe_PullResult_ce;

void fe_register_PullResult(void)
{
	fe_PullResult_ce = register_class_FhirEhr_PullResult();
	fe_value_class(fe_PullResult_ce, true);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_PullResult, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

static void fill(zval *target, zval *document, const struct fhir_ehr_rows *rows)
{
	static const fe_member members[] = {
		{"pull_id", "pullId"},
		{"patient_id", "patientId"},
		{"report", "report"},
		{"complete", "complete"},
	};
	zval list;

	fe_make_staged_rows(&list, rows);
	if (EG(exception)) {
		zval_ptr_dtor(&list);
		return;
	}
	fe_object_from_document(target, fe_PullResult_ce, document, members, FE_COUNT(members));
	zend_update_property(fe_PullResult_ce, Z_OBJ_P(target), "rows", strlen("rows"), &list);
	zval_ptr_dtor(&list);
}

void fe_pull_result_to_php(const fe_call *call, zval *return_value)
{
	const char *report = fhir_ehr_rows_report(call->rows);
	zval document;

	if (fe_json_decode(&document, report, strlen(report))) {
		fill(return_value, &document, call->rows);
		zval_ptr_dtor(&document);
	}
}
