/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 900993051c1da982657e375ff123a850c467dc60 */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_StoredRecord___construct, 0, 0, 9)
	ZEND_ARG_TYPE_INFO(0, kind, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, organization, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, project, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, subject, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, state, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, expiresIn, IS_LONG, 1)
	ZEND_ARG_TYPE_INFO(0, version, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, sealed, IS_STRING, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_StoredRecord, __construct);


static const zend_function_entry class_FhirEhr_StoredRecord_methods[] = {
	ZEND_ME(FhirEhr_StoredRecord, __construct, arginfo_class_FhirEhr_StoredRecord___construct, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_StoredRecord(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "StoredRecord", class_FhirEhr_StoredRecord_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_kind_default_value;
	ZVAL_UNDEF(&property_kind_default_value);
	zend_string *property_kind_name = zend_string_init("kind", sizeof("kind") - 1, 1);
	zend_declare_typed_property(class_entry, property_kind_name, &property_kind_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_kind_name);

	zval property_key_default_value;
	ZVAL_UNDEF(&property_key_default_value);
	zend_string *property_key_name = zend_string_init("key", sizeof("key") - 1, 1);
	zend_declare_typed_property(class_entry, property_key_name, &property_key_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_key_name);

	zval property_organization_default_value;
	ZVAL_UNDEF(&property_organization_default_value);
	zend_string *property_organization_name = zend_string_init("organization", sizeof("organization") - 1, 1);
	zend_declare_typed_property(class_entry, property_organization_name, &property_organization_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_organization_name);

	zval property_project_default_value;
	ZVAL_UNDEF(&property_project_default_value);
	zend_string *property_project_name = zend_string_init("project", sizeof("project") - 1, 1);
	zend_declare_typed_property(class_entry, property_project_name, &property_project_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_project_name);

	zval property_subject_default_value;
	ZVAL_UNDEF(&property_subject_default_value);
	zend_string *property_subject_name = zend_string_init("subject", sizeof("subject") - 1, 1);
	zend_declare_typed_property(class_entry, property_subject_name, &property_subject_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_subject_name);

	zval property_state_default_value;
	ZVAL_UNDEF(&property_state_default_value);
	zend_string *property_state_name = zend_string_init("state", sizeof("state") - 1, 1);
	zend_declare_typed_property(class_entry, property_state_name, &property_state_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_state_name);

	zval property_expiresIn_default_value;
	ZVAL_UNDEF(&property_expiresIn_default_value);
	zend_string *property_expiresIn_name = zend_string_init("expiresIn", sizeof("expiresIn") - 1, 1);
	zend_declare_typed_property(class_entry, property_expiresIn_name, &property_expiresIn_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG|MAY_BE_NULL));
	zend_string_release(property_expiresIn_name);

	zval property_version_default_value;
	ZVAL_UNDEF(&property_version_default_value);
	zend_string *property_version_name = zend_string_init("version", sizeof("version") - 1, 1);
	zend_declare_typed_property(class_entry, property_version_name, &property_version_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_version_name);

	zval property_sealed_default_value;
	ZVAL_UNDEF(&property_sealed_default_value);
	zend_string *property_sealed_name = zend_string_init("sealed", sizeof("sealed") - 1, 1);
	zend_declare_typed_property(class_entry, property_sealed_name, &property_sealed_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_sealed_name);

	return class_entry;
}
