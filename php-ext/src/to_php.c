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

void fe_text_to_php(const fe_call *call, zval *return_value)
{
	RETVAL_STRINGL(fhir_ehr_text_data(call->text), fhir_ehr_text_length(call->text));
}

static void make_list(zval *list, zval *documents, void (*make)(zval *target, zval *document))
{
	zval value, *one;

	array_init_size(list, zend_hash_num_elements(Z_ARRVAL_P(documents)));
	ZEND_HASH_FOREACH_VAL(Z_ARRVAL_P(documents), one) {
		make(&value, one);
		add_next_index_zval(list, &value);
		if (EG(exception)) {
			break;
		}
	}
	ZEND_HASH_FOREACH_END();
}

void fe_list_to_php(const fe_call *call, void (*make)(zval *target, zval *document), zval *return_value)
{
	zval document;

	if (fe_json_decode(&document, fhir_ehr_text_data(call->text), fhir_ehr_text_length(call->text))) {
		make_list(return_value, &document, make);
		zval_ptr_dtor(&document);
	}
}

void fe_set_list(zval *target, const char *property, zval *list, void (*make)(zval *target, zval *document))
{
	zval objects;

	if (EG(exception)) {
		return;
	}
	if (Z_TYPE_P(list) == IS_ARRAY) {
		make_list(&objects, list, make);
	} else {
		ZVAL_EMPTY_ARRAY(&objects);
	}
	if (!EG(exception)) {
		zend_update_property(Z_OBJCE_P(target), Z_OBJ_P(target), property, strlen(property), &objects);
	}
	zval_ptr_dtor(&objects);
}
