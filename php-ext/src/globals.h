/* The headers of PHP and of the library that every file needs, and the values of the ini settings. */

#ifndef FHIR_EHR_GLOBALS_H
#define FHIR_EHR_GLOBALS_H

#ifdef HAVE_CONFIG_H
# include "config.h"
#endif

#include "php.h"
#include <fhir_ehr.h>

ZEND_BEGIN_MODULE_GLOBALS(fhir_ehr)
zend_long timeout_cap; /* seconds */
zend_long max_body_bytes;
ZEND_END_MODULE_GLOBALS(fhir_ehr)

ZEND_EXTERN_MODULE_GLOBALS(fhir_ehr)

#define FHIR_EHR_G(v) ZEND_MODULE_GLOBALS_ACCESSOR(fhir_ehr, v)

#if defined(ZTS) && defined(COMPILE_DL_FHIR_EHR)
ZEND_TSRMLS_CACHE_EXTERN()
#endif

#endif
