/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 73eeb6d78c5301aa8c0c87b936d4d788fc302d4c */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_PullResult___construct, 0, 0, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_PullResult, __construct);


static const zend_function_entry class_FhirEhr_PullResult_methods[] = {
	ZEND_ME(FhirEhr_PullResult, __construct, arginfo_class_FhirEhr_PullResult___construct, ZEND_ACC_PRIVATE)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_PullResult(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "PullResult", class_FhirEhr_PullResult_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_pullId_default_value;
	ZVAL_UNDEF(&property_pullId_default_value);
	zend_string *property_pullId_name = zend_string_init("pullId", sizeof("pullId") - 1, 1);
	zend_declare_typed_property(class_entry, property_pullId_name, &property_pullId_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_pullId_name);

	zval property_patientId_default_value;
	ZVAL_UNDEF(&property_patientId_default_value);
	zend_string *property_patientId_name = zend_string_init("patientId", sizeof("patientId") - 1, 1);
	zend_declare_typed_property(class_entry, property_patientId_name, &property_patientId_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_patientId_name);

	zval property_rows_default_value;
	ZVAL_UNDEF(&property_rows_default_value);
	zend_string *property_rows_name = zend_string_init("rows", sizeof("rows") - 1, 1);
	zend_declare_typed_property(class_entry, property_rows_name, &property_rows_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_rows_name);

	zval property_report_default_value;
	ZVAL_UNDEF(&property_report_default_value);
	zend_string *property_report_name = zend_string_init("report", sizeof("report") - 1, 1);
	zend_declare_typed_property(class_entry, property_report_name, &property_report_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_report_name);

	zval property_complete_default_value;
	ZVAL_UNDEF(&property_complete_default_value);
	zend_string *property_complete_name = zend_string_init("complete", sizeof("complete") - 1, 1);
	zend_declare_typed_property(class_entry, property_complete_name, &property_complete_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_complete_name);

	return class_entry;
}
