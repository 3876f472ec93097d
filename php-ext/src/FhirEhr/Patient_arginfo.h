/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 83e7456d361870e935c87e2b6aa3eb848c9d6763 */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_Patient___construct, 0, 0, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_Patient, __construct);


static const zend_function_entry class_FhirEhr_Patient_methods[] = {
	ZEND_ME(FhirEhr_Patient, __construct, arginfo_class_FhirEhr_Patient___construct, ZEND_ACC_PRIVATE)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_Patient(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "Patient", class_FhirEhr_Patient_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_patientId_default_value;
	ZVAL_UNDEF(&property_patientId_default_value);
	zend_string *property_patientId_name = zend_string_init("patientId", sizeof("patientId") - 1, 1);
	zend_declare_typed_property(class_entry, property_patientId_name, &property_patientId_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_patientId_name);

	zval property_mrns_default_value;
	ZVAL_UNDEF(&property_mrns_default_value);
	zend_string *property_mrns_name = zend_string_init("mrns", sizeof("mrns") - 1, 1);
	zend_declare_typed_property(class_entry, property_mrns_name, &property_mrns_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_mrns_name);

	zval property_otherIds_default_value;
	ZVAL_UNDEF(&property_otherIds_default_value);
	zend_string *property_otherIds_name = zend_string_init("otherIds", sizeof("otherIds") - 1, 1);
	zend_declare_typed_property(class_entry, property_otherIds_name, &property_otherIds_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_otherIds_name);

	zval property_values_default_value;
	ZVAL_UNDEF(&property_values_default_value);
	zend_string *property_values_name = zend_string_init("values", sizeof("values") - 1, 1);
	zend_declare_typed_property(class_entry, property_values_name, &property_values_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_values_name);

	return class_entry;
}
