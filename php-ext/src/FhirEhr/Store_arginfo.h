/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 2fb9337a9c97da5bab5cf9a51026c2349d5fe7b4 */

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_FhirEhr_Store_get, 0, 2, FhirEhr\\StoredRecord, 1)
	ZEND_ARG_TYPE_INFO(0, kind, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Store_write, 0, 1, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, batch, IS_ARRAY, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Store_scan, 0, 7, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO(0, kind, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, organization, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, project, IS_STRING, 1)
	ZEND_ARG_TYPE_INFO(0, subject, IS_STRING, 1)
	ZEND_ARG_TYPE_INFO(0, state, IS_STRING, 1)
	ZEND_ARG_TYPE_INFO(0, after, IS_STRING, 1)
	ZEND_ARG_TYPE_INFO(0, limit, IS_LONG, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Store_acquireLease, 0, 3, IS_LONG, 1)
	ZEND_ARG_TYPE_INFO(0, name, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, holder, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, seconds, IS_LONG, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Store_releaseLease, 0, 3, IS_VOID, 0)
	ZEND_ARG_TYPE_INFO(0, name, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, holder, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, fence, IS_LONG, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Store_purgeExpired, 0, 0, IS_LONG, 0)
ZEND_END_ARG_INFO()




static const zend_function_entry class_FhirEhr_Store_methods[] = {
	ZEND_ABSTRACT_ME_WITH_FLAGS(FhirEhr_Store, get, arginfo_class_FhirEhr_Store_get, ZEND_ACC_PUBLIC|ZEND_ACC_ABSTRACT)
	ZEND_ABSTRACT_ME_WITH_FLAGS(FhirEhr_Store, write, arginfo_class_FhirEhr_Store_write, ZEND_ACC_PUBLIC|ZEND_ACC_ABSTRACT)
	ZEND_ABSTRACT_ME_WITH_FLAGS(FhirEhr_Store, scan, arginfo_class_FhirEhr_Store_scan, ZEND_ACC_PUBLIC|ZEND_ACC_ABSTRACT)
	ZEND_ABSTRACT_ME_WITH_FLAGS(FhirEhr_Store, acquireLease, arginfo_class_FhirEhr_Store_acquireLease, ZEND_ACC_PUBLIC|ZEND_ACC_ABSTRACT)
	ZEND_ABSTRACT_ME_WITH_FLAGS(FhirEhr_Store, releaseLease, arginfo_class_FhirEhr_Store_releaseLease, ZEND_ACC_PUBLIC|ZEND_ACC_ABSTRACT)
	ZEND_ABSTRACT_ME_WITH_FLAGS(FhirEhr_Store, purgeExpired, arginfo_class_FhirEhr_Store_purgeExpired, ZEND_ACC_PUBLIC|ZEND_ACC_ABSTRACT)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_Store(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "Store", class_FhirEhr_Store_methods);
	class_entry = zend_register_internal_interface(&ce);

	return class_entry;
}
