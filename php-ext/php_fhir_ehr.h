/* The PHP extension fhir_ehr: thin C over the library's fhir_ehr.h. It contains no FHIR logic. */

#ifndef PHP_FHIR_EHR_H
#define PHP_FHIR_EHR_H

#include "src/globals.h"

#define PHP_FHIR_EHR_VERSION "0.1.0"

extern zend_module_entry fhir_ehr_module_entry;

#endif
