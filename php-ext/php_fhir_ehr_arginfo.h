/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 2f126062a6cfec089ad63fea373720b6585d940b */

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_FhirEhr_version, 0, 0, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_FhirEhr_fields, 0, 0, IS_ARRAY, 0)
ZEND_END_ARG_INFO()


ZEND_FUNCTION(FhirEhr_version);
ZEND_FUNCTION(FhirEhr_fields);


static const zend_function_entry ext_functions[] = {
	ZEND_NS_FALIAS("FhirEhr", version, FhirEhr_version, arginfo_FhirEhr_version)
	ZEND_NS_FALIAS("FhirEhr", fields, FhirEhr_fields, arginfo_FhirEhr_fields)
	ZEND_FE_END
};
