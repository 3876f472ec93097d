#include "core.h"
#include "request.h"
#include "value.h"
#include "ext/json/php_json.h"

/* The library's own bounds, for a document that does not name them (docs/defaults.md). */
static const struct {
	const char *name;
	zend_long otherwise;
	bool seconds;
} limits[] = {
	{"connect_seconds", 5, true},
	{"request_seconds", 30, true},
	{"pull_seconds", 120, true},
	{"response_bytes", 32 * 1024 * 1024, false},
};

/* Puts the administrator's caps into a document's limits; false when they change nothing. */
static bool put_caps(zval *given)
{
	bool changed = false;
	zend_long value, cap;
	zval *limit;

	for (size_t i = 0; i < FE_COUNT(limits); i++) {
		cap = limits[i].seconds ? FHIR_EHR_G(timeout_cap) : FHIR_EHR_G(max_body_bytes);
		limit = zend_hash_str_find(Z_OBJPROP_P(given), limits[i].name, strlen(limits[i].name));
		value = limit != NULL && Z_TYPE_P(limit) == IS_LONG ? Z_LVAL_P(limit) : limits[i].otherwise;
		if (cap > 0 && value > cap) {
			add_property_long(given, limits[i].name, cap);
			changed = true;
		}
	}
	return changed;
}

/* The document with the caps in it, or the document itself: what it says wrongly the library will tell. */
static zend_string *capped(zend_string *configuration)
{
	zval document, made, *given;

	php_json_decode_ex(&document, ZSTR_VAL(configuration), ZSTR_LEN(configuration), 0, 64);
	if (Z_TYPE(document) != IS_OBJECT) {
		zval_ptr_dtor(&document);
		return zend_string_copy(configuration);
	}
	given = zend_hash_str_find(Z_OBJPROP(document), ZEND_STRL("limits"));
	if (given == NULL) {
		object_init(&made);
		add_property_zval(&document, "limits", &made);
		zval_ptr_dtor(&made);
		given = &made;
	}
	if (Z_TYPE_P(given) == IS_OBJECT && put_caps(given)) {
		return fe_json(&document);
	}
	zval_ptr_dtor(&document);
	return zend_string_copy(configuration);
}

fhir_ehr_status fe_core_of_text(zend_string *configuration, zend_string *base, struct fhir_ehr_core **core,
	struct fhir_ehr_error **error)
{
	zend_string *text = capped(configuration);
	fhir_ehr_status status = fhir_ehr_core_for(ZSTR_VAL(text), ZSTR_LEN(text), ZSTR_VAL(base), ZSTR_LEN(base),
		core, error);

	zend_string_release(text);
	return status;
}

zend_string *fe_read_file(const char *path)
{
	php_stream *stream = php_stream_open_wrapper(path, "rb", IGNORE_URL, NULL);
	zend_string *text;
	php_stream_statbuf found;

	if (stream == NULL) {
		return NULL;
	}
	/* PHP opens a folder, and its read says so in a notice of its own. */
	if (php_stream_stat(stream, &found) == 0 && S_ISDIR(found.sb.st_mode)) {
		php_stream_close(stream);
		return NULL;
	}
	text = php_stream_copy_to_mem(stream, PHP_STREAM_COPY_ALL, false);
	php_stream_close(stream);
	return text;
}
