/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 4fea6f1b2a6c27db038ffed7a5c4c4b1278b9698 */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_LaunchResult___construct, 0, 0, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_LaunchResult, __construct);


static const zend_function_entry class_FhirEhr_LaunchResult_methods[] = {
	ZEND_ME(FhirEhr_LaunchResult, __construct, arginfo_class_FhirEhr_LaunchResult___construct, ZEND_ACC_PRIVATE)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_LaunchResult(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "LaunchResult", class_FhirEhr_LaunchResult_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zend_string *property_kind_class_FhirEhr_LaunchResultKind = zend_string_init("FhirEhr\\LaunchResultKind", sizeof("FhirEhr\\LaunchResultKind")-1, 1);
	zval property_kind_default_value;
	ZVAL_UNDEF(&property_kind_default_value);
	zend_string *property_kind_name = zend_string_init("kind", sizeof("kind") - 1, 1);
	zend_declare_typed_property(class_entry, property_kind_name, &property_kind_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_CLASS(property_kind_class_FhirEhr_LaunchResultKind, 0, 0));
	zend_string_release(property_kind_name);

	zval property_url_default_value;
	ZVAL_UNDEF(&property_url_default_value);
	zend_string *property_url_name = zend_string_init("url", sizeof("url") - 1, 1);
	zend_declare_typed_property(class_entry, property_url_name, &property_url_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_url_name);

	zval property_formFields_default_value;
	ZVAL_UNDEF(&property_formFields_default_value);
	zend_string *property_formFields_name = zend_string_init("formFields", sizeof("formFields") - 1, 1);
	zend_declare_typed_property(class_entry, property_formFields_name, &property_formFields_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY|MAY_BE_NULL));
	zend_string_release(property_formFields_name);

	zend_string *property_signIn_class_FhirEhr_SignIn = zend_string_init("FhirEhr\\SignIn", sizeof("FhirEhr\\SignIn")-1, 1);
	zval property_signIn_default_value;
	ZVAL_UNDEF(&property_signIn_default_value);
	zend_string *property_signIn_name = zend_string_init("signIn", sizeof("signIn") - 1, 1);
	zend_declare_typed_property(class_entry, property_signIn_name, &property_signIn_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_CLASS(property_signIn_class_FhirEhr_SignIn, 0, MAY_BE_NULL));
	zend_string_release(property_signIn_name);

	zval property_handover_default_value;
	ZVAL_UNDEF(&property_handover_default_value);
	zend_string *property_handover_name = zend_string_init("handover", sizeof("handover") - 1, 1);
	zend_declare_typed_property(class_entry, property_handover_name, &property_handover_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_handover_name);

	zval property_ehrUser_default_value;
	ZVAL_UNDEF(&property_ehrUser_default_value);
	zend_string *property_ehrUser_name = zend_string_init("ehrUser", sizeof("ehrUser") - 1, 1);
	zend_declare_typed_property(class_entry, property_ehrUser_name, &property_ehrUser_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_ehrUser_name);

	zval property_source_default_value;
	ZVAL_UNDEF(&property_source_default_value);
	zend_string *property_source_name = zend_string_init("source", sizeof("source") - 1, 1);
	zend_declare_typed_property(class_entry, property_source_name, &property_source_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_source_name);

	return class_entry;
}
