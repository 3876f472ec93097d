/* Module entry, ini settings, phpinfo. At module start only version functions of the library run. Anything more would keep the
 * old library mapped across an Apache graceful restart (pitfall 8). */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* dladdr */
#endif

#include "php_fhir_ehr.h"
#include "src/classes.h"
#include "src/error.h"
#include "src/value.h"
#include "php_ini.h"
#include "ext/standard/info.h"
#include "php_fhir_ehr_arginfo.h"
#include <dlfcn.h>

ZEND_DECLARE_MODULE_GLOBALS(fhir_ehr)

PHP_INI_BEGIN()
	STD_PHP_INI_ENTRY("fhir_ehr.timeout_cap", "120", PHP_INI_SYSTEM, OnUpdateLongGEZero, timeout_cap, zend_fhir_ehr_globals,
		fhir_ehr_globals)
	STD_PHP_INI_ENTRY("fhir_ehr.max_body_bytes", "32M", PHP_INI_SYSTEM, OnUpdateLongGEZero, max_body_bytes, zend_fhir_ehr_globals,
		fhir_ehr_globals)
PHP_INI_END()

ZEND_FUNCTION(FhirEhr_version)
{
	ZEND_PARSE_PARAMETERS_NONE();
	RETURN_STRING(fhir_ehr_version());
}

ZEND_FUNCTION(FhirEhr_fields)
{
	struct fhir_ehr_text *text = NULL;
	struct fhir_ehr_error *error = NULL;
	fhir_ehr_status status;
	volatile bool completed = true;

	ZEND_PARSE_PARAMETERS_NONE();
	status = fhir_ehr_field_catalog(&text, &error);
	/* The library's memory must be freed even when the array exceeds memory_limit. */
	zend_try
	{
		if (status != 0) {
			fe_throw(status, error);
		} else {
			fe_json_decode(return_value, fhir_ehr_text_data(text), fhir_ehr_text_length(text));
		}
	}
	zend_catch
	{
		completed = false;
	}
	zend_end_try();
	fhir_ehr_text_free(text);
	fhir_ehr_error_free(error);
	if (!completed) {
		zend_bailout();
	}
}

static PHP_MINIT_FUNCTION(fhir_ehr)
{
	REGISTER_INI_ENTRIES();
	fe_register_classes();
	return SUCCESS;
}

static PHP_MSHUTDOWN_FUNCTION(fhir_ehr)
{
	UNREGISTER_INI_ENTRIES();
	return SUCCESS;
}

static PHP_RINIT_FUNCTION(fhir_ehr)
{
#if defined(ZTS) && defined(COMPILE_DL_FHIR_EHR)
	ZEND_TSRMLS_CACHE_UPDATE(); /* without it every call crashes in a thread-safe PHP (pitfall 19) */
#endif
	return SUCCESS;
}

static PHP_GINIT_FUNCTION(fhir_ehr)
{
#if defined(ZTS) && defined(COMPILE_DL_FHIR_EHR)
	ZEND_TSRMLS_CACHE_UPDATE();
#endif
	memset(fhir_ehr_globals, 0, sizeof(*fhir_ehr_globals));
}

static void print_number_row(const char *name, unsigned number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	php_info_print_table_row(2, name, text);
}

static PHP_MINFO_FUNCTION(fhir_ehr)
{
	Dl_info info;
	bool found = dladdr((void *) fhir_ehr_version, &info) != 0 && info.dli_fname != NULL;

	php_info_print_table_start();
	php_info_print_table_row(2, "fhir_ehr support", "enabled");
	php_info_print_table_row(2, "Extension version", PHP_FHIR_EHR_VERSION);
	php_info_print_table_row(2, "Header version", FHIR_EHR_HEADER_VERSION);
	php_info_print_table_row(2, "Library version", fhir_ehr_version());
	print_number_row("Header ABI level", FHIR_EHR_ABI_LEVEL);
	print_number_row("Library ABI level", fhir_ehr_abi_level());
	php_info_print_table_row(2, "TLS provider", "rustls with ring");
	php_info_print_table_row(2, "Library path", found ? info.dli_fname : "unknown");
	php_info_print_table_end();
	DISPLAY_INI_ENTRIES();
}

static const zend_module_dep dependencies[] = {ZEND_MOD_REQUIRED("json") ZEND_MOD_REQUIRED("spl") ZEND_MOD_END};

/* clang-format off */
zend_module_entry fhir_ehr_module_entry = {
	STANDARD_MODULE_HEADER_EX,
	NULL,
	dependencies,
	"fhir_ehr",
	ext_functions,
	PHP_MINIT(fhir_ehr),
	PHP_MSHUTDOWN(fhir_ehr),
	PHP_RINIT(fhir_ehr),
	NULL,
	PHP_MINFO(fhir_ehr),
	PHP_FHIR_EHR_VERSION,
	PHP_MODULE_GLOBALS(fhir_ehr),
	PHP_GINIT(fhir_ehr),
	NULL,
	NULL,
	STANDARD_MODULE_PROPERTIES_EX
};
/* clang-format on */

#ifdef COMPILE_DL_FHIR_EHR
#ifdef ZTS
ZEND_TSRMLS_CACHE_DEFINE()
#endif

/* Replaces ZEND_GET_MODULE(). With a library that is too old, PHP must run without this extension. A failing MINIT would stop PHP
 * with all applications of the server, but PHP only refuses a module with a different build id. */
ZEND_DLEXPORT zend_module_entry *get_module(void)
{
	if (fhir_ehr_abi_level() < FHIR_EHR_ABI_LEVEL) {
		zend_error(E_CORE_WARNING,
			"fhir_ehr: library version %s has ABI level %u, but this extension needs level %u."
			" Install the library in the extension's version or a newer one.",
			fhir_ehr_version(), fhir_ehr_abi_level(), FHIR_EHR_ABI_LEVEL);
		fhir_ehr_module_entry.build_id = "for a newer libfhir_ehr";
	}
	return &fhir_ehr_module_entry;
}
#endif
