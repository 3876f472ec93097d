/* A store of the host in C: one file, rewritten as a whole under a lock, for many processes. */
#ifndef STORE_FILE_H
#define STORE_FILE_H

#include "fhir_ehr.h"

struct file_store;

/* Opens the store in this file. The first write creates the file. NULL when there is not enough memory. */
struct file_store *file_store_open(const char *path);
void file_store_close(struct file_store *store);

/* The store's hook table, for fhir_ehr_client_set_store(). */
void file_store_hooks(struct file_store *store, fhir_ehr_store *hooks);

/* For tests: the index of the part that caused the last conflict. */
size_t file_store_conflict(const struct file_store *store);
/* For tests: moves every expiry time into the past. */
int32_t file_store_age(struct file_store *store, int64_t seconds);

#endif
