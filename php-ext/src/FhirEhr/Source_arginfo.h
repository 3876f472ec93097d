/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: df24b73729a438e7f57c918f16a3c409477cb77c */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_Source___construct, 0, 0, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_Source, __construct);


static const zend_function_entry class_FhirEhr_Source_methods[] = {
	ZEND_ME(FhirEhr_Source, __construct, arginfo_class_FhirEhr_Source___construct, ZEND_ACC_PRIVATE)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_Source(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "Source", class_FhirEhr_Source_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_id_default_value;
	ZVAL_UNDEF(&property_id_default_value);
	zend_string *property_id_name = zend_string_init("id", sizeof("id") - 1, 1);
	zend_declare_typed_property(class_entry, property_id_name, &property_id_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_id_name);

	zval property_name_default_value;
	ZVAL_UNDEF(&property_name_default_value);
	zend_string *property_name_name = zend_string_init("name", sizeof("name") - 1, 1);
	zend_declare_typed_property(class_entry, property_name_name, &property_name_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_name_name);

	zval property_iss_default_value;
	ZVAL_UNDEF(&property_iss_default_value);
	zend_string *property_iss_name = zend_string_init("iss", sizeof("iss") - 1, 1);
	zend_declare_typed_property(class_entry, property_iss_name, &property_iss_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_iss_name);

	zval property_organization_default_value;
	ZVAL_UNDEF(&property_organization_default_value);
	zend_string *property_organization_name = zend_string_init("organization", sizeof("organization") - 1, 1);
	zend_declare_typed_property(class_entry, property_organization_name, &property_organization_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_organization_name);

	zend_string *property_environment_class_FhirEhr_Environment = zend_string_init("FhirEhr\\Environment", sizeof("FhirEhr\\Environment")-1, 1);
	zval property_environment_default_value;
	ZVAL_UNDEF(&property_environment_default_value);
	zend_string *property_environment_name = zend_string_init("environment", sizeof("environment") - 1, 1);
	zend_declare_typed_property(class_entry, property_environment_name, &property_environment_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_CLASS(property_environment_class_FhirEhr_Environment, 0, 0));
	zend_string_release(property_environment_name);

	zval property_fhirVersion_default_value;
	ZVAL_UNDEF(&property_fhirVersion_default_value);
	zend_string *property_fhirVersion_name = zend_string_init("fhirVersion", sizeof("fhirVersion") - 1, 1);
	zend_declare_typed_property(class_entry, property_fhirVersion_name, &property_fhirVersion_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_fhirVersion_name);

	zval property_vendor_default_value;
	ZVAL_UNDEF(&property_vendor_default_value);
	zend_string *property_vendor_name = zend_string_init("vendor", sizeof("vendor") - 1, 1);
	zend_declare_typed_property(class_entry, property_vendor_name, &property_vendor_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_vendor_name);

	zval property_systemAccount_default_value;
	ZVAL_UNDEF(&property_systemAccount_default_value);
	zend_string *property_systemAccount_name = zend_string_init("systemAccount", sizeof("systemAccount") - 1, 1);
	zend_declare_typed_property(class_entry, property_systemAccount_name, &property_systemAccount_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_systemAccount_name);

	zval property_redirectUris_default_value;
	ZVAL_UNDEF(&property_redirectUris_default_value);
	zend_string *property_redirectUris_name = zend_string_init("redirectUris", sizeof("redirectUris") - 1, 1);
	zend_declare_typed_property(class_entry, property_redirectUris_name, &property_redirectUris_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_redirectUris_name);

	zval property_frameAncestors_default_value;
	ZVAL_UNDEF(&property_frameAncestors_default_value);
	zend_string *property_frameAncestors_name = zend_string_init("frameAncestors", sizeof("frameAncestors") - 1, 1);
	zend_declare_typed_property(class_entry, property_frameAncestors_name, &property_frameAncestors_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_frameAncestors_name);

	zval property_authorizationEndpoint_default_value;
	ZVAL_UNDEF(&property_authorizationEndpoint_default_value);
	zend_string *property_authorizationEndpoint_name = zend_string_init("authorizationEndpoint", sizeof("authorizationEndpoint") - 1, 1);
	zend_declare_typed_property(class_entry, property_authorizationEndpoint_name, &property_authorizationEndpoint_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_authorizationEndpoint_name);

	zval property_tokenEndpoint_default_value;
	ZVAL_UNDEF(&property_tokenEndpoint_default_value);
	zend_string *property_tokenEndpoint_name = zend_string_init("tokenEndpoint", sizeof("tokenEndpoint") - 1, 1);
	zend_declare_typed_property(class_entry, property_tokenEndpoint_name, &property_tokenEndpoint_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_tokenEndpoint_name);

	zval property_mrnSystems_default_value;
	ZVAL_UNDEF(&property_mrnSystems_default_value);
	zend_string *property_mrnSystems_name = zend_string_init("mrnSystems", sizeof("mrnSystems") - 1, 1);
	zend_declare_typed_property(class_entry, property_mrnSystems_name, &property_mrnSystems_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_mrnSystems_name);

	return class_entry;
}
