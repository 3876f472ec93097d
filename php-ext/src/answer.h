/* What the library gave, as PHP values. */

#ifndef FHIR_EHR_ANSWER_H
#define FHIR_EHR_ANSWER_H

#include "host.h"

void fe_answer_launch_result(const fe_asked *asked, zval *return_value);
void fe_answer_signed_in(const fe_asked *asked, zval *return_value);
void fe_answer_patient(const fe_asked *asked, zval *return_value);
void fe_answer_pulled(const fe_asked *asked, zval *return_value);
void fe_answer_rows(const fe_asked *asked, zval *return_value);
void fe_answer_count(const fe_asked *asked, zval *return_value);
void fe_answer_save_set(const fe_asked *asked, zval *return_value);
void fe_answer_discovery(const fe_asked *asked, zval *return_value);
void fe_answer_steps(const fe_asked *asked, zval *return_value);
void fe_answer_sources(const fe_asked *asked, zval *return_value);

/* A list of objects, one for each object of the document that the library gave as text. */
void fe_answer_list(const fe_asked *asked, void (*make)(zval *target, zval *document), zval *return_value);

void fe_launch_context(zval *target, zval *document);
void fe_signed_in(zval *target, zval *document);
void fe_staged_rows(zval *target, const struct fhir_ehr_rows *rows);
void fe_value_to_save(zval *target, zval *document);
void fe_source(zval *target, zval *document);

#endif
