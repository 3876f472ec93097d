#include "../value.h"
#include "../answer.h"
#include "PullResult_arginfo.h"

zend_class_entry *fe_PullResult_ce;

void fe_register_PullResult(void)
{
	fe_PullResult_ce = register_class_FhirEhr_PullResult();
	fe_value_class(fe_PullResult_ce, true);
}

/* Private: only the extension makes one. */
ZEND_METHOD(FhirEhr_PullResult, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

static void fill(zval *target, zval *document, const struct fhir_ehr_rows *rows)
{
	static const fe_member members[] = {
		{"pull_id", "pullId"}, {"patient_id", "patientId"}, {"report", "report"}, {"complete", "complete"},
	};
	zval list;

	fe_staged_rows(&list, rows);
	if (EG(exception)) {
		zval_ptr_dtor(&list);
		return;
	}
	fe_value_of(target, fe_PullResult_ce, document, members, FE_COUNT(members));
	zend_update_property(fe_PullResult_ce, Z_OBJ_P(target), "rows", strlen("rows"), &list);
	zval_ptr_dtor(&list);
}

void fe_answer_pulled(const fe_asked *asked, zval *return_value)
{
	const char *report = fhir_ehr_rows_report(asked->rows);
	zval document;

	if (fe_document(&document, report, strlen(report))) {
		fill(return_value, &document, asked->rows);
		zval_ptr_dtor(&document);
	}
}
