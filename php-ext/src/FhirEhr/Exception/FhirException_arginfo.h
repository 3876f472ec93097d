/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: b439fb7b5ec41a8e4030c8c81dde3100fb020281 */




static const zend_function_entry class_FhirEhr_Exception_FhirException_methods[] = {
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_Exception_FhirException(zend_class_entry *class_entry_FhirEhr_Exception_RuntimeException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr\\Exception", "FhirException", class_FhirEhr_Exception_FhirException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_FhirEhr_Exception_RuntimeException);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}
