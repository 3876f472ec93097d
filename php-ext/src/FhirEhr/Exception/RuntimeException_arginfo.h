/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 19fb60703226ae6808ca74b99d6e43f63c276b75 */

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Exception_RuntimeException_getName, 0, 0, IS_STRING, 0)
ZEND_END_ARG_INFO()

#define arginfo_class_FhirEhr_Exception_RuntimeException_getStage arginfo_class_FhirEhr_Exception_RuntimeException_getName

#define arginfo_class_FhirEhr_Exception_RuntimeException_getOwner arginfo_class_FhirEhr_Exception_RuntimeException_getName

#define arginfo_class_FhirEhr_Exception_RuntimeException_getRetry arginfo_class_FhirEhr_Exception_RuntimeException_getName

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Exception_RuntimeException_getHint, 0, 0, IS_STRING, 1)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Exception_RuntimeException_getRetryAfter, 0, 0, IS_LONG, 1)
ZEND_END_ARG_INFO()

#define arginfo_class_FhirEhr_Exception_RuntimeException_getVendorCode arginfo_class_FhirEhr_Exception_RuntimeException_getHint

#define arginfo_class_FhirEhr_Exception_RuntimeException_getCorrelationId arginfo_class_FhirEhr_Exception_RuntimeException_getHint

#define arginfo_class_FhirEhr_Exception_RuntimeException_getHttpStatus arginfo_class_FhirEhr_Exception_RuntimeException_getRetryAfter

#define arginfo_class_FhirEhr_Exception_RuntimeException_getCause arginfo_class_FhirEhr_Exception_RuntimeException_getHint

#define arginfo_class_FhirEhr_Exception_RuntimeException_getTicket arginfo_class_FhirEhr_Exception_RuntimeException_getHint

#define arginfo_class_FhirEhr_Exception_RuntimeException_getVendorClientId arginfo_class_FhirEhr_Exception_RuntimeException_getHint

#define arginfo_class_FhirEhr_Exception_RuntimeException_getVendorTenant arginfo_class_FhirEhr_Exception_RuntimeException_getHint

#define arginfo_class_FhirEhr_Exception_RuntimeException_getVendorLink arginfo_class_FhirEhr_Exception_RuntimeException_getHint


ZEND_METHOD(FhirEhr_Exception_RuntimeException, getName);
ZEND_METHOD(FhirEhr_Exception_RuntimeException, getStage);
ZEND_METHOD(FhirEhr_Exception_RuntimeException, getOwner);
ZEND_METHOD(FhirEhr_Exception_RuntimeException, getRetry);
ZEND_METHOD(FhirEhr_Exception_RuntimeException, getHint);
ZEND_METHOD(FhirEhr_Exception_RuntimeException, getRetryAfter);
ZEND_METHOD(FhirEhr_Exception_RuntimeException, getVendorCode);
ZEND_METHOD(FhirEhr_Exception_RuntimeException, getCorrelationId);
ZEND_METHOD(FhirEhr_Exception_RuntimeException, getHttpStatus);
ZEND_METHOD(FhirEhr_Exception_RuntimeException, getCause);
ZEND_METHOD(FhirEhr_Exception_RuntimeException, getTicket);
ZEND_METHOD(FhirEhr_Exception_RuntimeException, getVendorClientId);
ZEND_METHOD(FhirEhr_Exception_RuntimeException, getVendorTenant);
ZEND_METHOD(FhirEhr_Exception_RuntimeException, getVendorLink);


static const zend_function_entry class_FhirEhr_Exception_RuntimeException_methods[] = {
	ZEND_ME(FhirEhr_Exception_RuntimeException, getName, arginfo_class_FhirEhr_Exception_RuntimeException_getName, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Exception_RuntimeException, getStage, arginfo_class_FhirEhr_Exception_RuntimeException_getStage, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Exception_RuntimeException, getOwner, arginfo_class_FhirEhr_Exception_RuntimeException_getOwner, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Exception_RuntimeException, getRetry, arginfo_class_FhirEhr_Exception_RuntimeException_getRetry, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Exception_RuntimeException, getHint, arginfo_class_FhirEhr_Exception_RuntimeException_getHint, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Exception_RuntimeException, getRetryAfter, arginfo_class_FhirEhr_Exception_RuntimeException_getRetryAfter, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Exception_RuntimeException, getVendorCode, arginfo_class_FhirEhr_Exception_RuntimeException_getVendorCode, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Exception_RuntimeException, getCorrelationId, arginfo_class_FhirEhr_Exception_RuntimeException_getCorrelationId, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Exception_RuntimeException, getHttpStatus, arginfo_class_FhirEhr_Exception_RuntimeException_getHttpStatus, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Exception_RuntimeException, getCause, arginfo_class_FhirEhr_Exception_RuntimeException_getCause, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Exception_RuntimeException, getTicket, arginfo_class_FhirEhr_Exception_RuntimeException_getTicket, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Exception_RuntimeException, getVendorClientId, arginfo_class_FhirEhr_Exception_RuntimeException_getVendorClientId, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Exception_RuntimeException, getVendorTenant, arginfo_class_FhirEhr_Exception_RuntimeException_getVendorTenant, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Exception_RuntimeException, getVendorLink, arginfo_class_FhirEhr_Exception_RuntimeException_getVendorLink, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_Exception_RuntimeException(zend_class_entry *class_entry_RuntimeException, zend_class_entry *class_entry_FhirEhr_Exception_Exception)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr\\Exception", "RuntimeException", class_FhirEhr_Exception_RuntimeException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_RuntimeException);
	class_entry->ce_flags |= ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;
	zend_class_implements(class_entry, 1, class_entry_FhirEhr_Exception_Exception);

	zval property_name_default_value;
	ZVAL_EMPTY_STRING(&property_name_default_value);
	zend_string *property_name_name = zend_string_init("name", sizeof("name") - 1, 1);
	zend_declare_typed_property(class_entry, property_name_name, &property_name_default_value, ZEND_ACC_PRIVATE, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_name_name);

	zval property_stage_default_value;
	ZVAL_EMPTY_STRING(&property_stage_default_value);
	zend_string *property_stage_name = zend_string_init("stage", sizeof("stage") - 1, 1);
	zend_declare_typed_property(class_entry, property_stage_name, &property_stage_default_value, ZEND_ACC_PRIVATE, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_stage_name);

	zval property_owner_default_value;
	ZVAL_EMPTY_STRING(&property_owner_default_value);
	zend_string *property_owner_name = zend_string_init("owner", sizeof("owner") - 1, 1);
	zend_declare_typed_property(class_entry, property_owner_name, &property_owner_default_value, ZEND_ACC_PRIVATE, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_owner_name);

	zval property_retry_default_value;
	ZVAL_EMPTY_STRING(&property_retry_default_value);
	zend_string *property_retry_name = zend_string_init("retry", sizeof("retry") - 1, 1);
	zend_declare_typed_property(class_entry, property_retry_name, &property_retry_default_value, ZEND_ACC_PRIVATE, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_retry_name);

	zval property_hint_default_value;
	ZVAL_NULL(&property_hint_default_value);
	zend_string *property_hint_name = zend_string_init("hint", sizeof("hint") - 1, 1);
	zend_declare_typed_property(class_entry, property_hint_name, &property_hint_default_value, ZEND_ACC_PRIVATE, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_hint_name);

	zval property_retryAfter_default_value;
	ZVAL_NULL(&property_retryAfter_default_value);
	zend_string *property_retryAfter_name = zend_string_init("retryAfter", sizeof("retryAfter") - 1, 1);
	zend_declare_typed_property(class_entry, property_retryAfter_name, &property_retryAfter_default_value, ZEND_ACC_PRIVATE, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG|MAY_BE_NULL));
	zend_string_release(property_retryAfter_name);

	zval property_vendorCode_default_value;
	ZVAL_NULL(&property_vendorCode_default_value);
	zend_string *property_vendorCode_name = zend_string_init("vendorCode", sizeof("vendorCode") - 1, 1);
	zend_declare_typed_property(class_entry, property_vendorCode_name, &property_vendorCode_default_value, ZEND_ACC_PRIVATE, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_vendorCode_name);

	zval property_correlationId_default_value;
	ZVAL_NULL(&property_correlationId_default_value);
	zend_string *property_correlationId_name = zend_string_init("correlationId", sizeof("correlationId") - 1, 1);
	zend_declare_typed_property(class_entry, property_correlationId_name, &property_correlationId_default_value, ZEND_ACC_PRIVATE, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_correlationId_name);

	zval property_httpStatus_default_value;
	ZVAL_NULL(&property_httpStatus_default_value);
	zend_string *property_httpStatus_name = zend_string_init("httpStatus", sizeof("httpStatus") - 1, 1);
	zend_declare_typed_property(class_entry, property_httpStatus_name, &property_httpStatus_default_value, ZEND_ACC_PRIVATE, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG|MAY_BE_NULL));
	zend_string_release(property_httpStatus_name);

	zval property_cause_default_value;
	ZVAL_NULL(&property_cause_default_value);
	zend_string *property_cause_name = zend_string_init("cause", sizeof("cause") - 1, 1);
	zend_declare_typed_property(class_entry, property_cause_name, &property_cause_default_value, ZEND_ACC_PRIVATE, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_cause_name);

	zval property_ticket_default_value;
	ZVAL_NULL(&property_ticket_default_value);
	zend_string *property_ticket_name = zend_string_init("ticket", sizeof("ticket") - 1, 1);
	zend_declare_typed_property(class_entry, property_ticket_name, &property_ticket_default_value, ZEND_ACC_PRIVATE, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_ticket_name);

	zval property_vendorClientId_default_value;
	ZVAL_NULL(&property_vendorClientId_default_value);
	zend_string *property_vendorClientId_name = zend_string_init("vendorClientId", sizeof("vendorClientId") - 1, 1);
	zend_declare_typed_property(class_entry, property_vendorClientId_name, &property_vendorClientId_default_value, ZEND_ACC_PRIVATE, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_vendorClientId_name);

	zval property_vendorTenant_default_value;
	ZVAL_NULL(&property_vendorTenant_default_value);
	zend_string *property_vendorTenant_name = zend_string_init("vendorTenant", sizeof("vendorTenant") - 1, 1);
	zend_declare_typed_property(class_entry, property_vendorTenant_name, &property_vendorTenant_default_value, ZEND_ACC_PRIVATE, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_vendorTenant_name);

	zval property_vendorLink_default_value;
	ZVAL_NULL(&property_vendorLink_default_value);
	zend_string *property_vendorLink_name = zend_string_init("vendorLink", sizeof("vendorLink") - 1, 1);
	zend_declare_typed_property(class_entry, property_vendorLink_name, &property_vendorLink_default_value, ZEND_ACC_PRIVATE, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_vendorLink_name);

	return class_entry;
}
