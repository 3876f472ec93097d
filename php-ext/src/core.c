/* The core of a configuration, with the administrator's caps from php.ini, and the reading of a configuration file. */

#include "core.h"

fhir_ehr_status fe_core_for(zend_string *configuration, zend_string *base, struct fhir_ehr_core **core,
	struct fhir_ehr_error **error)
{
	return fhir_ehr_core_for(ZSTR_VAL(configuration), ZSTR_LEN(configuration), ZSTR_VAL(base), ZSTR_LEN(base),
		(uint64_t) FHIR_EHR_G(timeout_cap), (uint64_t) FHIR_EHR_G(max_body_bytes), core, error);
}

zend_string *fe_read_file(const char *path)
{
	php_stream *stream = php_stream_open_wrapper(path, "rb", IGNORE_URL, NULL);
	zend_string *text;
	php_stream_statbuf found;

	if (stream == NULL) {
		return NULL;
	}
	/* PHP opens a folder without an error and prints a notice when it is read. */
	if (php_stream_stat(stream, &found) == 0 && S_ISDIR(found.sb.st_mode)) {
		php_stream_close(stream);
		return NULL;
	}
	text = php_stream_copy_to_mem(stream, PHP_STREAM_COPY_ALL, false);
	php_stream_close(stream);
	return text;
}
