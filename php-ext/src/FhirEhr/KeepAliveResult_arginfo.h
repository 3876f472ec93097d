/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: d7f769607593fe1704814c8c6de7a310ec35ff1d */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_KeepAliveResult___construct, 0, 0, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_KeepAliveResult, __construct);


static const zend_function_entry class_FhirEhr_KeepAliveResult_methods[] = {
	ZEND_ME(FhirEhr_KeepAliveResult, __construct, arginfo_class_FhirEhr_KeepAliveResult___construct, ZEND_ACC_PRIVATE)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_KeepAliveResult(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "KeepAliveResult", class_FhirEhr_KeepAliveResult_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_notDue_default_value;
	ZVAL_UNDEF(&property_notDue_default_value);
	zend_string *property_notDue_name = zend_string_init("notDue", sizeof("notDue") - 1, 1);
	zend_declare_typed_property(class_entry, property_notDue_name, &property_notDue_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_notDue_name);

	zval property_unreadable_default_value;
	ZVAL_UNDEF(&property_unreadable_default_value);
	zend_string *property_unreadable_name = zend_string_init("unreadable", sizeof("unreadable") - 1, 1);
	zend_declare_typed_property(class_entry, property_unreadable_name, &property_unreadable_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_unreadable_name);

	zval property_revocationsFinished_default_value;
	ZVAL_UNDEF(&property_revocationsFinished_default_value);
	zend_string *property_revocationsFinished_name = zend_string_init("revocationsFinished", sizeof("revocationsFinished") - 1, 1);
	zend_declare_typed_property(class_entry, property_revocationsFinished_name, &property_revocationsFinished_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_revocationsFinished_name);

	zval property_revocationsUnfinished_default_value;
	ZVAL_UNDEF(&property_revocationsUnfinished_default_value);
	zend_string *property_revocationsUnfinished_name = zend_string_init("revocationsUnfinished", sizeof("revocationsUnfinished") - 1, 1);
	zend_declare_typed_property(class_entry, property_revocationsUnfinished_name, &property_revocationsUnfinished_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_revocationsUnfinished_name);

	zval property_grants_default_value;
	ZVAL_UNDEF(&property_grants_default_value);
	zend_string *property_grants_name = zend_string_init("grants", sizeof("grants") - 1, 1);
	zend_declare_typed_property(class_entry, property_grants_name, &property_grants_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_grants_name);

	return class_entry;
}
