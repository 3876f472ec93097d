/* A store of the host in C: one file, rewritten as a whole under a lock, for many processes. */
#ifndef STORE_FILE_H
#define STORE_FILE_H

#include "fhir_ehr.h"

struct file_store;

/* The store in this file, which is made when something is first written; NULL: no memory. */
struct file_store *file_store_open(const char *path);
void file_store_close(struct file_store *store);

/* Its table, for fhir_ehr_client_set_store(). */
void file_store_hooks(struct file_store *store, fhir_ehr_store *hooks);

/* For its tests: which part of the last refused batch met another version. */
size_t file_store_conflict(const struct file_store *store);
/* For its tests: moves every expiry into the past. */
int32_t file_store_age(struct file_store *store, int64_t seconds);

#endif
