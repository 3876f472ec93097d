/* The library's errors as exceptions. */

#ifndef FHIR_EHR_ERROR_H
#define FHIR_EHR_ERROR_H

#include "classes.h"
#include "Zend/zend_exceptions.h"

/* Throws what an error of the library says; the error stays the caller's. */
void fe_throw(fhir_ehr_status status, const struct fhir_ehr_error *error);

#endif
