/* The library's errors as PHP exceptions. */

#ifndef FHIR_EHR_ERROR_H
#define FHIR_EHR_ERROR_H

#include "classes.h"
#include "Zend/zend_exceptions.h"

/* Throws the exception for an error of the library. The caller still owns the error and frees it. */
void fe_throw(fhir_ehr_status status, const struct fhir_ehr_error *error);

#endif
