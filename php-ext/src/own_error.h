/* Errors that the extension itself finds, and the memory_limit check before a large result is copied. */

#ifndef FHIR_EHR_OWN_ERROR_H
#define FHIR_EHR_OWN_ERROR_H

#include "classes.h"
#include "Zend/zend_exceptions.h"

/* Throws an exception with the code and the name that the library uses for the same problem. */
void fe_throw_own(zend_class_entry *ce, fhir_ehr_status code, const char *name, const char *message, const char *hint);

/* Whether about this many bytes more fit into memory_limit; else it throws limit_exceeded. Some PHP builds kill the process
 * when one allocation goes far beyond the limit, so this is checked before a result is copied (pitfall 7). */
bool fe_fits_memory_limit(size_t bytes);

#endif
