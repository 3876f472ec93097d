/* Value objects: classes with read-only properties that cannot be cloned. Also the decoding of the library's JSON documents. */

#ifndef FHIR_EHR_VALUE_H
#define FHIR_EHR_VALUE_H

#include "classes.h"

/* A member of a JSON document and the property that takes its value. */
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

/* Sets the object handlers of a class. A class with `hide_texts` may hold a patient's data, a value or something that opens a
 * session: dumps, casts to arrays, var_export() and json_encode() show "(hidden)" in place of its texts. */
void fe_value_class(zend_class_entry *ce, bool hide_texts);

/* The slot of a property, by its position in the stub. The caller initializes it. */
zval *fe_slot(zend_object *object, uint32_t number);

/* False, with an Error thrown, when the constructor was called before. */
bool fe_is_first_construction(zend_object *object);

/* Makes an object and fills its properties from the members of a document; an absent member becomes null. */
void fe_object_from_document(zval *target, zend_class_entry *ce, zval *document, const fe_member *members, size_t count);

/* The case of a backed enum; throws an InternalException when the enum has no case with this text. */
bool fe_enum(zval *target, zend_class_entry *ce, const char *text, size_t length);

/* Fills a property from an optional constructor argument: the given case, or the case of the default text. */
void fe_enum_or_default(zval *slot, zend_object *argument, zend_class_entry *ce, const char *default_text);

/* Fills a property from an optional constructor argument: the given text, or null. */
void fe_text_or_null(zval *slot, zend_string *argument);

/* Copies a list of strings; NULL gives an empty list. It copies because a read-only property must not hold a reference to a
 * variable of the caller. False, with a TypeError for this argument, when an entry is not a string. */
bool fe_copy_strings(zval *target, HashTable *list, uint32_t argument);

/* Decodes a JSON document of the library into an array; false, with an InternalException, when it is not one. */
bool fe_json_decode(zval *target, const char *json, size_t length);

/* A member of a document, or null. */
zval *fe_member_of(zval *document, const char *name);

#endif
