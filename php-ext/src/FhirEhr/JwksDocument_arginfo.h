/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 0f202ec2a1a34ee96648ee7c9b814a5ad9a42377 */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_JwksDocument___construct, 0, 0, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_JwksDocument, __construct);


static const zend_function_entry class_FhirEhr_JwksDocument_methods[] = {
	ZEND_ME(FhirEhr_JwksDocument, __construct, arginfo_class_FhirEhr_JwksDocument___construct, ZEND_ACC_PRIVATE)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_JwksDocument(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "JwksDocument", class_FhirEhr_JwksDocument_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_json_default_value;
	ZVAL_UNDEF(&property_json_default_value);
	zend_string *property_json_name = zend_string_init("json", sizeof("json") - 1, 1);
	zend_declare_typed_property(class_entry, property_json_name, &property_json_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_json_name);

	zval property_cacheControl_default_value;
	ZVAL_UNDEF(&property_cacheControl_default_value);
	zend_string *property_cacheControl_name = zend_string_init("cacheControl", sizeof("cacheControl") - 1, 1);
	zend_declare_typed_property(class_entry, property_cacheControl_name, &property_cacheControl_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_cacheControl_name);

	return class_entry;
}
