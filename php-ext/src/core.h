/* The library's core: the checked configuration and its connections. It lives as long as the worker, because the library
 * keeps one core for each configuration text. */

#ifndef FHIR_EHR_CORE_H
#define FHIR_EHR_CORE_H

#include "classes.h"

/* The core of a configuration text; free it with fhir_ehr_core_free(). `base` is the folder that relative paths in the text
 * count from, or empty. fhir_ehr.timeout_cap and fhir_ehr.max_body_bytes lower the limits of the configuration. */
fhir_ehr_status fe_core_for(zend_string *configuration, zend_string *base, struct fhir_ehr_core **core,
	struct fhir_ehr_error **error);

/* The content of a file, which the caller releases; NULL when it cannot be read. */
zend_string *fe_read_file(const char *path);

#endif
