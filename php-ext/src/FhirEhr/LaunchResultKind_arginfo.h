/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: de0e3c9944a005250fb16e84191fcf3259f5e90d */




static const zend_function_entry class_FhirEhr_LaunchResultKind_methods[] = {
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_LaunchResultKind(void)
{
	zend_class_entry *class_entry = zend_register_internal_enum("FhirEhr\\LaunchResultKind", IS_STRING, class_FhirEhr_LaunchResultKind_methods);

	zval enum_case_Redirect_value;
	zend_string *enum_case_Redirect_value_str = zend_string_init("redirect", strlen("redirect"), 1);
	ZVAL_STR(&enum_case_Redirect_value, enum_case_Redirect_value_str);
	zend_enum_add_case_cstr(class_entry, "Redirect", &enum_case_Redirect_value);

	zval enum_case_Form_value;
	zend_string *enum_case_Form_value_str = zend_string_init("form", strlen("form"), 1);
	ZVAL_STR(&enum_case_Form_value, enum_case_Form_value_str);
	zend_enum_add_case_cstr(class_entry, "Form", &enum_case_Form_value);

	zval enum_case_SignedIn_value;
	zend_string *enum_case_SignedIn_value_str = zend_string_init("signed_in", strlen("signed_in"), 1);
	ZVAL_STR(&enum_case_SignedIn_value, enum_case_SignedIn_value_str);
	zend_enum_add_case_cstr(class_entry, "SignedIn", &enum_case_SignedIn_value);

	zval enum_case_LoginRequired_value;
	zend_string *enum_case_LoginRequired_value_str = zend_string_init("login_required", strlen("login_required"), 1);
	ZVAL_STR(&enum_case_LoginRequired_value, enum_case_LoginRequired_value_str);
	zend_enum_add_case_cstr(class_entry, "LoginRequired", &enum_case_LoginRequired_value);

	return class_entry;
}
