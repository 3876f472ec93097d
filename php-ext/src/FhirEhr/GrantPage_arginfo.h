/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 5ed1093e58f7f0e97250522989a5e19d8ae735c9 */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_GrantPage___construct, 0, 0, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_GrantPage, __construct);


static const zend_function_entry class_FhirEhr_GrantPage_methods[] = {
	ZEND_ME(FhirEhr_GrantPage, __construct, arginfo_class_FhirEhr_GrantPage___construct, ZEND_ACC_PRIVATE)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_GrantPage(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "GrantPage", class_FhirEhr_GrantPage_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_unreadable_default_value;
	ZVAL_UNDEF(&property_unreadable_default_value);
	zend_string *property_unreadable_name = zend_string_init("unreadable", sizeof("unreadable") - 1, 1);
	zend_declare_typed_property(class_entry, property_unreadable_name, &property_unreadable_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_unreadable_name);

	zval property_next_default_value;
	ZVAL_UNDEF(&property_next_default_value);
	zend_string *property_next_name = zend_string_init("next", sizeof("next") - 1, 1);
	zend_declare_typed_property(class_entry, property_next_name, &property_next_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_next_name);

	zval property_grants_default_value;
	ZVAL_UNDEF(&property_grants_default_value);
	zend_string *property_grants_name = zend_string_init("grants", sizeof("grants") - 1, 1);
	zend_declare_typed_property(class_entry, property_grants_name, &property_grants_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_grants_name);

	return class_entry;
}
