/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 6ac4d342a63219201d9547e5482d9134c42dcb33 */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_SignedOutGrant___construct, 0, 0, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_SignedOutGrant, __construct);


static const zend_function_entry class_FhirEhr_SignedOutGrant_methods[] = {
	ZEND_ME(FhirEhr_SignedOutGrant, __construct, arginfo_class_FhirEhr_SignedOutGrant___construct, ZEND_ACC_PRIVATE)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_SignedOutGrant(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "SignedOutGrant", class_FhirEhr_SignedOutGrant_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_source_default_value;
	ZVAL_UNDEF(&property_source_default_value);
	zend_string *property_source_name = zend_string_init("source", sizeof("source") - 1, 1);
	zend_declare_typed_property(class_entry, property_source_name, &property_source_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_source_name);

	zval property_patientBound_default_value;
	ZVAL_UNDEF(&property_patientBound_default_value);
	zend_string *property_patientBound_name = zend_string_init("patientBound", sizeof("patientBound") - 1, 1);
	zend_declare_typed_property(class_entry, property_patientBound_name, &property_patientBound_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_patientBound_name);

	zval property_refreshToken_default_value;
	ZVAL_UNDEF(&property_refreshToken_default_value);
	zend_string *property_refreshToken_name = zend_string_init("refreshToken", sizeof("refreshToken") - 1, 1);
	zend_declare_typed_property(class_entry, property_refreshToken_name, &property_refreshToken_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_refreshToken_name);

	zval property_accessToken_default_value;
	ZVAL_UNDEF(&property_accessToken_default_value);
	zend_string *property_accessToken_name = zend_string_init("accessToken", sizeof("accessToken") - 1, 1);
	zend_declare_typed_property(class_entry, property_accessToken_name, &property_accessToken_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_accessToken_name);

	zval property_accessTokenValidUntil_default_value;
	ZVAL_UNDEF(&property_accessTokenValidUntil_default_value);
	zend_string *property_accessTokenValidUntil_name = zend_string_init("accessTokenValidUntil", sizeof("accessTokenValidUntil") - 1, 1);
	zend_declare_typed_property(class_entry, property_accessTokenValidUntil_name, &property_accessTokenValidUntil_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG|MAY_BE_NULL));
	zend_string_release(property_accessTokenValidUntil_name);

	zval property_error_default_value;
	ZVAL_UNDEF(&property_error_default_value);
	zend_string *property_error_name = zend_string_init("error", sizeof("error") - 1, 1);
	zend_declare_typed_property(class_entry, property_error_name, &property_error_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_error_name);

	zval property_message_default_value;
	ZVAL_UNDEF(&property_message_default_value);
	zend_string *property_message_name = zend_string_init("message", sizeof("message") - 1, 1);
	zend_declare_typed_property(class_entry, property_message_name, &property_message_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_message_name);

	zval property_retryUntil_default_value;
	ZVAL_UNDEF(&property_retryUntil_default_value);
	zend_string *property_retryUntil_name = zend_string_init("retryUntil", sizeof("retryUntil") - 1, 1);
	zend_declare_typed_property(class_entry, property_retryUntil_name, &property_retryUntil_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG|MAY_BE_NULL));
	zend_string_release(property_retryUntil_name);

	return class_entry;
}
