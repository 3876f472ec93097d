/* The client object. */

#ifndef FHIR_EHR_CLIENT_H
#define FHIR_EHR_CLIENT_H

#include "classes.h"

/* The arguments of the constructor and of fromFile(); hooks may be NULL. */
typedef struct {
	zend_string *text, *base;
	zend_string *file; /* the file that the text was read from, for errors; or NULL */
	zval *store, *access, *log, *secret_provider;
} fe_ctor_args;

void fe_client_class(zend_class_entry *ce);

/* Gets the core of the configuration and sets the hooks; throws. */
void fe_client_construct(zend_object *object, const fe_ctor_args *args);

#endif
