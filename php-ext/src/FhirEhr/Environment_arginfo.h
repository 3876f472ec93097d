/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 5377ecdf1c8ef0fdcb71fac2bc88d872ab1f76c8 */




static const zend_function_entry class_FhirEhr_Environment_methods[] = {
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_Environment(void)
{
	zend_class_entry *class_entry = zend_register_internal_enum("FhirEhr\\Environment", IS_STRING, class_FhirEhr_Environment_methods);

	zval enum_case_Sandbox_value;
	zend_string *enum_case_Sandbox_value_str = zend_string_init("sandbox", strlen("sandbox"), 1);
	ZVAL_STR(&enum_case_Sandbox_value, enum_case_Sandbox_value_str);
	zend_enum_add_case_cstr(class_entry, "Sandbox", &enum_case_Sandbox_value);

	zval enum_case_Test_value;
	zend_string *enum_case_Test_value_str = zend_string_init("test", strlen("test"), 1);
	ZVAL_STR(&enum_case_Test_value, enum_case_Test_value_str);
	zend_enum_add_case_cstr(class_entry, "Test", &enum_case_Test_value);

	zval enum_case_Production_value;
	zend_string *enum_case_Production_value_str = zend_string_init("production", strlen("production"), 1);
	ZVAL_STR(&enum_case_Production_value, enum_case_Production_value_str);
	zend_enum_add_case_cstr(class_entry, "Production", &enum_case_Production_value);

	return class_entry;
}
