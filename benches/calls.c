/* Measures calls of the library without I/O, and compares them with a call of an empty library.
   Arguments: CONFIG MRN. CONFIG is for a running simulator, from which some rows are pulled first.
   Prints one line per call: name, nanoseconds, nanoseconds of the empty call, separated by tabs. */
#include "fhir_ehr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCHES = 101, CALLS = 1000 };

const void *empty_call(const void *given);

#define TEXT(text) (text), strlen(text)

/* Ends the program with the error message if the call fails. */
#define OK(call)                                                               \
    do {                                                                       \
        fhir_ehr_error *error = NULL;                                          \
        if ((call) != 0) {                                                     \
            fprintf(stderr, "%s: %s\n", #call, fhir_ehr_error_message(error)); \
            exit(1);                                                           \
        }                                                                      \
    } while (0)

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int by_size(const void *one, const void *other)
{
    double difference = *(const double *)one - *(const double *)other;
    return (difference > 0) - (difference < 0);
}

static double median(double *values)
{
    qsort(values, BATCHES, sizeof values[0], by_size);
    return values[BATCHES / 2];
}

/* The batches of both calls alternate, so that other load on the machine affects both. */
#define MEASURE(name, call)                                             \
    do {                                                                \
        double calls[BATCHES], empty[BATCHES], start;                   \
        int batch, i;                                                   \
        for (batch = 0; batch < BATCHES; batch++) {                     \
            start = now();                                              \
            for (i = 0; i < CALLS; i++) { kept = empty_call(kept); }    \
            empty[batch] = (now() - start) / CALLS;                     \
            start = now();                                              \
            for (i = 0; i < CALLS; i++) { call; }                       \
            calls[batch] = (now() - start) / CALLS;                     \
        }                                                               \
        printf("%s\t%.1f\t%.1f\n", name, median(calls), median(empty)); \
    } while (0)

/* A store that does nothing, to measure a call through a client to a hook and back. */

static int32_t no_get(void *user_data, const char *kind, size_t kind_length, const char *key, size_t key_length,
                      fhir_ehr_sink *sink)
{
    (void)user_data, (void)kind, (void)kind_length, (void)key, (void)key_length, (void)sink;
    return FHIR_EHR_HOOK_DONE;
}

static int32_t no_write(void *user_data, const fhir_ehr_stored_record *const *parts, size_t count)
{
    (void)user_data, (void)parts, (void)count;
    return FHIR_EHR_HOOK_DONE;
}

static int32_t no_scan(void *user_data, const fhir_ehr_query *query, fhir_ehr_sink *sink)
{
    (void)user_data, (void)query, (void)sink;
    return FHIR_EHR_HOOK_DONE;
}

static int32_t no_acquire(void *user_data, const char *name, size_t name_length, const char *holder,
                          size_t holder_length, int64_t seconds, int64_t *fence)
{
    (void)user_data, (void)name, (void)name_length, (void)holder, (void)holder_length, (void)seconds;
    *fence = 1;
    return FHIR_EHR_HOOK_DONE;
}

static int32_t no_release(void *user_data, const char *name, size_t name_length, const char *holder,
                          size_t holder_length, int64_t fence)
{
    (void)user_data, (void)name, (void)name_length, (void)holder, (void)holder_length, (void)fence;
    return FHIR_EHR_HOOK_DONE;
}

static int32_t no_purge(void *user_data, uint64_t *count)
{
    (void)user_data;
    *count = 0;
    return FHIR_EHR_HOOK_DONE;
}

static const fhir_ehr_store empty_store = {
    sizeof(fhir_ehr_store), NULL, no_get, no_write, no_scan, no_acquire, no_release, no_purge,
};

static char *content_of(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 1 << 16);
    if (file == NULL || text == NULL || fread(text, 1, (1 << 16) - 1, file) == 0) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(1);
    }
    fclose(file);
    return text;
}

static int32_t allow(void *user_data, const char *user, size_t user_length, const char *project, size_t project_length,
                     uint32_t action)
{
    (void)user_data, (void)user, (void)user_length, (void)project, (void)project_length, (void)action;
    return FHIR_EHR_HOOK_DONE;
}

int main(int argc, char **argv)
{
    const void *volatile kept = NULL;
    char *config, request[2048];
    const char *data;
    size_t length, count;
    fhir_ehr_core *core = NULL, *same = NULL;
    fhir_ehr_client *client = NULL, *other = NULL;
    fhir_ehr_rows *rows = NULL;
    fhir_ehr_text *text = NULL;
    fhir_ehr_error *failed = NULL;
    fhir_ehr_access access = {0};
    access.struct_size = sizeof access;
    access.allows = allow;
    if (argc != 3) return 2;
    config = content_of(argv[1]);
    OK(fhir_ehr_core_new(TEXT(config), NULL, 0, &core, &error));
    OK(fhir_ehr_client_new(core, &client, &error));
    OK(fhir_ehr_client_set_access(client, &access, &error));
    snprintf(request, sizeof request,
             "{\"system\":true,\"source\":\"sim\",\"project\":{\"id\":\"p\",\"environment\":\"sandbox\",\"system_"
             "account\":true},"
             "\"record\":\"1\",\"mrn\":\"%s\",\"mapping\":\"external_source_field_name,is_record_identifier,"
             "field_name,temporal_field,preselect,event_name\\nbirthDate,,dob,,,\\n\"}",
             argv[2]);
    OK(fhir_ehr_client_pull(client, TEXT(request), &rows, &error));
    if (fhir_ehr_rows_count(rows) == 0) return 1;
    if (fhir_ehr_core_scopes(core, TEXT("sim"), 99, &text, &failed) == 0) return 1;
    OK(fhir_ehr_core_scopes(core, TEXT("sim"), FHIR_EHR_SCOPES_LAUNCH, &text, &error));

    MEASURE("fhir_ehr_version", kept = fhir_ehr_version());
    MEASURE("fhir_ehr_error_message", kept = fhir_ehr_error_message(failed));
    MEASURE("fhir_ehr_error_json", kept = fhir_ehr_error_json(failed));
    MEASURE("fhir_ehr_text_data", kept = fhir_ehr_text_data(text));
    MEASURE("fhir_ehr_rows_count", count = fhir_ehr_rows_count(rows); kept = &count);
    MEASURE("fhir_ehr_rows_get", OK(fhir_ehr_rows_get(rows, 0, FHIR_EHR_ROW_VALUE, &data, &length, &error)));
    fhir_ehr_text_free(text);
    MEASURE("fhir_ehr_core_scopes and free", {
        OK(fhir_ehr_core_scopes(core, TEXT("sim"), FHIR_EHR_SCOPES_LAUNCH, &text, &error));
        fhir_ehr_text_free(text);
    });
    MEASURE("an error with its object, and free", {
        fhir_ehr_error *error = NULL;
        if (fhir_ehr_core_scopes(core, TEXT("sim"), 99, &text, &error) == 0) return 1;
        fhir_ehr_error_free(error);
    });
    MEASURE("fhir_ehr_client_new and free", {
        OK(fhir_ehr_client_new(core, &other, &error));
        fhir_ehr_client_free(other);
    });
    OK(fhir_ehr_client_new(core, &other, &error));
    OK(fhir_ehr_client_set_access(other, &access, &error));
    OK(fhir_ehr_client_set_store(other, &empty_store, &error));
    MEASURE("through a client to a hook", OK(fhir_ehr_client_purge_expired(other, &count, &error)));
    MEASURE("fhir_ehr_core_for, known, and free", {
        OK(fhir_ehr_core_for(TEXT(config), NULL, 0, 0, 0, &same, &error));
        fhir_ehr_core_free(same);
    });

    fhir_ehr_client_free(other);
    fhir_ehr_error_free(failed);
    fhir_ehr_rows_free(rows);
    fhir_ehr_client_free(client);
    fhir_ehr_core_free(core);
    free(config);
    return 0;
}
