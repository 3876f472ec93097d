/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 2038cf7366eb82551895e3ed36cb01c1f14028a0 */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_UserLink___construct, 0, 0, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_UserLink, __construct);


static const zend_function_entry class_FhirEhr_UserLink_methods[] = {
	ZEND_ME(FhirEhr_UserLink, __construct, arginfo_class_FhirEhr_UserLink___construct, ZEND_ACC_PRIVATE)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_UserLink(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "UserLink", class_FhirEhr_UserLink_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_id_default_value;
	ZVAL_UNDEF(&property_id_default_value);
	zend_string *property_id_name = zend_string_init("id", sizeof("id") - 1, 1);
	zend_declare_typed_property(class_entry, property_id_name, &property_id_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_id_name);

	zval property_source_default_value;
	ZVAL_UNDEF(&property_source_default_value);
	zend_string *property_source_name = zend_string_init("source", sizeof("source") - 1, 1);
	zend_declare_typed_property(class_entry, property_source_name, &property_source_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_source_name);

	zval property_ehrUser_default_value;
	ZVAL_UNDEF(&property_ehrUser_default_value);
	zend_string *property_ehrUser_name = zend_string_init("ehrUser", sizeof("ehrUser") - 1, 1);
	zend_declare_typed_property(class_entry, property_ehrUser_name, &property_ehrUser_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_ehrUser_name);

	zval property_key_default_value;
	ZVAL_UNDEF(&property_key_default_value);
	zend_string *property_key_name = zend_string_init("key", sizeof("key") - 1, 1);
	zend_declare_typed_property(class_entry, property_key_name, &property_key_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_key_name);

	zval property_ehrUserName_default_value;
	ZVAL_UNDEF(&property_ehrUserName_default_value);
	zend_string *property_ehrUserName_name = zend_string_init("ehrUserName", sizeof("ehrUserName") - 1, 1);
	zend_declare_typed_property(class_entry, property_ehrUserName_name, &property_ehrUserName_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_ehrUserName_name);

	zval property_applicationUser_default_value;
	ZVAL_UNDEF(&property_applicationUser_default_value);
	zend_string *property_applicationUser_name = zend_string_init("applicationUser", sizeof("applicationUser") - 1, 1);
	zend_declare_typed_property(class_entry, property_applicationUser_name, &property_applicationUser_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_applicationUser_name);

	zval property_createdAt_default_value;
	ZVAL_UNDEF(&property_createdAt_default_value);
	zend_string *property_createdAt_name = zend_string_init("createdAt", sizeof("createdAt") - 1, 1);
	zend_declare_typed_property(class_entry, property_createdAt_name, &property_createdAt_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG|MAY_BE_NULL));
	zend_string_release(property_createdAt_name);

	zval property_damaged_default_value;
	ZVAL_UNDEF(&property_damaged_default_value);
	zend_string *property_damaged_name = zend_string_init("damaged", sizeof("damaged") - 1, 1);
	zend_declare_typed_property(class_entry, property_damaged_name, &property_damaged_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_damaged_name);

	return class_entry;
}
