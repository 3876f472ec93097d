/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 616c43de581d80926ed98ca527b254ed709dd2af */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_GrantEntry___construct, 0, 0, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_GrantEntry, __construct);


static const zend_function_entry class_FhirEhr_GrantEntry_methods[] = {
	ZEND_ME(FhirEhr_GrantEntry, __construct, arginfo_class_FhirEhr_GrantEntry___construct, ZEND_ACC_PRIVATE)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_GrantEntry(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "GrantEntry", class_FhirEhr_GrantEntry_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_source_default_value;
	ZVAL_UNDEF(&property_source_default_value);
	zend_string *property_source_name = zend_string_init("source", sizeof("source") - 1, 1);
	zend_declare_typed_property(class_entry, property_source_name, &property_source_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_source_name);

	zval property_user_default_value;
	ZVAL_UNDEF(&property_user_default_value);
	zend_string *property_user_name = zend_string_init("user", sizeof("user") - 1, 1);
	zend_declare_typed_property(class_entry, property_user_name, &property_user_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_user_name);

	zval property_systemAccount_default_value;
	ZVAL_UNDEF(&property_systemAccount_default_value);
	zend_string *property_systemAccount_name = zend_string_init("systemAccount", sizeof("systemAccount") - 1, 1);
	zend_declare_typed_property(class_entry, property_systemAccount_name, &property_systemAccount_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_systemAccount_name);

	zval property_patientBound_default_value;
	ZVAL_UNDEF(&property_patientBound_default_value);
	zend_string *property_patientBound_name = zend_string_init("patientBound", sizeof("patientBound") - 1, 1);
	zend_declare_typed_property(class_entry, property_patientBound_name, &property_patientBound_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_patientBound_name);

	zval property_status_default_value;
	ZVAL_UNDEF(&property_status_default_value);
	zend_string *property_status_name = zend_string_init("status", sizeof("status") - 1, 1);
	zend_declare_typed_property(class_entry, property_status_name, &property_status_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_status_name);

	zval property_signedInAt_default_value;
	ZVAL_UNDEF(&property_signedInAt_default_value);
	zend_string *property_signedInAt_name = zend_string_init("signedInAt", sizeof("signedInAt") - 1, 1);
	zend_declare_typed_property(class_entry, property_signedInAt_name, &property_signedInAt_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG|MAY_BE_NULL));
	zend_string_release(property_signedInAt_name);

	zval property_refreshedAt_default_value;
	ZVAL_UNDEF(&property_refreshedAt_default_value);
	zend_string *property_refreshedAt_name = zend_string_init("refreshedAt", sizeof("refreshedAt") - 1, 1);
	zend_declare_typed_property(class_entry, property_refreshedAt_name, &property_refreshedAt_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG|MAY_BE_NULL));
	zend_string_release(property_refreshedAt_name);

	zval property_accessTokenExpiresAt_default_value;
	ZVAL_UNDEF(&property_accessTokenExpiresAt_default_value);
	zend_string *property_accessTokenExpiresAt_name = zend_string_init("accessTokenExpiresAt", sizeof("accessTokenExpiresAt") - 1, 1);
	zend_declare_typed_property(class_entry, property_accessTokenExpiresAt_name, &property_accessTokenExpiresAt_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_accessTokenExpiresAt_name);

	zval property_refreshToken_default_value;
	ZVAL_UNDEF(&property_refreshToken_default_value);
	zend_string *property_refreshToken_name = zend_string_init("refreshToken", sizeof("refreshToken") - 1, 1);
	zend_declare_typed_property(class_entry, property_refreshToken_name, &property_refreshToken_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_refreshToken_name);

	zval property_lapse_default_value;
	ZVAL_UNDEF(&property_lapse_default_value);
	zend_string *property_lapse_name = zend_string_init("lapse", sizeof("lapse") - 1, 1);
	zend_declare_typed_property(class_entry, property_lapse_name, &property_lapse_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_lapse_name);

	zval property_lapsesAt_default_value;
	ZVAL_UNDEF(&property_lapsesAt_default_value);
	zend_string *property_lapsesAt_name = zend_string_init("lapsesAt", sizeof("lapsesAt") - 1, 1);
	zend_declare_typed_property(class_entry, property_lapsesAt_name, &property_lapsesAt_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG|MAY_BE_NULL));
	zend_string_release(property_lapsesAt_name);

	zval property_troubleSince_default_value;
	ZVAL_UNDEF(&property_troubleSince_default_value);
	zend_string *property_troubleSince_name = zend_string_init("troubleSince", sizeof("troubleSince") - 1, 1);
	zend_declare_typed_property(class_entry, property_troubleSince_name, &property_troubleSince_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG|MAY_BE_NULL));
	zend_string_release(property_troubleSince_name);

	zval property_action_default_value;
	ZVAL_UNDEF(&property_action_default_value);
	zend_string *property_action_name = zend_string_init("action", sizeof("action") - 1, 1);
	zend_declare_typed_property(class_entry, property_action_name, &property_action_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_action_name);

	zval property_advice_default_value;
	ZVAL_UNDEF(&property_advice_default_value);
	zend_string *property_advice_name = zend_string_init("advice", sizeof("advice") - 1, 1);
	zend_declare_typed_property(class_entry, property_advice_name, &property_advice_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_advice_name);

	zval property_warnings_default_value;
	ZVAL_UNDEF(&property_warnings_default_value);
	zend_string *property_warnings_name = zend_string_init("warnings", sizeof("warnings") - 1, 1);
	zend_declare_typed_property(class_entry, property_warnings_name, &property_warnings_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_warnings_name);

	return class_entry;
}
