/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 4a1b932d47f220f2c98c87e16459262d0903ead5 */




static const zend_function_entry class_FhirEhr_EhrState_methods[] = {
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_EhrState(void)
{
	zend_class_entry *class_entry = zend_register_internal_enum("FhirEhr\\EhrState", IS_STRING, class_FhirEhr_EhrState_methods);

	zval enum_case_Current_value;
	zend_string *enum_case_Current_value_str = zend_string_init("current", strlen("current"), 1);
	ZVAL_STR(&enum_case_Current_value, enum_case_Current_value_str);
	zend_enum_add_case_cstr(class_entry, "Current", &enum_case_Current_value);

	zval enum_case_Corrected_value;
	zend_string *enum_case_Corrected_value_str = zend_string_init("corrected", strlen("corrected"), 1);
	ZVAL_STR(&enum_case_Corrected_value, enum_case_Corrected_value_str);
	zend_enum_add_case_cstr(class_entry, "Corrected", &enum_case_Corrected_value);

	zval enum_case_Gone_value;
	zend_string *enum_case_Gone_value_str = zend_string_init("gone", strlen("gone"), 1);
	ZVAL_STR(&enum_case_Gone_value, enum_case_Gone_value_str);
	zend_enum_add_case_cstr(class_entry, "Gone", &enum_case_Gone_value);

	zval enum_case_NotMatching_value;
	zend_string *enum_case_NotMatching_value_str = zend_string_init("not_matching", strlen("not_matching"), 1);
	ZVAL_STR(&enum_case_NotMatching_value, enum_case_NotMatching_value_str);
	zend_enum_add_case_cstr(class_entry, "NotMatching", &enum_case_NotMatching_value);

	zval enum_case_EnteredInError_value;
	zend_string *enum_case_EnteredInError_value_str = zend_string_init("entered_in_error", strlen("entered_in_error"), 1);
	ZVAL_STR(&enum_case_EnteredInError_value, enum_case_EnteredInError_value_str);
	zend_enum_add_case_cstr(class_entry, "EnteredInError", &enum_case_EnteredInError_value);

	return class_entry;
}
