/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: aa00b4c02e90553fc2f0c3c6d94fde106f6a4af2 */




static const zend_function_entry class_FhirEhr_Action_methods[] = {
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_Action(void)
{
	zend_class_entry *class_entry = zend_register_internal_enum("FhirEhr\\Action", IS_STRING, class_FhirEhr_Action_methods);

	zval enum_case_Launch_value;
	zend_string *enum_case_Launch_value_str = zend_string_init("launch", strlen("launch"), 1);
	ZVAL_STR(&enum_case_Launch_value, enum_case_Launch_value_str);
	zend_enum_add_case_cstr(class_entry, "Launch", &enum_case_Launch_value);

	zval enum_case_Map_value;
	zend_string *enum_case_Map_value_str = zend_string_init("map", strlen("map"), 1);
	ZVAL_STR(&enum_case_Map_value, enum_case_Map_value_str);
	zend_enum_add_case_cstr(class_entry, "Map", &enum_case_Map_value);

	zval enum_case_Pull_value;
	zend_string *enum_case_Pull_value_str = zend_string_init("pull", strlen("pull"), 1);
	ZVAL_STR(&enum_case_Pull_value, enum_case_Pull_value_str);
	zend_enum_add_case_cstr(class_entry, "Pull", &enum_case_Pull_value);

	zval enum_case_Adjudicate_value;
	zend_string *enum_case_Adjudicate_value_str = zend_string_init("adjudicate", strlen("adjudicate"), 1);
	ZVAL_STR(&enum_case_Adjudicate_value, enum_case_Adjudicate_value_str);
	zend_enum_add_case_cstr(class_entry, "Adjudicate", &enum_case_Adjudicate_value);

	zval enum_case_Configure_value;
	zend_string *enum_case_Configure_value_str = zend_string_init("configure", strlen("configure"), 1);
	ZVAL_STR(&enum_case_Configure_value, enum_case_Configure_value_str);
	zend_enum_add_case_cstr(class_entry, "Configure", &enum_case_Configure_value);

	return class_entry;
}
