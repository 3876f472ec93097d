/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 8b393b9345927b1ab5149c545bc237f6228c30e0 */




static const zend_function_entry class_FhirEhr_Exception_ConnectionException_methods[] = {
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_Exception_ConnectionException(zend_class_entry *class_entry_FhirEhr_Exception_RuntimeException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr\\Exception", "ConnectionException", class_FhirEhr_Exception_ConnectionException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_FhirEhr_Exception_RuntimeException);
	class_entry->ce_flags |= ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}
