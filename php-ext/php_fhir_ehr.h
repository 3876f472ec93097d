/* The PHP extension fhir_ehr: thin C over the library's fhir_ehr.h. It contains no FHIR logic. */

#ifndef PHP_FHIR_EHR_H
#define PHP_FHIR_EHR_H

#ifdef HAVE_CONFIG_H
# include "config.h"
#endif

#include "php.h"
#include <fhir_ehr.h>

#define PHP_FHIR_EHR_VERSION "0.1.0"

extern zend_module_entry fhir_ehr_module_entry;

ZEND_BEGIN_MODULE_GLOBALS(fhir_ehr)
zend_long timeout_cap;
zend_long max_body_bytes;
ZEND_END_MODULE_GLOBALS(fhir_ehr)

ZEND_EXTERN_MODULE_GLOBALS(fhir_ehr)

#define FHIR_EHR_G(v) ZEND_MODULE_GLOBALS_ACCESSOR(fhir_ehr, v)

#if defined(ZTS) && defined(COMPILE_DL_FHIR_EHR)
ZEND_TSRMLS_CACHE_EXTERN()
#endif

#endif
