/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 409706d4d34dda96bf8d0eef6476f6fac9b610e1 */




static const zend_function_entry class_FhirEhr_RowState_methods[] = {
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_RowState(void)
{
	zend_class_entry *class_entry = zend_register_internal_enum("FhirEhr\\RowState", IS_STRING, class_FhirEhr_RowState_methods);

	zval enum_case_Pending_value;
	zend_string *enum_case_Pending_value_str = zend_string_init("pending", strlen("pending"), 1);
	ZVAL_STR(&enum_case_Pending_value, enum_case_Pending_value_str);
	zend_enum_add_case_cstr(class_entry, "Pending", &enum_case_Pending_value);

	zval enum_case_Accepted_value;
	zend_string *enum_case_Accepted_value_str = zend_string_init("accepted", strlen("accepted"), 1);
	ZVAL_STR(&enum_case_Accepted_value, enum_case_Accepted_value_str);
	zend_enum_add_case_cstr(class_entry, "Accepted", &enum_case_Accepted_value);

	zval enum_case_Rejected_value;
	zend_string *enum_case_Rejected_value_str = zend_string_init("rejected", strlen("rejected"), 1);
	ZVAL_STR(&enum_case_Rejected_value, enum_case_Rejected_value_str);
	zend_enum_add_case_cstr(class_entry, "Rejected", &enum_case_Rejected_value);

	zval enum_case_HandedOut_value;
	zend_string *enum_case_HandedOut_value_str = zend_string_init("handed_out", strlen("handed_out"), 1);
	ZVAL_STR(&enum_case_HandedOut_value, enum_case_HandedOut_value_str);
	zend_enum_add_case_cstr(class_entry, "HandedOut", &enum_case_HandedOut_value);

	zval enum_case_Saved_value;
	zend_string *enum_case_Saved_value_str = zend_string_init("saved", strlen("saved"), 1);
	ZVAL_STR(&enum_case_Saved_value, enum_case_Saved_value_str);
	zend_enum_add_case_cstr(class_entry, "Saved", &enum_case_Saved_value);

	return class_entry;
}
