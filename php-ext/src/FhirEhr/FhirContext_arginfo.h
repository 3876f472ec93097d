/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 54ca7f6fd334e27e7be4c681aa89dcf76e4faca5 */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_FhirContext___construct, 0, 0, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_FhirContext, __construct);


static const zend_function_entry class_FhirEhr_FhirContext_methods[] = {
	ZEND_ME(FhirEhr_FhirContext, __construct, arginfo_class_FhirEhr_FhirContext___construct, ZEND_ACC_PRIVATE)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_FhirContext(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "FhirContext", class_FhirEhr_FhirContext_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_reference_default_value;
	ZVAL_UNDEF(&property_reference_default_value);
	zend_string *property_reference_name = zend_string_init("reference", sizeof("reference") - 1, 1);
	zend_declare_typed_property(class_entry, property_reference_name, &property_reference_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_reference_name);

	zval property_canonical_default_value;
	ZVAL_UNDEF(&property_canonical_default_value);
	zend_string *property_canonical_name = zend_string_init("canonical", sizeof("canonical") - 1, 1);
	zend_declare_typed_property(class_entry, property_canonical_name, &property_canonical_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_canonical_name);

	zval property_identifierSystem_default_value;
	ZVAL_UNDEF(&property_identifierSystem_default_value);
	zend_string *property_identifierSystem_name = zend_string_init("identifierSystem", sizeof("identifierSystem") - 1, 1);
	zend_declare_typed_property(class_entry, property_identifierSystem_name, &property_identifierSystem_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_identifierSystem_name);

	zval property_identifierValue_default_value;
	ZVAL_UNDEF(&property_identifierValue_default_value);
	zend_string *property_identifierValue_name = zend_string_init("identifierValue", sizeof("identifierValue") - 1, 1);
	zend_declare_typed_property(class_entry, property_identifierValue_name, &property_identifierValue_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_identifierValue_name);

	zval property_type_default_value;
	ZVAL_UNDEF(&property_type_default_value);
	zend_string *property_type_name = zend_string_init("type", sizeof("type") - 1, 1);
	zend_declare_typed_property(class_entry, property_type_name, &property_type_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_type_name);

	zval property_role_default_value;
	ZVAL_UNDEF(&property_role_default_value);
	zend_string *property_role_name = zend_string_init("role", sizeof("role") - 1, 1);
	zend_declare_typed_property(class_entry, property_role_name, &property_role_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_role_name);

	return class_entry;
}
