/* What several of the library's answers have in common. */

#include "answer.h"
#include "value.h"

void fe_answer_count(const fe_asked *asked, zval *return_value)
{
	RETVAL_LONG((zend_long) asked->count);
}

void fe_answer_list(const fe_asked *asked, void (*make)(zval *target, zval *document), zval *return_value)
{
	zval document, value, *one;

	if (!fe_document(&document, fhir_ehr_text_data(asked->text), fhir_ehr_text_length(asked->text))) {
		return;
	}
	array_init_size(return_value, zend_hash_num_elements(Z_ARRVAL(document)));
	ZEND_HASH_FOREACH_VAL(Z_ARRVAL(document), one) {
		make(&value, one);
		add_next_index_zval(return_value, &value);
		if (EG(exception)) {
			break;
		}
	} ZEND_HASH_FOREACH_END();
	zval_ptr_dtor(&document);
}
