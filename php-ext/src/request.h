/* Requests as the JSON documents that the library reads. */

#ifndef FHIR_EHR_REQUEST_H
#define FHIR_EHR_REQUEST_H

#include "classes.h"

/* Encodes a value as JSON and releases the value. For a text that is not UTF-8 it returns a document that the library refuses,
 * so that the library reports this error in one place. */
zend_string *fe_json_encode(zval *value);

zend_string *fe_pull_document(zend_object *request);
zend_string *fe_patient_document(zend_object *request);

#endif
