/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: e043e6ae3c28cf56ebda85daa192e4b6fe958559 */




static const zend_function_entry class_FhirEhr_Exception_StoreException_methods[] = {
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_Exception_StoreException(zend_class_entry *class_entry_FhirEhr_Exception_RuntimeException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr\\Exception", "StoreException", class_FhirEhr_Exception_StoreException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_FhirEhr_Exception_RuntimeException);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}
