/* FhirEhr\ValueToSave: one value of a save set. */

#include "../value.h"
#include "../to_php.h"
#include "ValueToSave_arginfo.h"

zend_class_entry *fe_ValueToSave_ce;

void fe_register_ValueToSave(void)
{
	fe_ValueToSave_ce = register_class_FhirEhr_ValueToSave();
	fe_value_class(fe_ValueToSave_ce, true);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_ValueToSave, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

void fe_make_value_to_save(zval *target, zval *document)
{
	static const fe_member members[] = {
		{"event", "event"},
		{"study_field", "studyField"},
		{"value", "value"},
		{"unit", "unit"},
		{"timestamp", "timestamp"},
		{"keys", "keys"},
	};

	fe_object_from_document(target, fe_ValueToSave_ce, document, members, FE_COUNT(members));
}
