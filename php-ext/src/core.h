/* What lives as long as the worker: the library keeps one core for each configuration text. */

#ifndef FHIR_EHR_CORE_H
#define FHIR_EHR_CORE_H

#include "classes.h"

/* The core of a configuration text; `base` is the folder that relative paths in it count from, or empty. */
fhir_ehr_status fe_core_of_text(zend_string *configuration, zend_string *base, struct fhir_ehr_core **core,
	struct fhir_ehr_error **error);

/* The core of a configuration file as it is now. NULL as text says that it cannot be read. */
zend_string *fe_read_file(const char *path);

#endif
