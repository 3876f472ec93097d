/* Values: objects of read-only properties, which cannot be cloned. */

#ifndef FHIR_EHR_VALUE_H
#define FHIR_EHR_VALUE_H

#include "classes.h"

/* A member of a document and the property that takes it. */
typedef struct {
	const char *member;
	const char *property;
} fe_member;

/* A member of a handle, such as a row, and how its text becomes the value of a property. Generated tables (row_members.h)
 * have the members in the order of the properties in the class's stub. */
typedef enum {
	FE_KIND_TEXT,
	FE_KIND_OPTIONAL_TEXT, /* null when absent */
	FE_KIND_BOOL, /* "true" or "false" */
	FE_KIND_INTEGER, /* decimal digits */
	FE_KIND_ENUM, /* the text of a case of enum_class */
} fe_kind;

typedef struct {
	uint32_t member;
	fe_kind kind;
	zend_class_entry **enum_class;
} fe_handle_member;

/* Gives a class its handlers. A discreet one hides what may name a patient, hold a value or open a session from dumps, casts
 * to arrays, var_export() and json_encode(). */
void fe_value_class(zend_class_entry *ce, bool discreet);

/* The object's property by its number, in the order of the stub; not yet initialized. */
zval *fe_slot(zend_object *object, uint32_t number);

/* False, with an Error thrown, when a constructor is called a second time. */
bool fe_may_construct(zend_object *object);

/* A new object of which a document's members fill the properties; an absent one is null. */
void fe_value_of(zval *target, zend_class_entry *ce, zval *document, const fe_member *members, size_t count);

/* The case of a backed enum; an InternalException when it has none for this text. */
bool fe_enum(zval *target, zend_class_entry *ce, const char *text, size_t length);

/* Fills a property of a constructor: the case given, or one by its text; the text given, or null. */
void fe_case_or(zval *slot, zend_object *given, zend_class_entry *ce, const char *otherwise);
void fe_text_or_null(zval *slot, zend_string *given);

/* Reads a document of the library's into an array; false, with an InternalException, when it is none. */
bool fe_document(zval *target, const char *json, size_t length);

/* A member of a document, or null. */
zval *fe_member_of(zval *document, const char *name);

#define FE_COUNT(table) (sizeof(table) / sizeof((table)[0]))

#endif
