/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: a7f7d60ec802e8e1e06ae1eae16f37c823f57588 */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_LaunchLogEntry___construct, 0, 0, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_LaunchLogEntry, __construct);


static const zend_function_entry class_FhirEhr_LaunchLogEntry_methods[] = {
	ZEND_ME(FhirEhr_LaunchLogEntry, __construct, arginfo_class_FhirEhr_LaunchLogEntry___construct, ZEND_ACC_PRIVATE)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_LaunchLogEntry(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "LaunchLogEntry", class_FhirEhr_LaunchLogEntry_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_at_default_value;
	ZVAL_UNDEF(&property_at_default_value);
	zend_string *property_at_name = zend_string_init("at", sizeof("at") - 1, 1);
	zend_declare_typed_property(class_entry, property_at_name, &property_at_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_at_name);

	zval property_source_default_value;
	ZVAL_UNDEF(&property_source_default_value);
	zend_string *property_source_name = zend_string_init("source", sizeof("source") - 1, 1);
	zend_declare_typed_property(class_entry, property_source_name, &property_source_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_source_name);

	zval property_kind_default_value;
	ZVAL_UNDEF(&property_kind_default_value);
	zend_string *property_kind_name = zend_string_init("kind", sizeof("kind") - 1, 1);
	zend_declare_typed_property(class_entry, property_kind_name, &property_kind_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_kind_name);

	zval property_outcome_default_value;
	ZVAL_UNDEF(&property_outcome_default_value);
	zend_string *property_outcome_name = zend_string_init("outcome", sizeof("outcome") - 1, 1);
	zend_declare_typed_property(class_entry, property_outcome_name, &property_outcome_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_outcome_name);

	zval property_error_default_value;
	ZVAL_UNDEF(&property_error_default_value);
	zend_string *property_error_name = zend_string_init("error", sizeof("error") - 1, 1);
	zend_declare_typed_property(class_entry, property_error_name, &property_error_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_error_name);

	zval property_count_default_value;
	ZVAL_UNDEF(&property_count_default_value);
	zend_string *property_count_name = zend_string_init("count", sizeof("count") - 1, 1);
	zend_declare_typed_property(class_entry, property_count_name, &property_count_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_count_name);

	zval property_accessToken_default_value;
	ZVAL_UNDEF(&property_accessToken_default_value);
	zend_string *property_accessToken_name = zend_string_init("accessToken", sizeof("accessToken") - 1, 1);
	zend_declare_typed_property(class_entry, property_accessToken_name, &property_accessToken_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_accessToken_name);

	zval property_patient_default_value;
	ZVAL_UNDEF(&property_patient_default_value);
	zend_string *property_patient_name = zend_string_init("patient", sizeof("patient") - 1, 1);
	zend_declare_typed_property(class_entry, property_patient_name, &property_patient_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_patient_name);

	zval property_encounter_default_value;
	ZVAL_UNDEF(&property_encounter_default_value);
	zend_string *property_encounter_name = zend_string_init("encounter", sizeof("encounter") - 1, 1);
	zend_declare_typed_property(class_entry, property_encounter_name, &property_encounter_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_encounter_name);

	zval property_ehrUser_default_value;
	ZVAL_UNDEF(&property_ehrUser_default_value);
	zend_string *property_ehrUser_name = zend_string_init("ehrUser", sizeof("ehrUser") - 1, 1);
	zend_declare_typed_property(class_entry, property_ehrUser_name, &property_ehrUser_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_ehrUser_name);

	zval property_refreshToken_default_value;
	ZVAL_UNDEF(&property_refreshToken_default_value);
	zend_string *property_refreshToken_name = zend_string_init("refreshToken", sizeof("refreshToken") - 1, 1);
	zend_declare_typed_property(class_entry, property_refreshToken_name, &property_refreshToken_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_refreshToken_name);

	zval property_refreshTokenMissing_default_value;
	ZVAL_UNDEF(&property_refreshTokenMissing_default_value);
	zend_string *property_refreshTokenMissing_name = zend_string_init("refreshTokenMissing", sizeof("refreshTokenMissing") - 1, 1);
	zend_declare_typed_property(class_entry, property_refreshTokenMissing_name, &property_refreshTokenMissing_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_refreshTokenMissing_name);

	zval property_handoffs_default_value;
	ZVAL_UNDEF(&property_handoffs_default_value);
	zend_string *property_handoffs_name = zend_string_init("handoffs", sizeof("handoffs") - 1, 1);
	zend_declare_typed_property(class_entry, property_handoffs_name, &property_handoffs_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_handoffs_name);

	return class_entry;
}
