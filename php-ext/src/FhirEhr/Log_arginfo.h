/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 948a26508cda5f0e7eb60eea0eb253d3e5f0a9c4 */

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Log_event, 0, 3, IS_VOID, 0)
	ZEND_ARG_OBJ_INFO(0, level, FhirEhr\\Level, 0)
	ZEND_ARG_TYPE_INFO(0, event, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, fields, IS_ARRAY, 0)
ZEND_END_ARG_INFO()




static const zend_function_entry class_FhirEhr_Log_methods[] = {
	ZEND_ABSTRACT_ME_WITH_FLAGS(FhirEhr_Log, event, arginfo_class_FhirEhr_Log_event, ZEND_ACC_PUBLIC|ZEND_ACC_ABSTRACT)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_Log(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "Log", class_FhirEhr_Log_methods);
	class_entry = zend_register_internal_interface(&ce);

	return class_entry;
}
