/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 9ff8e714653f91ecf57f21d9bdd2127a48a91257 */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_LaunchHandoff___construct, 0, 0, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_LaunchHandoff, __construct);


static const zend_function_entry class_FhirEhr_LaunchHandoff_methods[] = {
	ZEND_ME(FhirEhr_LaunchHandoff, __construct, arginfo_class_FhirEhr_LaunchHandoff___construct, ZEND_ACC_PRIVATE)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_LaunchHandoff(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "LaunchHandoff", class_FhirEhr_LaunchHandoff_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_url_default_value;
	ZVAL_UNDEF(&property_url_default_value);
	zend_string *property_url_name = zend_string_init("url", sizeof("url") - 1, 1);
	zend_declare_typed_property(class_entry, property_url_name, &property_url_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_url_name);

	zval property_createdAt_default_value;
	ZVAL_UNDEF(&property_createdAt_default_value);
	zend_string *property_createdAt_name = zend_string_init("createdAt", sizeof("createdAt") - 1, 1);
	zend_declare_typed_property(class_entry, property_createdAt_name, &property_createdAt_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_createdAt_name);

	zval property_redeemedAt_default_value;
	ZVAL_UNDEF(&property_redeemedAt_default_value);
	zend_string *property_redeemedAt_name = zend_string_init("redeemedAt", sizeof("redeemedAt") - 1, 1);
	zend_declare_typed_property(class_entry, property_redeemedAt_name, &property_redeemedAt_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG|MAY_BE_NULL));
	zend_string_release(property_redeemedAt_name);

	return class_entry;
}
