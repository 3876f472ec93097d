/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: b63c1b0ffdb6015f2e4e51bc37d837a4d1e5c617 */

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Keys_key, 0, 1, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, id, IS_STRING, 0)
ZEND_END_ARG_INFO()




static const zend_function_entry class_FhirEhr_Keys_methods[] = {
	ZEND_ABSTRACT_ME_WITH_FLAGS(FhirEhr_Keys, key, arginfo_class_FhirEhr_Keys_key, ZEND_ACC_PUBLIC|ZEND_ACC_ABSTRACT)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_Keys(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "Keys", class_FhirEhr_Keys_methods);
	class_entry = zend_register_internal_interface(&ce);

	return class_entry;
}
