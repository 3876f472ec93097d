/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 2c403a3ec6c21dac56b8c23cf794b5031d14ffd0 */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_StagedRow___construct, 0, 0, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_StagedRow, __construct);


static const zend_function_entry class_FhirEhr_StagedRow_methods[] = {
	ZEND_ME(FhirEhr_StagedRow, __construct, arginfo_class_FhirEhr_StagedRow___construct, ZEND_ACC_PRIVATE)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_StagedRow(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "StagedRow", class_FhirEhr_StagedRow_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_key_default_value;
	ZVAL_UNDEF(&property_key_default_value);
	zend_string *property_key_name = zend_string_init("key", sizeof("key") - 1, 1);
	zend_declare_typed_property(class_entry, property_key_name, &property_key_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_key_name);

	zend_string *property_state_class_FhirEhr_RowState = zend_string_init("FhirEhr\\RowState", sizeof("FhirEhr\\RowState")-1, 1);
	zval property_state_default_value;
	ZVAL_UNDEF(&property_state_default_value);
	zend_string *property_state_name = zend_string_init("state", sizeof("state") - 1, 1);
	zend_declare_typed_property(class_entry, property_state_name, &property_state_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_CLASS(property_state_class_FhirEhr_RowState, 0, 0));
	zend_string_release(property_state_name);

	zval property_changed_default_value;
	ZVAL_UNDEF(&property_changed_default_value);
	zend_string *property_changed_name = zend_string_init("changed", sizeof("changed") - 1, 1);
	zend_declare_typed_property(class_entry, property_changed_name, &property_changed_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_changed_name);

	zval property_record_default_value;
	ZVAL_UNDEF(&property_record_default_value);
	zend_string *property_record_name = zend_string_init("record", sizeof("record") - 1, 1);
	zend_declare_typed_property(class_entry, property_record_name, &property_record_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_record_name);

	zval property_event_default_value;
	ZVAL_UNDEF(&property_event_default_value);
	zend_string *property_event_name = zend_string_init("event", sizeof("event") - 1, 1);
	zend_declare_typed_property(class_entry, property_event_name, &property_event_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_event_name);

	zval property_studyField_default_value;
	ZVAL_UNDEF(&property_studyField_default_value);
	zend_string *property_studyField_name = zend_string_init("studyField", sizeof("studyField") - 1, 1);
	zend_declare_typed_property(class_entry, property_studyField_name, &property_studyField_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_studyField_name);

	zval property_sourceField_default_value;
	ZVAL_UNDEF(&property_sourceField_default_value);
	zend_string *property_sourceField_name = zend_string_init("sourceField", sizeof("sourceField") - 1, 1);
	zend_declare_typed_property(class_entry, property_sourceField_name, &property_sourceField_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_sourceField_name);

	zval property_value_default_value;
	ZVAL_UNDEF(&property_value_default_value);
	zend_string *property_value_name = zend_string_init("value", sizeof("value") - 1, 1);
	zend_declare_typed_property(class_entry, property_value_name, &property_value_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_value_name);

	zval property_timestamp_default_value;
	ZVAL_UNDEF(&property_timestamp_default_value);
	zend_string *property_timestamp_name = zend_string_init("timestamp", sizeof("timestamp") - 1, 1);
	zend_declare_typed_property(class_entry, property_timestamp_name, &property_timestamp_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_timestamp_name);

	zval property_code_default_value;
	ZVAL_UNDEF(&property_code_default_value);
	zend_string *property_code_name = zend_string_init("code", sizeof("code") - 1, 1);
	zend_declare_typed_property(class_entry, property_code_name, &property_code_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_code_name);

	zval property_codeSystem_default_value;
	ZVAL_UNDEF(&property_codeSystem_default_value);
	zend_string *property_codeSystem_name = zend_string_init("codeSystem", sizeof("codeSystem") - 1, 1);
	zend_declare_typed_property(class_entry, property_codeSystem_name, &property_codeSystem_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_codeSystem_name);

	zval property_display_default_value;
	ZVAL_UNDEF(&property_display_default_value);
	zend_string *property_display_name = zend_string_init("display", sizeof("display") - 1, 1);
	zend_declare_typed_property(class_entry, property_display_name, &property_display_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_display_name);

	zval property_unit_default_value;
	ZVAL_UNDEF(&property_unit_default_value);
	zend_string *property_unit_name = zend_string_init("unit", sizeof("unit") - 1, 1);
	zend_declare_typed_property(class_entry, property_unit_name, &property_unit_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_unit_name);

	zval property_resourceType_default_value;
	ZVAL_UNDEF(&property_resourceType_default_value);
	zend_string *property_resourceType_name = zend_string_init("resourceType", sizeof("resourceType") - 1, 1);
	zend_declare_typed_property(class_entry, property_resourceType_name, &property_resourceType_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_resourceType_name);

	zval property_resourceId_default_value;
	ZVAL_UNDEF(&property_resourceId_default_value);
	zend_string *property_resourceId_name = zend_string_init("resourceId", sizeof("resourceId") - 1, 1);
	zend_declare_typed_property(class_entry, property_resourceId_name, &property_resourceId_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_resourceId_name);

	zval property_versionId_default_value;
	ZVAL_UNDEF(&property_versionId_default_value);
	zend_string *property_versionId_name = zend_string_init("versionId", sizeof("versionId") - 1, 1);
	zend_declare_typed_property(class_entry, property_versionId_name, &property_versionId_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_versionId_name);

	zval property_preselected_default_value;
	ZVAL_UNDEF(&property_preselected_default_value);
	zend_string *property_preselected_name = zend_string_init("preselected", sizeof("preselected") - 1, 1);
	zend_declare_typed_property(class_entry, property_preselected_name, &property_preselected_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_preselected_name);

	zval property_list_default_value;
	ZVAL_UNDEF(&property_list_default_value);
	zend_string *property_list_name = zend_string_init("list", sizeof("list") - 1, 1);
	zend_declare_typed_property(class_entry, property_list_name, &property_list_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_list_name);

	zval property_position_default_value;
	ZVAL_UNDEF(&property_position_default_value);
	zend_string *property_position_name = zend_string_init("position", sizeof("position") - 1, 1);
	zend_declare_typed_property(class_entry, property_position_name, &property_position_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_position_name);

	zval property_source_default_value;
	ZVAL_UNDEF(&property_source_default_value);
	zend_string *property_source_name = zend_string_init("source", sizeof("source") - 1, 1);
	zend_declare_typed_property(class_entry, property_source_name, &property_source_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_source_name);

	zval property_pullId_default_value;
	ZVAL_UNDEF(&property_pullId_default_value);
	zend_string *property_pullId_name = zend_string_init("pullId", sizeof("pullId") - 1, 1);
	zend_declare_typed_property(class_entry, property_pullId_name, &property_pullId_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_pullId_name);

	zval property_pulledAt_default_value;
	ZVAL_UNDEF(&property_pulledAt_default_value);
	zend_string *property_pulledAt_name = zend_string_init("pulledAt", sizeof("pulledAt") - 1, 1);
	zend_declare_typed_property(class_entry, property_pulledAt_name, &property_pulledAt_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_pulledAt_name);

	zval property_pulledBy_default_value;
	ZVAL_UNDEF(&property_pulledBy_default_value);
	zend_string *property_pulledBy_name = zend_string_init("pulledBy", sizeof("pulledBy") - 1, 1);
	zend_declare_typed_property(class_entry, property_pulledBy_name, &property_pulledBy_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_pulledBy_name);

	zval property_saveId_default_value;
	ZVAL_UNDEF(&property_saveId_default_value);
	zend_string *property_saveId_name = zend_string_init("saveId", sizeof("saveId") - 1, 1);
	zend_declare_typed_property(class_entry, property_saveId_name, &property_saveId_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_saveId_name);

	zval property_decision_default_value;
	ZVAL_UNDEF(&property_decision_default_value);
	zend_string *property_decision_name = zend_string_init("decision", sizeof("decision") - 1, 1);
	zend_declare_typed_property(class_entry, property_decision_name, &property_decision_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_decision_name);

	zend_string *property_ehrState_class_FhirEhr_EhrState = zend_string_init("FhirEhr\\EhrState", sizeof("FhirEhr\\EhrState")-1, 1);
	zval property_ehrState_default_value;
	ZVAL_UNDEF(&property_ehrState_default_value);
	zend_string *property_ehrState_name = zend_string_init("ehrState", sizeof("ehrState") - 1, 1);
	zend_declare_typed_property(class_entry, property_ehrState_name, &property_ehrState_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_CLASS(property_ehrState_class_FhirEhr_EhrState, 0, 0));
	zend_string_release(property_ehrState_name);

	zval property_removing_default_value;
	ZVAL_UNDEF(&property_removing_default_value);
	zend_string *property_removing_name = zend_string_init("removing", sizeof("removing") - 1, 1);
	zend_declare_typed_property(class_entry, property_removing_name, &property_removing_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_removing_name);

	zval property_resourceStatus_default_value;
	ZVAL_UNDEF(&property_resourceStatus_default_value);
	zend_string *property_resourceStatus_name = zend_string_init("resourceStatus", sizeof("resourceStatus") - 1, 1);
	zend_declare_typed_property(class_entry, property_resourceStatus_name, &property_resourceStatus_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_resourceStatus_name);

	zval property_timeSent_default_value;
	ZVAL_UNDEF(&property_timeSent_default_value);
	zend_string *property_timeSent_name = zend_string_init("timeSent", sizeof("timeSent") - 1, 1);
	zend_declare_typed_property(class_entry, property_timeSent_name, &property_timeSent_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_timeSent_name);

	zval property_originalValue_default_value;
	ZVAL_UNDEF(&property_originalValue_default_value);
	zend_string *property_originalValue_name = zend_string_init("originalValue", sizeof("originalValue") - 1, 1);
	zend_declare_typed_property(class_entry, property_originalValue_name, &property_originalValue_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_originalValue_name);

	zval property_originalUnit_default_value;
	ZVAL_UNDEF(&property_originalUnit_default_value);
	zend_string *property_originalUnit_name = zend_string_init("originalUnit", sizeof("originalUnit") - 1, 1);
	zend_declare_typed_property(class_entry, property_originalUnit_name, &property_originalUnit_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_originalUnit_name);

	return class_entry;
}
