/* What the C test programs share: a CHECK that prints where it failed, and a store of the host in memory. */
#ifndef HOST_H
#define HOST_H

#include "fhir_ehr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(what)                                                            \
    do {                                                                       \
        if (!(what)) {                                                         \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what); \
            exit(1);                                                           \
        }                                                                      \
    } while (0)

/* Text and its length, as two arguments. */
#define TEXT(text) (text), strlen(text)

/* Prints the error and ends the program. */
#define OK(call)                                                                          \
    do {                                                                                  \
        fhir_ehr_error *error = NULL;                                                     \
        fhir_ehr_status status = (call);                                                  \
        if (status != 0) {                                                                \
            fprintf(stderr, "%s:%d: %s: %d %s\n", __FILE__, __LINE__, #call, (int)status, \
                    fhir_ehr_error_message(error));                                       \
            exit(1);                                                                      \
        }                                                                                 \
        CHECK(error == NULL);                                                             \
    } while (0)

/* The call must fail with this code, and its error object must have the same code. */
#define FAILS(code, call)                                                                                       \
    do {                                                                                                        \
        fhir_ehr_error *error = NULL;                                                                           \
        fhir_ehr_status status = (call);                                                                        \
        if (status != (code)) {                                                                                 \
            fprintf(stderr, "%s:%d: %s: %d, not %d: %s\n", __FILE__, __LINE__, #call, (int)status, (int)(code), \
                    fhir_ehr_error_message(error));                                                             \
            exit(1);                                                                                            \
        }                                                                                                       \
        CHECK(fhir_ehr_error_code(error) == (code));                                                            \
        CHECK(strlen(fhir_ehr_error_message(error)) > 10);                                                      \
        CHECK(strlen(fhir_ehr_error_name(error)) > 3);                                                          \
        CHECK(fhir_ehr_error_json(error)[0] == '{');                                                            \
        CHECK(fhir_ehr_error_hint(error) != NULL);                                                              \
        fhir_ehr_error_free(error);                                                                             \
    } while (0)

/* The text member of a JSON document that the library made: its members have plain names and the texts
   asked for here need no unescaping. Whoever has a JSON library uses that. */
static inline char *member_of(const char *json, const char *name)
{
    char pattern[64];
    const char *start, *end;
    char *text;
    snprintf(pattern, sizeof pattern, "\"%s\":\"", name);
    start = strstr(json, pattern);
    CHECK(start != NULL);
    start += strlen(pattern);
    end = strchr(start, '"');
    CHECK(end != NULL);
    text = calloc((size_t)(end - start) + 1, 1);
    CHECK(text != NULL);
    memcpy(text, start, (size_t)(end - start));
    return text;
}

static inline char *copy_of(fhir_ehr_text *text)
{
    char *copy = calloc(fhir_ehr_text_length(text) + 1, 1);
    CHECK(copy != NULL);
    CHECK(strlen(fhir_ehr_text_data(text)) == fhir_ehr_text_length(text));
    memcpy(copy, fhir_ehr_text_data(text), fhir_ehr_text_length(text));
    fhir_ehr_text_free(text);
    return copy;
}

/* An access hook that allows everything. */
static inline int32_t allow(void *user_data, const char *user, size_t user_length, const char *project,
                            size_t project_length, uint32_t action)
{
    (void)user_data, (void)user, (void)user_length, (void)project, (void)project_length, (void)action;
    return FHIR_EHR_HOOK_DONE;
}

static inline fhir_ehr_access allow_all(void)
{
    fhir_ehr_access table = {0};
    table.struct_size = sizeof table;
    table.allows = allow;
    return table;
}

/* Exports of the test build: handles that C holds, calls that this thread is inside of. */
int64_t fhir_ehr_test_outstanding(void);
size_t fhir_ehr_test_depth(void);

/* One record in memory; all its texts are copies. */
struct kept {
    char kind[33], key[65], organization[256], project[256], subject[65], state[65];
    int64_t version;
    int64_t expires_in;
    uint8_t *sealed;
    size_t sealed_length;
};

struct memory {
    struct kept records[4096];
    size_t count;
    int64_t fence;
    char lease[65];
    int calls;
    int fail; /* what every hook returns instead of working, unless it is 0 */
};

static inline void copy_text(char *to, size_t size, const char *from, size_t length)
{
    CHECK(length < size);
    CHECK(from[length] == '\0');
    memcpy(to, from, length);
    to[length] = '\0';
}

static inline struct kept *find(struct memory *memory, const char *kind, const char *key)
{
    size_t i;
    for (i = 0; i < memory->count; i++) {
        struct kept *kept = &memory->records[i];
        if (kept->version != 0 && strcmp(kept->kind, kind) == 0 && strcmp(kept->key, key) == 0) { return kept; }
    }
    return NULL;
}

static inline int32_t give(fhir_ehr_sink *sink, const struct kept *kept)
{
    fhir_ehr_stored_record record = {0};
    record.struct_size = sizeof record;
    record.kind = kept->kind;
    record.kind_length = strlen(kept->kind);
    record.key = kept->key;
    record.key_length = strlen(kept->key);
    record.organization = kept->organization;
    record.organization_length = strlen(kept->organization);
    record.project = kept->project;
    record.project_length = strlen(kept->project);
    record.subject = kept->subject;
    record.subject_length = strlen(kept->subject);
    record.state = kept->state;
    record.state_length = strlen(kept->state);
    record.version = kept->version;
    record.expires_in = kept->expires_in;
    record.sealed = kept->sealed;
    record.sealed_length = kept->sealed_length;
    return fhir_ehr_sink_stored_record(sink, &record);
}

static inline int32_t memory_get(void *user_data, const char *kind, size_t kind_length, const char *key,
                                 size_t key_length, fhir_ehr_sink *sink)
{
    struct memory *memory = user_data;
    struct kept *kept = find(memory, kind, key);
    CHECK(strlen(kind) == kind_length && strlen(key) == key_length && key_length <= 64);
    memory->calls++;
    if (memory->fail != 0) return memory->fail;
    return kept == NULL ? FHIR_EHR_HOOK_DONE : give(sink, kept);
}

static inline int32_t memory_write(void *user_data, const fhir_ehr_stored_record *const *parts, size_t count)
{
    struct memory *memory = user_data;
    size_t i;
    memory->calls++;
    if (memory->fail != 0) return memory->fail;
    for (i = 0; i < count; i++) {
        struct kept *kept = find(memory, parts[i]->kind, parts[i]->key);
        if ((kept == NULL ? 0 : kept->version) != parts[i]->version) return FHIR_EHR_HOOK_NO;
    }
    for (i = 0; i < count; i++) {
        const fhir_ehr_stored_record *part = parts[i];
        struct kept *kept = find(memory, part->kind, part->key);
        CHECK(part->struct_size >= sizeof *part && part->key_length <= 64);
        if (part->operation == FHIR_EHR_DELETE) {
            CHECK(kept != NULL);
            free(kept->sealed);
            memset(kept, 0, sizeof *kept);
            continue;
        }
        CHECK(part->operation == FHIR_EHR_PUT);
        if (kept == NULL) {
            CHECK(memory->count < sizeof memory->records / sizeof memory->records[0]);
            kept = &memory->records[memory->count++];
        }
        free(kept->sealed);
        copy_text(kept->kind, sizeof kept->kind, part->kind, part->kind_length);
        copy_text(kept->key, sizeof kept->key, part->key, part->key_length);
        copy_text(kept->organization, sizeof kept->organization, part->organization, part->organization_length);
        copy_text(kept->project, sizeof kept->project, part->project, part->project_length);
        copy_text(kept->subject, sizeof kept->subject, part->subject, part->subject_length);
        copy_text(kept->state, sizeof kept->state, part->state, part->state_length);
        kept->version = part->version + 1;
        kept->expires_in = part->expires_in;
        kept->sealed = malloc(part->sealed_length + 1);
        CHECK(kept->sealed != NULL);
        memcpy(kept->sealed, part->sealed, part->sealed_length);
        kept->sealed_length = part->sealed_length;
    }
    return FHIR_EHR_HOOK_DONE;
}

static inline int by_key(const void *one, const void *other)
{
    return strcmp((*(struct kept *const *)one)->key, (*(struct kept *const *)other)->key);
}

static inline int32_t memory_scan(void *user_data, const fhir_ehr_query *query, fhir_ehr_sink *sink)
{
    struct memory *memory = user_data;
    struct kept *found[4096];
    size_t i, count = 0;
    memory->calls++;
    if (memory->fail != 0) return memory->fail;
    for (i = 0; i < memory->count; i++) {
        struct kept *kept = &memory->records[i];
        if (kept->version != 0 && strcmp(kept->kind, query->kind) == 0 &&
            strcmp(kept->organization, query->organization) == 0 &&
            (query->project == NULL || strcmp(kept->project, query->project) == 0) &&
            (query->subject == NULL || strcmp(kept->subject, query->subject) == 0) &&
            (query->state == NULL || strcmp(kept->state, query->state) == 0) && strcmp(kept->key, query->after) > 0) {
            found[count++] = kept;
        }
    }
    qsort(found, count, sizeof found[0], by_key);
    for (i = 0; i < count && i < query->limit; i++) {
        if (give(sink, found[i]) != 0) return 2;
    }
    return FHIR_EHR_HOOK_DONE;
}

static inline int32_t memory_acquire(void *user_data, const char *name, size_t name_length, const char *holder,
                                     size_t holder_length, int64_t seconds, int64_t *fence)
{
    struct memory *memory = user_data;
    CHECK(strlen(name) == name_length && strlen(holder) == holder_length && seconds > 0);
    memory->calls++;
    if (memory->fail != 0) return memory->fail;
    if (memory->lease[0] != '\0' && strcmp(memory->lease, holder) != 0) return FHIR_EHR_HOOK_NO;
    copy_text(memory->lease, sizeof memory->lease, holder, holder_length);
    *fence = ++memory->fence;
    return FHIR_EHR_HOOK_DONE;
}

static inline int32_t memory_release(void *user_data, const char *name, size_t name_length, const char *holder,
                                     size_t holder_length, int64_t fence)
{
    struct memory *memory = user_data;
    (void)name;
    (void)name_length;
    (void)holder_length;
    memory->calls++;
    if (memory->fence != fence || strcmp(memory->lease, holder) != 0) return FHIR_EHR_HOOK_NO;
    memory->lease[0] = '\0';
    return FHIR_EHR_HOOK_DONE;
}

static inline fhir_ehr_store memory_store(struct memory *memory)
{
    fhir_ehr_store table = {0};
    table.struct_size = sizeof table;
    table.user_data = memory;
    table.get = memory_get;
    table.write = memory_write;
    table.scan = memory_scan;
    table.acquire_lease = memory_acquire;
    table.release_lease = memory_release;
    return table;
}

static inline void memory_free(struct memory *memory)
{
    size_t i;
    for (i = 0; i < memory->count; i++) free(memory->records[i].sealed);
    free(memory);
}

/* The whole content of a file. */
static inline char *content_of(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 1 << 20);
    CHECK(file != NULL && text != NULL);
    CHECK(fread(text, 1, (1 << 20) - 1, file) > 0);
    fclose(file);
    return text;
}

#endif
