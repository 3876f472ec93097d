/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: ded9f79bb21d7d97c58707780d7e238a5676b0cf */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_LaunchView___construct, 0, 0, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_LaunchView, __construct);


static const zend_function_entry class_FhirEhr_LaunchView_methods[] = {
	ZEND_ME(FhirEhr_LaunchView, __construct, arginfo_class_FhirEhr_LaunchView___construct, ZEND_ACC_PRIVATE)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_LaunchView(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "LaunchView", class_FhirEhr_LaunchView_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_open_default_value;
	ZVAL_UNDEF(&property_open_default_value);
	zend_string *property_open_name = zend_string_init("open", sizeof("open") - 1, 1);
	zend_declare_typed_property(class_entry, property_open_name, &property_open_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_open_name);

	zval property_endsAt_default_value;
	ZVAL_UNDEF(&property_endsAt_default_value);
	zend_string *property_endsAt_name = zend_string_init("endsAt", sizeof("endsAt") - 1, 1);
	zend_declare_typed_property(class_entry, property_endsAt_name, &property_endsAt_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG|MAY_BE_NULL));
	zend_string_release(property_endsAt_name);

	zval property_endedBy_default_value;
	ZVAL_UNDEF(&property_endedBy_default_value);
	zend_string *property_endedBy_name = zend_string_init("endedBy", sizeof("endedBy") - 1, 1);
	zend_declare_typed_property(class_entry, property_endedBy_name, &property_endedBy_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_endedBy_name);

	return class_entry;
}
