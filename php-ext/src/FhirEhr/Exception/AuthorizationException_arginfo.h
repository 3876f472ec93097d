/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 3d3f2b999bb44bcbe665da4406ed58cc843dd6d2 */




static const zend_function_entry class_FhirEhr_Exception_AuthorizationException_methods[] = {
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_Exception_AuthorizationException(zend_class_entry *class_entry_FhirEhr_Exception_RuntimeException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr\\Exception", "AuthorizationException", class_FhirEhr_Exception_AuthorizationException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_FhirEhr_Exception_RuntimeException);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}
