/* FhirEhr\SaveSet: the values to save, with their save id. */

#include "../value.h"
#include "../to_php.h"
#include "SaveSet_arginfo.h"

zend_class_entry *fe_SaveSet_ce;

void fe_register_SaveSet(void)
{
	fe_SaveSet_ce = register_class_FhirEhr_SaveSet();
	fe_value_class(fe_SaveSet_ce, true);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_SaveSet, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

static void fill(zval *target, zval *document)
{
	static const fe_member members[] = {{"save_id", "saveId"}, {"record", "record"}};
	zval list, value, *one, *values = fe_member_of(document, "values");

	fe_object_from_document(target, fe_SaveSet_ce, document, members, FE_COUNT(members));
	array_init(&list);
	if (Z_TYPE_P(values) == IS_ARRAY) {
		ZEND_HASH_FOREACH_VAL(Z_ARRVAL_P(values), one) {
			fe_make_value_to_save(&value, one);
			add_next_index_zval(&list, &value);
		}
		ZEND_HASH_FOREACH_END();
	}
	zend_update_property(fe_SaveSet_ce, Z_OBJ_P(target), "values", strlen("values"), &list);
	zval_ptr_dtor(&list);
}

void fe_save_set_to_php(const fe_call *call, zval *return_value)
{
	zval document;

	if (fe_json_decode(&document, fhir_ehr_text_data(call->text), fhir_ehr_text_length(call->text))) {
		fill(return_value, &document);
		zval_ptr_dtor(&document);
	}
}
