/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 2d9a7c99c56788e484631593ca1489dc514811c3 */




static const zend_function_entry class_FhirEhr_TextMode_methods[] = {
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_TextMode(void)
{
	zend_class_entry *class_entry = zend_register_internal_enum("FhirEhr\\TextMode", IS_STRING, class_FhirEhr_TextMode_methods);

	zval enum_case_Exact_value;
	zend_string *enum_case_Exact_value_str = zend_string_init("exact", strlen("exact"), 1);
	ZVAL_STR(&enum_case_Exact_value, enum_case_Exact_value_str);
	zend_enum_add_case_cstr(class_entry, "Exact", &enum_case_Exact_value);

	zval enum_case_Php14_value;
	zend_string *enum_case_Php14_value_str = zend_string_init("php14", strlen("php14"), 1);
	ZVAL_STR(&enum_case_Php14_value, enum_case_Php14_value_str);
	zend_enum_add_case_cstr(class_entry, "Php14", &enum_case_Php14_value);

	return class_entry;
}
