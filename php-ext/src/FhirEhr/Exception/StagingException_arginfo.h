/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 45e1a6b7509a5202bcae9a77c5d558120887f5bf */




static const zend_function_entry class_FhirEhr_Exception_StagingException_methods[] = {
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_Exception_StagingException(zend_class_entry *class_entry_FhirEhr_Exception_RuntimeException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr\\Exception", "StagingException", class_FhirEhr_Exception_StagingException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_FhirEhr_Exception_RuntimeException);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}
