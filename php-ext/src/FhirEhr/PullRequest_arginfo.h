/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: ba897beb4eeb4b68a34895387f630ccaab8fc9d4 */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_PullRequest___construct, 0, 0, 7)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, source, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, project, IS_STRING, 0)
	ZEND_ARG_OBJ_INFO(0, environment, FhirEhr\\Environment, 0)
	ZEND_ARG_TYPE_INFO(0, record, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, mrn, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, mapping, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, dates, IS_ARRAY, 0, "[]")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, offsetDays, IS_LONG, 0, "7")
	ZEND_ARG_OBJ_INFO_WITH_DEFAULT_VALUE(0, offsetDirection, FhirEhr\\OffsetDirection, 0, "FhirEhr\\OffsetDirection::Both")
	ZEND_ARG_OBJ_INFO_WITH_DEFAULT_VALUE(0, text, FhirEhr\\TextMode, 0, "FhirEhr\\TextMode::Exact")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, system, _IS_BOOL, 0, "false")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, launchPatient, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, explain, _IS_BOOL, 0, "false")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, projectSources, IS_ARRAY, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, projectSystemAccount, _IS_BOOL, 0, "false")
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_PullRequest, __construct);


static const zend_function_entry class_FhirEhr_PullRequest_methods[] = {
	ZEND_ME(FhirEhr_PullRequest, __construct, arginfo_class_FhirEhr_PullRequest___construct, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_PullRequest(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "PullRequest", class_FhirEhr_PullRequest_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_user_default_value;
	ZVAL_UNDEF(&property_user_default_value);
	zend_string *property_user_name = zend_string_init("user", sizeof("user") - 1, 1);
	zend_declare_typed_property(class_entry, property_user_name, &property_user_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_user_name);

	zval property_source_default_value;
	ZVAL_UNDEF(&property_source_default_value);
	zend_string *property_source_name = zend_string_init("source", sizeof("source") - 1, 1);
	zend_declare_typed_property(class_entry, property_source_name, &property_source_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_source_name);

	zval property_project_default_value;
	ZVAL_UNDEF(&property_project_default_value);
	zend_string *property_project_name = zend_string_init("project", sizeof("project") - 1, 1);
	zend_declare_typed_property(class_entry, property_project_name, &property_project_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_project_name);

	zend_string *property_environment_class_FhirEhr_Environment = zend_string_init("FhirEhr\\Environment", sizeof("FhirEhr\\Environment")-1, 1);
	zval property_environment_default_value;
	ZVAL_UNDEF(&property_environment_default_value);
	zend_string *property_environment_name = zend_string_init("environment", sizeof("environment") - 1, 1);
	zend_declare_typed_property(class_entry, property_environment_name, &property_environment_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_CLASS(property_environment_class_FhirEhr_Environment, 0, 0));
	zend_string_release(property_environment_name);

	zval property_record_default_value;
	ZVAL_UNDEF(&property_record_default_value);
	zend_string *property_record_name = zend_string_init("record", sizeof("record") - 1, 1);
	zend_declare_typed_property(class_entry, property_record_name, &property_record_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_record_name);

	zval property_mrn_default_value;
	ZVAL_UNDEF(&property_mrn_default_value);
	zend_string *property_mrn_name = zend_string_init("mrn", sizeof("mrn") - 1, 1);
	zend_declare_typed_property(class_entry, property_mrn_name, &property_mrn_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_mrn_name);

	zval property_mapping_default_value;
	ZVAL_UNDEF(&property_mapping_default_value);
	zend_string *property_mapping_name = zend_string_init("mapping", sizeof("mapping") - 1, 1);
	zend_declare_typed_property(class_entry, property_mapping_name, &property_mapping_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_mapping_name);

	zval property_dates_default_value;
	ZVAL_UNDEF(&property_dates_default_value);
	zend_string *property_dates_name = zend_string_init("dates", sizeof("dates") - 1, 1);
	zend_declare_typed_property(class_entry, property_dates_name, &property_dates_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_dates_name);

	zval property_offsetDays_default_value;
	ZVAL_UNDEF(&property_offsetDays_default_value);
	zend_string *property_offsetDays_name = zend_string_init("offsetDays", sizeof("offsetDays") - 1, 1);
	zend_declare_typed_property(class_entry, property_offsetDays_name, &property_offsetDays_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_offsetDays_name);

	zend_string *property_offsetDirection_class_FhirEhr_OffsetDirection = zend_string_init("FhirEhr\\OffsetDirection", sizeof("FhirEhr\\OffsetDirection")-1, 1);
	zval property_offsetDirection_default_value;
	ZVAL_UNDEF(&property_offsetDirection_default_value);
	zend_string *property_offsetDirection_name = zend_string_init("offsetDirection", sizeof("offsetDirection") - 1, 1);
	zend_declare_typed_property(class_entry, property_offsetDirection_name, &property_offsetDirection_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_CLASS(property_offsetDirection_class_FhirEhr_OffsetDirection, 0, 0));
	zend_string_release(property_offsetDirection_name);

	zend_string *property_text_class_FhirEhr_TextMode = zend_string_init("FhirEhr\\TextMode", sizeof("FhirEhr\\TextMode")-1, 1);
	zval property_text_default_value;
	ZVAL_UNDEF(&property_text_default_value);
	zend_string *property_text_name = zend_string_init("text", sizeof("text") - 1, 1);
	zend_declare_typed_property(class_entry, property_text_name, &property_text_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_CLASS(property_text_class_FhirEhr_TextMode, 0, 0));
	zend_string_release(property_text_name);

	zval property_system_default_value;
	ZVAL_UNDEF(&property_system_default_value);
	zend_string *property_system_name = zend_string_init("system", sizeof("system") - 1, 1);
	zend_declare_typed_property(class_entry, property_system_name, &property_system_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_system_name);

	zval property_launchPatient_default_value;
	ZVAL_UNDEF(&property_launchPatient_default_value);
	zend_string *property_launchPatient_name = zend_string_init("launchPatient", sizeof("launchPatient") - 1, 1);
	zend_declare_typed_property(class_entry, property_launchPatient_name, &property_launchPatient_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_launchPatient_name);

	zval property_explain_default_value;
	ZVAL_UNDEF(&property_explain_default_value);
	zend_string *property_explain_name = zend_string_init("explain", sizeof("explain") - 1, 1);
	zend_declare_typed_property(class_entry, property_explain_name, &property_explain_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_explain_name);

	zval property_projectSources_default_value;
	ZVAL_UNDEF(&property_projectSources_default_value);
	zend_string *property_projectSources_name = zend_string_init("projectSources", sizeof("projectSources") - 1, 1);
	zend_declare_typed_property(class_entry, property_projectSources_name, &property_projectSources_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY|MAY_BE_NULL));
	zend_string_release(property_projectSources_name);

	zval property_projectSystemAccount_default_value;
	ZVAL_UNDEF(&property_projectSystemAccount_default_value);
	zend_string *property_projectSystemAccount_name = zend_string_init("projectSystemAccount", sizeof("projectSystemAccount") - 1, 1);
	zend_declare_typed_property(class_entry, property_projectSystemAccount_name, &property_projectSystemAccount_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_projectSystemAccount_name);


	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "__construct", sizeof("__construct") - 1), 4, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "__construct", sizeof("__construct") - 1), 5, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "__construct", sizeof("__construct") - 1), 7, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "__construct", sizeof("__construct") - 1), 12, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	return class_entry;
}
