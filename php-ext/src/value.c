/* Value objects, and the decoding of the library's JSON documents. */

#include "value.h"
#include "own_error.h"
#include "Zend/zend_enum.h"
#include "ext/json/php_json.h"

static zend_object_handlers plain_handlers;
static zend_object_handlers hiding_handlers;

/* The texts and lists of a class with hidden texts that dumps may show. All others are hidden, also those that a later version
 * adds. */
static const char *const shown_properties[] = {
	"user",
	"source",
	"project",
	"mapping",
	"fields",
	"event",
	"studyField",
	"sourceField",
	"codeSystem",
	"resourceType",
	"key",
	"keys",
	"decision",
	"saveId",
	"pullId",
	"pulledBy",
	"ehrUser",
	"idToken",
	"idTokenError",
	"tenant",
	"grantedScopes",
	"missingScopes",
	"partlyGrantedScopes",
};

static zend_object *new_plain(zend_class_entry *ce)
{
	zend_object *object = zend_objects_new(ce);

	object_properties_init(object, ce);
	object->handlers = &plain_handlers;
	return object;
}

static zend_object *new_hiding(zend_class_entry *ce)
{
	zend_object *object = new_plain(ce);

	object->handlers = &hiding_handlers;
	return object;
}

/* A nested object hides its own texts. Numbers and enums identify no patient. */
static bool is_shown(zend_string *name, zval *value)
{
	zval *one;

	if (Z_TYPE_P(value) == IS_ARRAY) {
		bool objects = true;

		ZEND_HASH_FOREACH_VAL(Z_ARRVAL_P(value), one) {
			objects = objects && Z_TYPE_P(one) == IS_OBJECT;
		}
		ZEND_HASH_FOREACH_END();
		if (objects) {
			return true;
		}
	} else if (Z_TYPE_P(value) != IS_STRING) {
		return true;
	}
	for (size_t i = 0; i < FE_COUNT(shown_properties); i++) {
		if (zend_string_equals_cstr(name, shown_properties[i], strlen(shown_properties[i]))) {
			return true;
		}
	}
	return false;
}

/* The properties for dumps, casts to arrays, var_export() and json_encode(), whose output reaches logs and pages by accident.
 * PHP does not call this for reading a property, foreach or get_object_vars(). */
static HashTable *hiding_get_properties_for(zend_object *object, zend_prop_purpose purpose)
{
	HashTable *properties = zend_array_dup(zend_std_get_properties(object));
	zend_string *name;
	zval *value, replacement;

	(void) purpose;
	ZEND_HASH_FOREACH_STR_KEY_VAL(properties, name, value) {
		if (!is_shown(name, value)) {
			ZVAL_STRING(&replacement, "(hidden)");
			zend_hash_update(properties, name, &replacement);
		}
	}
	ZEND_HASH_FOREACH_END();
	return properties;
}

void fe_value_class(zend_class_entry *ce, bool hide_texts)
{
	plain_handlers = std_object_handlers;
	plain_handlers.clone_obj = NULL;
	hiding_handlers = plain_handlers;
	hiding_handlers.get_properties_for = hiding_get_properties_for;
	ce->create_object = hide_texts ? new_hiding : new_plain;
}

zval *fe_slot(zend_object *object, uint32_t number)
{
	zval *slot = OBJ_PROP_NUM(object, number);

	Z_PROP_FLAG_P(slot) = 0;
	return slot;
}

bool fe_is_first_construction(zend_object *object)
{
	if (Z_TYPE_P(OBJ_PROP_NUM(object, 0)) == IS_UNDEF) {
		return true;
	}
	zend_throw_error(NULL, "%s cannot be constructed twice", ZSTR_VAL(object->ce->name));
	return false;
}

void fe_object_from_document(zval *target, zend_class_entry *ce, zval *document, const fe_member *members, size_t count)
{
	object_init_ex(target, ce);
	for (size_t i = 0; i < count && !EG(exception); i++) {
		/* zend_update_property() checks the type: documents of the library may get new members, but no member changes its type. */
		zend_update_property(ce, Z_OBJ_P(target), members[i].property, strlen(members[i].property),
			fe_member_of(document, members[i].member));
	}
}

bool fe_enum(zval *target, zend_class_entry *ce, const char *text, size_t length)
{
	zend_string *value = zend_string_init(text, length, false);
	zend_object *found = NULL;

	zend_enum_get_case_by_value(&found, ce, 0, value, true);
	zend_string_release(value);
	if (found == NULL) {
		if (!EG(exception)) {
			fe_throw_own(fe_InternalException_ce, FHIR_EHR_E_INTERNAL, "internal",
				"The library returned a text for which this extension has no enum case.",
				"Install the extension and the library in the same version.");
		}
		return false;
	}
	ZVAL_OBJ_COPY(target, found);
	return true;
}

void fe_enum_or_default(zval *slot, zend_object *argument, zend_class_entry *ce, const char *default_text)
{
	if (argument != NULL) {
		ZVAL_OBJ_COPY(slot, argument);
	} else {
		fe_enum(slot, ce, default_text, strlen(default_text));
	}
}

bool fe_copy_strings(zval *target, HashTable *list, uint32_t argument)
{
	zval *text;

	array_init(target);
	if (list == NULL) {
		return true;
	}
	ZEND_HASH_FOREACH_VAL(list, text) {
		ZVAL_DEREF(text);
		if (Z_TYPE_P(text) != IS_STRING) {
			zend_argument_type_error(argument, "must be a list of strings, it contains %s", zend_zval_type_name(text));
			zval_ptr_dtor(target);
			ZVAL_UNDEF(target);
			return false;
		}
		Z_TRY_ADDREF_P(text);
		add_next_index_zval(target, text);
	}
	ZEND_HASH_FOREACH_END();
	return true;
}

void fe_text_or_null(zval *slot, zend_string *argument)
{
	if (argument != NULL) {
		ZVAL_STR_COPY(slot, argument);
	} else {
		ZVAL_NULL(slot);
	}
}

bool fe_json_decode(zval *target, const char *json, size_t length)
{
	if (!fe_fits_memory_limit(2 * length)) {
		return false;
	}
	php_json_decode_ex(target, json, length, PHP_JSON_OBJECT_AS_ARRAY, 512);
	if (Z_TYPE_P(target) == IS_ARRAY) {
		return true;
	}
	zval_ptr_dtor(target);
	ZVAL_UNDEF(target);
	if (!EG(exception)) {
		fe_throw_own(fe_InternalException_ce, FHIR_EHR_E_INTERNAL, "internal",
			"The library returned a document that is not valid JSON.", "This is a bug in fhir_ehr. Please report it.");
	}
	return false;
}

zval *fe_member_of(zval *document, const char *name)
{
	zval *value = NULL;

	if (Z_TYPE_P(document) == IS_ARRAY) {
		value = zend_hash_str_find(Z_ARRVAL_P(document), name, strlen(name));
	}
	return value == NULL ? &EG(uninitialized_zval) : value;
}
