/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: dbb9655c94ad6bcbd13c8a533de9e031583eca78 */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_SignIn___construct, 0, 0, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_SignIn, __construct);


static const zend_function_entry class_FhirEhr_SignIn_methods[] = {
	ZEND_ME(FhirEhr_SignIn, __construct, arginfo_class_FhirEhr_SignIn___construct, ZEND_ACC_PRIVATE)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_SignIn(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "SignIn", class_FhirEhr_SignIn_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_user_default_value;
	ZVAL_UNDEF(&property_user_default_value);
	zend_string *property_user_name = zend_string_init("user", sizeof("user") - 1, 1);
	zend_declare_typed_property(class_entry, property_user_name, &property_user_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_user_name);

	zval property_source_default_value;
	ZVAL_UNDEF(&property_source_default_value);
	zend_string *property_source_name = zend_string_init("source", sizeof("source") - 1, 1);
	zend_declare_typed_property(class_entry, property_source_name, &property_source_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_source_name);

	zval property_launchId_default_value;
	ZVAL_UNDEF(&property_launchId_default_value);
	zend_string *property_launchId_name = zend_string_init("launchId", sizeof("launchId") - 1, 1);
	zend_declare_typed_property(class_entry, property_launchId_name, &property_launchId_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_launchId_name);

	zend_string *property_context_class_FhirEhr_LaunchContext = zend_string_init("FhirEhr\\LaunchContext", sizeof("FhirEhr\\LaunchContext")-1, 1);
	zval property_context_default_value;
	ZVAL_UNDEF(&property_context_default_value);
	zend_string *property_context_name = zend_string_init("context", sizeof("context") - 1, 1);
	zend_declare_typed_property(class_entry, property_context_name, &property_context_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_CLASS(property_context_class_FhirEhr_LaunchContext, 0, 0));
	zend_string_release(property_context_name);

	return class_entry;
}
