/* A request as the document that the library reads. */

#ifndef FHIR_EHR_REQUEST_H
#define FHIR_EHR_REQUEST_H

#include "classes.h"

/* A JSON document of a value; takes the value. Text that is not UTF-8 gives a document that the library
 * refuses as such, so that there is one place which says so. */
zend_string *fe_json(zval *value);

/* A list of keys of rows; false, with a TypeError about the argument, when one is not a text. NULL: no key. */
bool fe_keys(zval *list, HashTable *keys, uint32_t argument);

zend_string *fe_pull_document(zend_object *request);
zend_string *fe_patient_document(zend_object *request);

#endif
