/* Requests as the JSON documents that the library reads. */

#ifndef FHIR_EHR_REQUEST_H
#define FHIR_EHR_REQUEST_H

#include "classes.h"

/* Encodes a value as JSON and releases the value. For a text that is not UTF-8 it returns a document that the library refuses,
 * so that the library reports this error in one place. */
zend_string *fe_json_encode(zval *value);

/* Copies a list of row keys; NULL gives an empty list. False, with a TypeError for this argument, when an entry is not a
 * string. */
bool fe_row_keys(zval *list, HashTable *keys, uint32_t argument);

zend_string *fe_pull_document(zend_object *request);
zend_string *fe_patient_document(zend_object *request);

#endif
