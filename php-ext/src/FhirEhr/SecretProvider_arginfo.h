/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 62e5a987a0dddde398ac69262d9a2d4129837224 */

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_SecretProvider_secret, 0, 1, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, name, IS_STRING, 0)
ZEND_END_ARG_INFO()




static const zend_function_entry class_FhirEhr_SecretProvider_methods[] = {
	ZEND_ABSTRACT_ME_WITH_FLAGS(FhirEhr_SecretProvider, secret, arginfo_class_FhirEhr_SecretProvider_secret, ZEND_ACC_PUBLIC|ZEND_ACC_ABSTRACT)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_SecretProvider(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "SecretProvider", class_FhirEhr_SecretProvider_methods);
	class_entry = zend_register_internal_interface(&ce);

	return class_entry;
}
