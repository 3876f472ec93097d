/* The client as an object. */

#ifndef FHIR_EHR_CLIENT_H
#define FHIR_EHR_CLIENT_H

#include "classes.h"

/* What a constructor is given; the hooks may be NULL. */
typedef struct {
	zend_string *text, *base;
	zend_string *file; /* where the text comes from, or NULL; errors then name it */
	zval *store, *access, *log, *secret_provider;
} fe_given;

void fe_client_class(zend_class_entry *ce);

/* Takes hold of the hooks and of the core of a configuration; throws. */
void fe_client_construct(zend_object *object, const fe_given *given);

#endif
