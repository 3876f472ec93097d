/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 488dbf9ff1e9bd8cbbc03f6e1d60f10ea1973c08 */




static const zend_function_entry class_FhirEhr_Level_methods[] = {
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_Level(void)
{
	zend_class_entry *class_entry = zend_register_internal_enum("FhirEhr\\Level", IS_STRING, class_FhirEhr_Level_methods);

	zval enum_case_Debug_value;
	zend_string *enum_case_Debug_value_str = zend_string_init("debug", strlen("debug"), 1);
	ZVAL_STR(&enum_case_Debug_value, enum_case_Debug_value_str);
	zend_enum_add_case_cstr(class_entry, "Debug", &enum_case_Debug_value);

	zval enum_case_Info_value;
	zend_string *enum_case_Info_value_str = zend_string_init("info", strlen("info"), 1);
	ZVAL_STR(&enum_case_Info_value, enum_case_Info_value_str);
	zend_enum_add_case_cstr(class_entry, "Info", &enum_case_Info_value);

	zval enum_case_Warning_value;
	zend_string *enum_case_Warning_value_str = zend_string_init("warning", strlen("warning"), 1);
	ZVAL_STR(&enum_case_Warning_value, enum_case_Warning_value_str);
	zend_enum_add_case_cstr(class_entry, "Warning", &enum_case_Warning_value);

	zval enum_case_Error_value;
	zend_string *enum_case_Error_value_str = zend_string_init("error", strlen("error"), 1);
	ZVAL_STR(&enum_case_Error_value, enum_case_Error_value_str);
	zend_enum_add_case_cstr(class_entry, "Error", &enum_case_Error_value);

	return class_entry;
}
