/* An extension that does nothing, to measure the cost of loading an extension and of calling a function or a method. */
#ifdef HAVE_CONFIG_H
# include "config.h"
#endif

#include "php.h"

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_text, 0, 0, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_INFO_EX(arginfo_construct, 0, 0, 1)
	ZEND_ARG_TYPE_INFO(0, text, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_list, 0, 1, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO(0, text, IS_STRING, 0)
ZEND_END_ARG_INFO()

static ZEND_FUNCTION(BenchEmpty_version)
{
	ZEND_PARSE_PARAMETERS_NONE();
	RETURN_STRING("0.1.0");
}

static ZEND_METHOD(BenchEmpty_Nothing, __construct)
{
	zend_string *text;

	ZEND_PARSE_PARAMETERS_START(1, 1)
		Z_PARAM_STR(text)
	ZEND_PARSE_PARAMETERS_END();
	(void) text;
}

static ZEND_METHOD(BenchEmpty_Nothing, getName)
{
	ZEND_PARSE_PARAMETERS_NONE();
	RETURN_EMPTY_STRING();
}

static ZEND_METHOD(BenchEmpty_Nothing, list)
{
	zend_string *text;

	ZEND_PARSE_PARAMETERS_START(1, 1)
		Z_PARAM_STR(text)
	ZEND_PARSE_PARAMETERS_END();
	(void) text;
	RETURN_EMPTY_ARRAY();
}

static const zend_function_entry functions[] = {
	ZEND_NS_FENTRY("BenchEmpty", version, ZEND_FN(BenchEmpty_version), arginfo_text, 0)
	ZEND_FE_END
};

static const zend_function_entry methods[] = {
	ZEND_ME(BenchEmpty_Nothing, __construct, arginfo_construct, ZEND_ACC_PUBLIC)
	ZEND_ME(BenchEmpty_Nothing, getName, arginfo_text, ZEND_ACC_PUBLIC)
	ZEND_ME(BenchEmpty_Nothing, list, arginfo_list, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};

static PHP_MINIT_FUNCTION(bench_empty)
{
	zend_class_entry ce;

	INIT_NS_CLASS_ENTRY(ce, "BenchEmpty", "Nothing", methods);
	zend_register_internal_class(&ce);
	return SUCCESS;
}

zend_module_entry bench_empty_module_entry = {
	STANDARD_MODULE_HEADER, "bench_empty", functions, PHP_MINIT(bench_empty), NULL, NULL, NULL, NULL, "0.1.0",
	STANDARD_MODULE_PROPERTIES
};

ZEND_GET_MODULE(bench_empty)
