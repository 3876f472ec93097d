/* The library's results as PHP values. */

#ifndef FHIR_EHR_TO_PHP_H
#define FHIR_EHR_TO_PHP_H

#include "host.h"

void fe_launch_result_to_php(const fe_call *call, zval *return_value);
void fe_sign_in_to_php(const fe_call *call, zval *return_value);
void fe_patient_to_php(const fe_call *call, zval *return_value);
void fe_pull_result_to_php(const fe_call *call, zval *return_value);
void fe_rows_to_php(const fe_call *call, zval *return_value);
void fe_count_to_php(const fe_call *call, zval *return_value);
void fe_save_set_to_php(const fe_call *call, zval *return_value);
void fe_discovery_to_php(const fe_call *call, zval *return_value);
void fe_check_steps_to_php(const fe_call *call, zval *return_value);
void fe_jwks_to_php(const fe_call *call, zval *return_value);
void fe_sources_to_php(const fe_call *call, zval *return_value);

/* A JSON list of texts as an array. */
void fe_texts_to_php(const fe_call *call, zval *return_value);
void fe_launch_view_to_php(const fe_call *call, zval *return_value);
void fe_launches_to_php(const fe_call *call, zval *return_value);
void fe_user_links_to_php(const fe_call *call, zval *return_value);
void fe_signed_out_to_php(const fe_call *call, zval *return_value);
void fe_user_removal_to_php(const fe_call *call, zval *return_value);
void fe_grant_page_to_php(const fe_call *call, zval *return_value);
void fe_introspections_to_php(const fe_call *call, zval *return_value);
void fe_keep_alive_to_php(const fe_call *call, zval *return_value);
void fe_text_to_php(const fe_call *call, zval *return_value);

/* Fills a property with a list of objects, one for each object of a list in a document. */
void fe_set_list(zval *target, const char *property, zval *list, void (*make)(zval *target, zval *document));

/* A list of objects, one for each object of the JSON list in call->text. */
void fe_list_to_php(const fe_call *call, void (*make)(zval *target, zval *document), zval *return_value);

void fe_make_signed_out_grant(zval *target, zval *document);
void fe_make_grant_entry(zval *target, zval *document);
void fe_make_kept_grant(zval *target, zval *document);
void fe_make_fhir_context(zval *target, zval *document);
void fe_make_fhir_user(zval *target, zval *document);
void fe_make_launch_handoff(zval *target, zval *document);
void fe_make_launch_context(zval *target, zval *document);
void fe_make_sign_in(zval *target, zval *document);
void fe_make_staged_rows(zval *target, const struct fhir_ehr_rows *rows);
void fe_make_value_to_save(zval *target, zval *document);
void fe_make_source(zval *target, zval *document);

#endif
