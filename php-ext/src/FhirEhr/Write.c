/* FhirEhr\Write: one part of a batch for Store::write(). */

#include "../value.h"
#include "Write_arginfo.h"

zend_class_entry *fe_Write_ce;

void fe_register_Write(void)
{
	fe_Write_ce = register_class_FhirEhr_Write();
	fe_value_class(fe_Write_ce, false);
}

ZEND_METHOD(FhirEhr_Write, __construct)
{
	zend_object *object = Z_OBJ_P(ZEND_THIS);
	zend_string *kind, *key;
	zend_long expected;
	zval *record;

	ZEND_PARSE_PARAMETERS_START(4, 4)
		Z_PARAM_STR(kind)
		Z_PARAM_STR(key)
		Z_PARAM_LONG(expected)
		Z_PARAM_OBJECT_OF_CLASS_OR_NULL(record, fe_StoredRecord_ce)
	ZEND_PARSE_PARAMETERS_END();
	if (!fe_is_first_construction(object)) {
		RETURN_THROWS();
	}
	ZVAL_STR_COPY(fe_slot(object, 0), kind);
	ZVAL_STR_COPY(fe_slot(object, 1), key);
	ZVAL_LONG(fe_slot(object, 2), expected);
	if (record == NULL) {
		ZVAL_NULL(fe_slot(object, 3));
	} else {
		ZVAL_COPY(fe_slot(object, 3), record);
	}
}
