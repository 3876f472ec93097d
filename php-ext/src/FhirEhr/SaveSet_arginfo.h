/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 989745638eaed68ed23c3ddbdb24f67f24453dd9 */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_SaveSet___construct, 0, 0, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_SaveSet, __construct);


static const zend_function_entry class_FhirEhr_SaveSet_methods[] = {
	ZEND_ME(FhirEhr_SaveSet, __construct, arginfo_class_FhirEhr_SaveSet___construct, ZEND_ACC_PRIVATE)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_SaveSet(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "SaveSet", class_FhirEhr_SaveSet_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_saveId_default_value;
	ZVAL_UNDEF(&property_saveId_default_value);
	zend_string *property_saveId_name = zend_string_init("saveId", sizeof("saveId") - 1, 1);
	zend_declare_typed_property(class_entry, property_saveId_name, &property_saveId_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_saveId_name);

	zval property_record_default_value;
	ZVAL_UNDEF(&property_record_default_value);
	zend_string *property_record_name = zend_string_init("record", sizeof("record") - 1, 1);
	zend_declare_typed_property(class_entry, property_record_name, &property_record_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_record_name);

	zval property_values_default_value;
	ZVAL_UNDEF(&property_values_default_value);
	zend_string *property_values_name = zend_string_init("values", sizeof("values") - 1, 1);
	zend_declare_typed_property(class_entry, property_values_name, &property_values_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_values_name);

	return class_entry;
}
