/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 2a6cd21c80ee97711fef20af8ae39808380acc11 */

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Access_allows, 0, 3, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, project, IS_STRING, 0)
	ZEND_ARG_OBJ_INFO(0, action, FhirEhr\\Action, 0)
ZEND_END_ARG_INFO()




static const zend_function_entry class_FhirEhr_Access_methods[] = {
	ZEND_ABSTRACT_ME_WITH_FLAGS(FhirEhr_Access, allows, arginfo_class_FhirEhr_Access_allows, ZEND_ACC_PUBLIC|ZEND_ACC_ABSTRACT)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_Access(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "Access", class_FhirEhr_Access_methods);
	class_entry = zend_register_internal_interface(&ce);

	return class_entry;
}
