/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: a4f77aa0dbcb42c08bbd090fb1661fbdc96ad5fb */




static const zend_function_entry class_FhirEhr_ArrivalKind_methods[] = {
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_ArrivalKind(void)
{
	zend_class_entry *class_entry = zend_register_internal_enum("FhirEhr\\ArrivalKind", IS_STRING, class_FhirEhr_ArrivalKind_methods);

	zval enum_case_Redirect_value;
	zend_string *enum_case_Redirect_value_str = zend_string_init("redirect", strlen("redirect"), 1);
	ZVAL_STR(&enum_case_Redirect_value, enum_case_Redirect_value_str);
	zend_enum_add_case_cstr(class_entry, "Redirect", &enum_case_Redirect_value);

	zval enum_case_SignedIn_value;
	zend_string *enum_case_SignedIn_value_str = zend_string_init("signed_in", strlen("signed_in"), 1);
	ZVAL_STR(&enum_case_SignedIn_value, enum_case_SignedIn_value_str);
	zend_enum_add_case_cstr(class_entry, "SignedIn", &enum_case_SignedIn_value);

	zval enum_case_LoginWanted_value;
	zend_string *enum_case_LoginWanted_value_str = zend_string_init("login_wanted", strlen("login_wanted"), 1);
	ZVAL_STR(&enum_case_LoginWanted_value, enum_case_LoginWanted_value_str);
	zend_enum_add_case_cstr(class_entry, "LoginWanted", &enum_case_LoginWanted_value);

	return class_entry;
}
