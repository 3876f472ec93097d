/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 077f3c133eced76f06c6c7ac2f8397a56faa5e2b */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_Discovery___construct, 0, 0, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_Discovery, __construct);


static const zend_function_entry class_FhirEhr_Discovery_methods[] = {
	ZEND_ME(FhirEhr_Discovery, __construct, arginfo_class_FhirEhr_Discovery___construct, ZEND_ACC_PRIVATE)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_Discovery(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "Discovery", class_FhirEhr_Discovery_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_authorizationEndpoint_default_value;
	ZVAL_UNDEF(&property_authorizationEndpoint_default_value);
	zend_string *property_authorizationEndpoint_name = zend_string_init("authorizationEndpoint", sizeof("authorizationEndpoint") - 1, 1);
	zend_declare_typed_property(class_entry, property_authorizationEndpoint_name, &property_authorizationEndpoint_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_authorizationEndpoint_name);

	zval property_tokenEndpoint_default_value;
	ZVAL_UNDEF(&property_tokenEndpoint_default_value);
	zend_string *property_tokenEndpoint_name = zend_string_init("tokenEndpoint", sizeof("tokenEndpoint") - 1, 1);
	zend_declare_typed_property(class_entry, property_tokenEndpoint_name, &property_tokenEndpoint_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_tokenEndpoint_name);

	zval property_introspectionEndpoint_default_value;
	ZVAL_UNDEF(&property_introspectionEndpoint_default_value);
	zend_string *property_introspectionEndpoint_name = zend_string_init("introspectionEndpoint", sizeof("introspectionEndpoint") - 1, 1);
	zend_declare_typed_property(class_entry, property_introspectionEndpoint_name, &property_introspectionEndpoint_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_introspectionEndpoint_name);

	zval property_revocationEndpoint_default_value;
	ZVAL_UNDEF(&property_revocationEndpoint_default_value);
	zend_string *property_revocationEndpoint_name = zend_string_init("revocationEndpoint", sizeof("revocationEndpoint") - 1, 1);
	zend_declare_typed_property(class_entry, property_revocationEndpoint_name, &property_revocationEndpoint_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_revocationEndpoint_name);

	zval property_managementEndpoint_default_value;
	ZVAL_UNDEF(&property_managementEndpoint_default_value);
	zend_string *property_managementEndpoint_name = zend_string_init("managementEndpoint", sizeof("managementEndpoint") - 1, 1);
	zend_declare_typed_property(class_entry, property_managementEndpoint_name, &property_managementEndpoint_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_managementEndpoint_name);

	zval property_registrationEndpoint_default_value;
	ZVAL_UNDEF(&property_registrationEndpoint_default_value);
	zend_string *property_registrationEndpoint_name = zend_string_init("registrationEndpoint", sizeof("registrationEndpoint") - 1, 1);
	zend_declare_typed_property(class_entry, property_registrationEndpoint_name, &property_registrationEndpoint_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_registrationEndpoint_name);

	zval property_jwksUri_default_value;
	ZVAL_UNDEF(&property_jwksUri_default_value);
	zend_string *property_jwksUri_name = zend_string_init("jwksUri", sizeof("jwksUri") - 1, 1);
	zend_declare_typed_property(class_entry, property_jwksUri_name, &property_jwksUri_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_jwksUri_name);

	zval property_issuer_default_value;
	ZVAL_UNDEF(&property_issuer_default_value);
	zend_string *property_issuer_name = zend_string_init("issuer", sizeof("issuer") - 1, 1);
	zend_declare_typed_property(class_entry, property_issuer_name, &property_issuer_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_issuer_name);

	zval property_fhirVersion_default_value;
	ZVAL_UNDEF(&property_fhirVersion_default_value);
	zend_string *property_fhirVersion_name = zend_string_init("fhirVersion", sizeof("fhirVersion") - 1, 1);
	zend_declare_typed_property(class_entry, property_fhirVersion_name, &property_fhirVersion_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_fhirVersion_name);

	zval property_foundIn_default_value;
	ZVAL_UNDEF(&property_foundIn_default_value);
	zend_string *property_foundIn_name = zend_string_init("foundIn", sizeof("foundIn") - 1, 1);
	zend_declare_typed_property(class_entry, property_foundIn_name, &property_foundIn_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_foundIn_name);

	zval property_scopesSupported_default_value;
	ZVAL_UNDEF(&property_scopesSupported_default_value);
	zend_string *property_scopesSupported_name = zend_string_init("scopesSupported", sizeof("scopesSupported") - 1, 1);
	zend_declare_typed_property(class_entry, property_scopesSupported_name, &property_scopesSupported_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_scopesSupported_name);

	zval property_capabilities_default_value;
	ZVAL_UNDEF(&property_capabilities_default_value);
	zend_string *property_capabilities_name = zend_string_init("capabilities", sizeof("capabilities") - 1, 1);
	zend_declare_typed_property(class_entry, property_capabilities_name, &property_capabilities_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_capabilities_name);

	zval property_codeChallengeMethods_default_value;
	ZVAL_UNDEF(&property_codeChallengeMethods_default_value);
	zend_string *property_codeChallengeMethods_name = zend_string_init("codeChallengeMethods", sizeof("codeChallengeMethods") - 1, 1);
	zend_declare_typed_property(class_entry, property_codeChallengeMethods_name, &property_codeChallengeMethods_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_codeChallengeMethods_name);

	zval property_vendor_default_value;
	ZVAL_UNDEF(&property_vendor_default_value);
	zend_string *property_vendor_name = zend_string_init("vendor", sizeof("vendor") - 1, 1);
	zend_declare_typed_property(class_entry, property_vendor_name, &property_vendor_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_vendor_name);

	return class_entry;
}
