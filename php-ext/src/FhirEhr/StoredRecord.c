/* FhirEhr\StoredRecord: a sealed record of the store. */

#include "../value.h"
#include "StoredRecord_arginfo.h"

zend_class_entry *fe_StoredRecord_ce;

void fe_register_StoredRecord(void)
{
	fe_StoredRecord_ce = register_class_FhirEhr_StoredRecord();
	fe_value_class(fe_StoredRecord_ce, false);
}

ZEND_METHOD(FhirEhr_StoredRecord, __construct)
{
	zend_object *object = Z_OBJ_P(ZEND_THIS);
	zend_string *texts[6], *sealed;
	zend_long expires_in, version;
	bool never;

	ZEND_PARSE_PARAMETERS_START(9, 9)
		Z_PARAM_STR(texts[0])
		Z_PARAM_STR(texts[1])
		Z_PARAM_STR(texts[2])
		Z_PARAM_STR(texts[3])
		Z_PARAM_STR(texts[4])
		Z_PARAM_STR(texts[5])
		Z_PARAM_LONG_OR_NULL(expires_in, never)
		Z_PARAM_LONG(version)
		Z_PARAM_STR(sealed)
	ZEND_PARSE_PARAMETERS_END();
	if (!fe_is_first_construction(object)) {
		RETURN_THROWS();
	}
	for (uint32_t i = 0; i < 6; i++) {
		ZVAL_STR_COPY(fe_slot(object, i), texts[i]);
	}
	if (never) {
		ZVAL_NULL(fe_slot(object, 6));
	} else {
		ZVAL_LONG(fe_slot(object, 6), expires_in);
	}
	ZVAL_LONG(fe_slot(object, 7), version);
	ZVAL_STR_COPY(fe_slot(object, 8), sealed);
}
