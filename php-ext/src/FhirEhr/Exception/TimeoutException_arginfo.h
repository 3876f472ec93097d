/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: d0920a96398d29d8d4a2de2229d5b959f9fa609f */




static const zend_function_entry class_FhirEhr_Exception_TimeoutException_methods[] = {
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_Exception_TimeoutException(zend_class_entry *class_entry_FhirEhr_Exception_ConnectionException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr\\Exception", "TimeoutException", class_FhirEhr_Exception_TimeoutException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_FhirEhr_Exception_ConnectionException);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}
