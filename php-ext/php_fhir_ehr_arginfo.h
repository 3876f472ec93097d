/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 8763f206ed3713aa9bb320f31fc25c3665049320 */

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_FhirEhr_version, 0, 0, IS_STRING, 0)
ZEND_END_ARG_INFO()


ZEND_FUNCTION(FhirEhr_version);


static const zend_function_entry ext_functions[] = {
	ZEND_NS_FALIAS("FhirEhr", version, FhirEhr_version, arginfo_FhirEhr_version)
	ZEND_FE_END
};
