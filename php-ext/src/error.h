/* The library's errors as exceptions. */

#ifndef FHIR_EHR_ERROR_H
#define FHIR_EHR_ERROR_H

#include "classes.h"
#include "Zend/zend_exceptions.h"

/* Throws what an error of the library says; the error stays the caller's. */
void fe_throw(fhir_ehr_status status, const struct fhir_ehr_error *error);

/* Throws what this extension itself has found. */
void fe_throw_own(zend_class_entry *ce, fhir_ehr_status code, const char *name, const char *message, const char *hint);

/* Whether a result of about so many bytes fits into memory_limit. Some PHP builds kill the process when an
 * allocation goes far beyond it (pitfall 7); so a result that cannot fit is an exception before it is copied. */
bool fe_has_room(size_t bytes);

#endif
