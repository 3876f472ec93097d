/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 6f62f2feceec389c9b4e20632e21e6bcd141d845 */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_Write___construct, 0, 0, 4)
	ZEND_ARG_TYPE_INFO(0, kind, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, expected, IS_LONG, 0)
	ZEND_ARG_OBJ_INFO(0, record, FhirEhr\\StoredRecord, 1)
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_Write, __construct);


static const zend_function_entry class_FhirEhr_Write_methods[] = {
	ZEND_ME(FhirEhr_Write, __construct, arginfo_class_FhirEhr_Write___construct, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_Write(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "Write", class_FhirEhr_Write_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_kind_default_value;
	ZVAL_UNDEF(&property_kind_default_value);
	zend_string *property_kind_name = zend_string_init("kind", sizeof("kind") - 1, 1);
	zend_declare_typed_property(class_entry, property_kind_name, &property_kind_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_kind_name);

	zval property_key_default_value;
	ZVAL_UNDEF(&property_key_default_value);
	zend_string *property_key_name = zend_string_init("key", sizeof("key") - 1, 1);
	zend_declare_typed_property(class_entry, property_key_name, &property_key_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_key_name);

	zval property_expected_default_value;
	ZVAL_UNDEF(&property_expected_default_value);
	zend_string *property_expected_name = zend_string_init("expected", sizeof("expected") - 1, 1);
	zend_declare_typed_property(class_entry, property_expected_name, &property_expected_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_expected_name);

	zend_string *property_record_class_FhirEhr_StoredRecord = zend_string_init("FhirEhr\\StoredRecord", sizeof("FhirEhr\\StoredRecord")-1, 1);
	zval property_record_default_value;
	ZVAL_UNDEF(&property_record_default_value);
	zend_string *property_record_name = zend_string_init("record", sizeof("record") - 1, 1);
	zend_declare_typed_property(class_entry, property_record_name, &property_record_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_CLASS(property_record_class_FhirEhr_StoredRecord, 0, MAY_BE_NULL));
	zend_string_release(property_record_name);

	return class_entry;
}
