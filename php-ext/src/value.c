#include "value.h"
#include "error.h"
#include "Zend/zend_enum.h"
#include "ext/json/php_json.h"

static zend_object_handlers plain_handlers;
static zend_object_handlers discreet_handlers;

/* The texts and lists of a discreet object that are shown. All others are hidden, also those that a later version adds:
 * they may name a patient, hold a value, or open a session. */
static const char *const open_properties[] = {
	"user", "source", "project", "mapping", "fields", "event", "studyField", "sourceField", "codeSystem", "resourceType", "key",
	"keys", "decision", "saveId", "pullId", "pulledBy", "ehrUser", "tenant", "grantedScopes", "missingScopes",
};

static zend_object *new_plain(zend_class_entry *ce)
{
	zend_object *object = zend_objects_new(ce);

	object_properties_init(object, ce);
	object->handlers = &plain_handlers;
	return object;
}

static zend_object *new_discreet(zend_class_entry *ce)
{
	zend_object *object = new_plain(ce);

	object->handlers = &discreet_handlers;
	return object;
}

/* An object hides its own properties, and a number or an enum names nobody. */
static bool is_open(zend_string *name, zval *value)
{
	zval *one;

	if (Z_TYPE_P(value) == IS_ARRAY) {
		bool objects = true;

		ZEND_HASH_FOREACH_VAL(Z_ARRVAL_P(value), one) {
			objects = objects && Z_TYPE_P(one) == IS_OBJECT;
		} ZEND_HASH_FOREACH_END();
		if (objects) {
			return true;
		}
	} else if (Z_TYPE_P(value) != IS_STRING) {
		return true;
	}
	for (size_t i = 0; i < FE_COUNT(open_properties); i++) {
		if (zend_string_equals_cstr(name, open_properties[i], strlen(open_properties[i]))) {
			return true;
		}
	}
	return false;
}

/* What dumps, casts to arrays, var_export() and json_encode() see: they end in logs and pages by accident. Properties,
 * foreach and get_object_vars() are for reading, and do not come here. */
static HashTable *shown(zend_object *object, zend_prop_purpose purpose)
{
	HashTable *properties = zend_array_dup(zend_std_get_properties(object));
	zend_string *name;
	zval *value, cover;

	(void) purpose;
	ZEND_HASH_FOREACH_STR_KEY_VAL(properties, name, value) {
		if (!is_open(name, value)) {
			ZVAL_STRING(&cover, "(hidden)");
			zend_hash_update(properties, name, &cover);
		}
	} ZEND_HASH_FOREACH_END();
	return properties;
}

void fe_value_class(zend_class_entry *ce, bool discreet)
{
	plain_handlers = std_object_handlers;
	plain_handlers.clone_obj = NULL;
	discreet_handlers = plain_handlers;
	discreet_handlers.get_properties_for = shown;
	ce->create_object = discreet ? new_discreet : new_plain;
}

zval *fe_slot(zend_object *object, uint32_t number)
{
	zval *slot = OBJ_PROP_NUM(object, number);

	Z_PROP_FLAG_P(slot) = 0;
	return slot;
}

bool fe_may_construct(zend_object *object)
{
	if (Z_TYPE_P(OBJ_PROP_NUM(object, 0)) == IS_UNDEF) {
		return true;
	}
	zend_throw_error(NULL, "%s cannot be constructed twice", ZSTR_VAL(object->ce->name));
	return false;
}

void fe_value_of(zval *target, zend_class_entry *ce, zval *document, const fe_member *members, size_t count)
{
	object_init_ex(target, ce);
	for (size_t i = 0; i < count && !EG(exception); i++) {
		/* It checks the type, as the library's documents may grow but must not change. */
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
				"The library gave a word that this extension does not know.", "install the extension of its version");
		}
		return false;
	}
	ZVAL_OBJ_COPY(target, found);
	return true;
}

void fe_case_or(zval *slot, zend_object *given, zend_class_entry *ce, const char *otherwise)
{
	if (given != NULL) {
		ZVAL_OBJ_COPY(slot, given);
	} else {
		fe_enum(slot, ce, otherwise, strlen(otherwise));
	}
}

void fe_text_or_null(zval *slot, zend_string *given)
{
	if (given != NULL) {
		ZVAL_STR_COPY(slot, given);
	} else {
		ZVAL_NULL(slot);
	}
}

bool fe_document(zval *target, const char *json, size_t length)
{
	if (!fe_has_room(2 * length)) {
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
			"The library gave a document that cannot be read.", "please report it");
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
