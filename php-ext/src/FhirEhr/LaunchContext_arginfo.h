/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 1fe55a14290887fea34c056418d1a23732364280 */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_LaunchContext___construct, 0, 0, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_LaunchContext, __construct);


static const zend_function_entry class_FhirEhr_LaunchContext_methods[] = {
	ZEND_ME(FhirEhr_LaunchContext, __construct, arginfo_class_FhirEhr_LaunchContext___construct, ZEND_ACC_PRIVATE)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_LaunchContext(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "LaunchContext", class_FhirEhr_LaunchContext_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_patient_default_value;
	ZVAL_UNDEF(&property_patient_default_value);
	zend_string *property_patient_name = zend_string_init("patient", sizeof("patient") - 1, 1);
	zend_declare_typed_property(class_entry, property_patient_name, &property_patient_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_patient_name);

	zval property_encounter_default_value;
	ZVAL_UNDEF(&property_encounter_default_value);
	zend_string *property_encounter_name = zend_string_init("encounter", sizeof("encounter") - 1, 1);
	zend_declare_typed_property(class_entry, property_encounter_name, &property_encounter_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_encounter_name);

	zval property_ehrUser_default_value;
	ZVAL_UNDEF(&property_ehrUser_default_value);
	zend_string *property_ehrUser_name = zend_string_init("ehrUser", sizeof("ehrUser") - 1, 1);
	zend_declare_typed_property(class_entry, property_ehrUser_name, &property_ehrUser_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_ehrUser_name);

	zend_string *property_fhirUser_class_FhirEhr_FhirUser = zend_string_init("FhirEhr\\FhirUser", sizeof("FhirEhr\\FhirUser")-1, 1);
	zval property_fhirUser_default_value;
	ZVAL_UNDEF(&property_fhirUser_default_value);
	zend_string *property_fhirUser_name = zend_string_init("fhirUser", sizeof("fhirUser") - 1, 1);
	zend_declare_typed_property(class_entry, property_fhirUser_name, &property_fhirUser_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_CLASS(property_fhirUser_class_FhirEhr_FhirUser, 0, MAY_BE_NULL));
	zend_string_release(property_fhirUser_name);

	zval property_idToken_default_value;
	ZVAL_UNDEF(&property_idToken_default_value);
	zend_string *property_idToken_name = zend_string_init("idToken", sizeof("idToken") - 1, 1);
	zend_declare_typed_property(class_entry, property_idToken_name, &property_idToken_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_idToken_name);

	zval property_idTokenError_default_value;
	ZVAL_UNDEF(&property_idTokenError_default_value);
	zend_string *property_idTokenError_name = zend_string_init("idTokenError", sizeof("idTokenError") - 1, 1);
	zend_declare_typed_property(class_entry, property_idTokenError_name, &property_idTokenError_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_idTokenError_name);

	zval property_needPatientBanner_default_value;
	ZVAL_UNDEF(&property_needPatientBanner_default_value);
	zend_string *property_needPatientBanner_name = zend_string_init("needPatientBanner", sizeof("needPatientBanner") - 1, 1);
	zend_declare_typed_property(class_entry, property_needPatientBanner_name, &property_needPatientBanner_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_needPatientBanner_name);

	zval property_fhirContext_default_value;
	ZVAL_UNDEF(&property_fhirContext_default_value);
	zend_string *property_fhirContext_name = zend_string_init("fhirContext", sizeof("fhirContext") - 1, 1);
	zend_declare_typed_property(class_entry, property_fhirContext_name, &property_fhirContext_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_fhirContext_name);

	zval property_smartStyleUrl_default_value;
	ZVAL_UNDEF(&property_smartStyleUrl_default_value);
	zend_string *property_smartStyleUrl_name = zend_string_init("smartStyleUrl", sizeof("smartStyleUrl") - 1, 1);
	zend_declare_typed_property(class_entry, property_smartStyleUrl_name, &property_smartStyleUrl_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_smartStyleUrl_name);

	zval property_intent_default_value;
	ZVAL_UNDEF(&property_intent_default_value);
	zend_string *property_intent_name = zend_string_init("intent", sizeof("intent") - 1, 1);
	zend_declare_typed_property(class_entry, property_intent_name, &property_intent_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_intent_name);

	zval property_tenant_default_value;
	ZVAL_UNDEF(&property_tenant_default_value);
	zend_string *property_tenant_name = zend_string_init("tenant", sizeof("tenant") - 1, 1);
	zend_declare_typed_property(class_entry, property_tenant_name, &property_tenant_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_tenant_name);

	zval property_grantedScopes_default_value;
	ZVAL_UNDEF(&property_grantedScopes_default_value);
	zend_string *property_grantedScopes_name = zend_string_init("grantedScopes", sizeof("grantedScopes") - 1, 1);
	zend_declare_typed_property(class_entry, property_grantedScopes_name, &property_grantedScopes_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_grantedScopes_name);

	zval property_missingScopes_default_value;
	ZVAL_UNDEF(&property_missingScopes_default_value);
	zend_string *property_missingScopes_name = zend_string_init("missingScopes", sizeof("missingScopes") - 1, 1);
	zend_declare_typed_property(class_entry, property_missingScopes_name, &property_missingScopes_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_missingScopes_name);

	zval property_partlyGrantedScopes_default_value;
	ZVAL_UNDEF(&property_partlyGrantedScopes_default_value);
	zend_string *property_partlyGrantedScopes_name = zend_string_init("partlyGrantedScopes", sizeof("partlyGrantedScopes") - 1, 1);
	zend_declare_typed_property(class_entry, property_partlyGrantedScopes_name, &property_partlyGrantedScopes_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_partlyGrantedScopes_name);

	zval property_refreshTokenMissing_default_value;
	ZVAL_UNDEF(&property_refreshTokenMissing_default_value);
	zend_string *property_refreshTokenMissing_name = zend_string_init("refreshTokenMissing", sizeof("refreshTokenMissing") - 1, 1);
	zend_declare_typed_property(class_entry, property_refreshTokenMissing_name, &property_refreshTokenMissing_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_refreshTokenMissing_name);

	zval property_expiresAt_default_value;
	ZVAL_UNDEF(&property_expiresAt_default_value);
	zend_string *property_expiresAt_name = zend_string_init("expiresAt", sizeof("expiresAt") - 1, 1);
	zend_declare_typed_property(class_entry, property_expiresAt_name, &property_expiresAt_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_expiresAt_name);

	zval property_viewEndsAt_default_value;
	ZVAL_UNDEF(&property_viewEndsAt_default_value);
	zend_string *property_viewEndsAt_name = zend_string_init("viewEndsAt", sizeof("viewEndsAt") - 1, 1);
	zend_declare_typed_property(class_entry, property_viewEndsAt_name, &property_viewEndsAt_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_viewEndsAt_name);

	return class_entry;
}
