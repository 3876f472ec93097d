/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: eabd60e5610c418ca7a985b89d0514105f3daa5e */




static const zend_function_entry class_FhirEhr_OffsetDirection_methods[] = {
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_OffsetDirection(void)
{
	zend_class_entry *class_entry = zend_register_internal_enum("FhirEhr\\OffsetDirection", IS_STRING, class_FhirEhr_OffsetDirection_methods);

	zval enum_case_Both_value;
	zend_string *enum_case_Both_value_str = zend_string_init("+-", strlen("+-"), 1);
	ZVAL_STR(&enum_case_Both_value, enum_case_Both_value_str);
	zend_enum_add_case_cstr(class_entry, "Both", &enum_case_Both_value);

	zval enum_case_After_value;
	zend_string *enum_case_After_value_str = zend_string_init("+", strlen("+"), 1);
	ZVAL_STR(&enum_case_After_value, enum_case_After_value_str);
	zend_enum_add_case_cstr(class_entry, "After", &enum_case_After_value);

	zval enum_case_Before_value;
	zend_string *enum_case_Before_value_str = zend_string_init("-", strlen("-"), 1);
	ZVAL_STR(&enum_case_Before_value, enum_case_Before_value_str);
	zend_enum_add_case_cstr(class_entry, "Before", &enum_case_Before_value);

	return class_entry;
}
