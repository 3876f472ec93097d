/* Errors that the extension itself finds. */

#include "own_error.h"

void fe_throw_own(zend_class_entry *ce, fhir_ehr_status code, const char *name, const char *message, const char *hint)
{
	zend_object *exception = zend_throw_exception(ce, message, code);
	const char *const properties[][2] = {
		{"name", name},
		{"stage", "internal"},
		{"owner", "you"},
		{"retry", "never"},
		{"hint", hint},
	};

	for (size_t i = 0; i < FE_COUNT(properties); i++) {
		zend_update_property_string(fe_RuntimeException_ce, exception, properties[i][0], strlen(properties[i][0]),
			properties[i][1]);
	}
}

bool fe_fits_memory_limit(size_t bytes)
{
	size_t used = zend_memory_usage(false), limit = (size_t) PG(memory_limit);
	char message[160];

	if (PG(memory_limit) <= 0 || (used < limit && bytes < limit - used)) {
		return true;
	}
	snprintf(message, sizeof(message), "The result needs about %zu bytes, but memory_limit is %zu bytes and %zu are in use.",
		bytes, limit, used);
	fe_throw_own(fe_RequestException_ce, FHIR_EHR_E_LIMIT_EXCEEDED, "limit_exceeded", message,
		"The pulled values are staged. Read one record at a time, or raise memory_limit.");
	return false;
}
