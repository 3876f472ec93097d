/* Conversions of results that several methods share. */

#include "to_php.h"
#include "value.h"

void fe_count_to_php(const fe_call *call, zval *return_value)
{
	RETVAL_LONG((zend_long) call->count);
}

void fe_texts_to_php(const fe_call *call, zval *return_value)
{
	fe_json_decode(return_value, fhir_ehr_text_data(call->text), fhir_ehr_text_length(call->text));
}

void fe_list_to_php(const fe_call *call, void (*make)(zval *target, zval *document), zval *return_value)
{
	zval document, value, *one;

	if (!fe_json_decode(&document, fhir_ehr_text_data(call->text), fhir_ehr_text_length(call->text))) {
		return;
	}
	array_init_size(return_value, zend_hash_num_elements(Z_ARRVAL(document)));
	ZEND_HASH_FOREACH_VAL(Z_ARRVAL(document), one) {
		make(&value, one);
		add_next_index_zval(return_value, &value);
		if (EG(exception)) {
			break;
		}
	}
	ZEND_HASH_FOREACH_END();
	zval_ptr_dtor(&document);
}
