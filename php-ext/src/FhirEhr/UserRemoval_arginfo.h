/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 938281e8901307b916993adeb251be12d7b5a8ed */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_UserRemoval___construct, 0, 0, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_UserRemoval, __construct);


static const zend_function_entry class_FhirEhr_UserRemoval_methods[] = {
	ZEND_ME(FhirEhr_UserRemoval, __construct, arginfo_class_FhirEhr_UserRemoval___construct, ZEND_ACC_PRIVATE)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_UserRemoval(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "UserRemoval", class_FhirEhr_UserRemoval_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_links_default_value;
	ZVAL_UNDEF(&property_links_default_value);
	zend_string *property_links_name = zend_string_init("links", sizeof("links") - 1, 1);
	zend_declare_typed_property(class_entry, property_links_name, &property_links_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_links_name);

	zval property_grants_default_value;
	ZVAL_UNDEF(&property_grants_default_value);
	zend_string *property_grants_name = zend_string_init("grants", sizeof("grants") - 1, 1);
	zend_declare_typed_property(class_entry, property_grants_name, &property_grants_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_grants_name);

	return class_entry;
}
