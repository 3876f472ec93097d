/* A store of the host that returns false results: each call ends in an error, and later calls work.
   Arguments: CONFIG. */
#include "host.h"

#include <unistd.h>

#define HUGE_LENGTH ((size_t)80 << 20)

enum fault {
    NONE,
    OTHER_KIND,
    UNKNOWN_KIND,
    OTHER_KEY,
    OTHER_ORGANIZATION,
    NO_TEXT,
    LONGER_THAN_MEMORY,
    LONG_TEXT,
    VERSION_ZERO,
    VERSION_NEGATIVE,
    VERSION_GREATEST,
    HUGE,
    TWICE, /* of a record that get gives */
    SCAN_VERSION,
    SCAN_KIND,
    SCAN_PROJECT,
    SCAN_TWICE,
    SCAN_TOO_MANY,
    SCAN_EARLIER, /* of those that scan gives */
    CONFLICTS,    /* write, always */
    FENCE_ZERO,
    FENCE_NEGATIVE,
    FENCE_GREATEST,
    FENCE_NONE,
    NO_LEASE,
    PURGED_NEGATIVE,
};

struct odd {
    struct memory memory;
    enum fault fault;
    uint8_t *huge;
};

/* Returns the record with one false column. */
static int32_t return_false_record(struct odd *odd, fhir_ehr_sink *sink, const struct kept *kept, enum fault fault)
{
    struct kept other = *kept;
    fhir_ehr_stored_record record = {0};

    switch (fault) {
    case OTHER_KIND:
    case SCAN_KIND:
        strcpy(other.kind, "user_link");
        break;
    case UNKNOWN_KIND:
        strcpy(other.kind, "no kind");
        break;
    case OTHER_KEY:
        strcpy(other.key, "another");
        break;
    case OTHER_ORGANIZATION:
        strcpy(other.organization, "another");
        break;
    case SCAN_PROJECT:
        strcpy(other.project, "another");
        break;
    case SCAN_EARLIER:
        strcpy(other.key, "!");
        break;
    case VERSION_ZERO:
        other.version = 0;
        break;
    case VERSION_NEGATIVE:
    case SCAN_VERSION:
        other.version = -1;
        break;
    case VERSION_GREATEST:
        other.version = INT64_MAX;
        break;
    case HUGE:
        other.sealed = odd->huge;
        other.sealed_length = HUGE_LENGTH;
        break;
    case TWICE:
        (void)give(sink, kept);
        break;
    case NO_TEXT:
    case LONGER_THAN_MEMORY:
    case LONG_TEXT:
        record.struct_size = sizeof record;
        record.kind = kept->kind;
        record.kind_length = strlen(kept->kind);
        record.version = 1;
        record.key = fault == NO_TEXT ? NULL : (const char *)odd->huge;
        record.key_length = fault == NO_TEXT ? 3 : fault == LONG_TEXT ? HUGE_LENGTH : SIZE_MAX;
        (void)fhir_ehr_sink_stored_record(sink, &record);
        return FHIR_EHR_HOOK_DONE; /* it does not look at what the sink says */
    default:
        break;
    }
    (void)give(sink, &other);
    return FHIR_EHR_HOOK_DONE;
}

static int32_t odd_get(void *user_data, const char *kind, size_t kind_length, const char *key, size_t key_length,
                       fhir_ehr_sink *sink)
{
    struct odd *odd = user_data;
    struct kept *kept = find(&odd->memory, kind, key);
    if (odd->fault < OTHER_KIND || odd->fault > TWICE || kept == NULL)
        return memory_get(&odd->memory, kind, kind_length, key, key_length, sink);
    return return_false_record(odd, sink, kept, odd->fault);
}

static int32_t odd_write(void *user_data, const fhir_ehr_stored_record *const *parts, size_t count)
{
    struct odd *odd = user_data;
    return odd->fault == CONFLICTS ? FHIR_EHR_HOOK_NO : memory_write(&odd->memory, parts, count);
}

static int32_t odd_scan(void *user_data, const fhir_ehr_query *query, fhir_ehr_sink *sink)
{
    struct odd *odd = user_data;
    size_t i, times;
    if (odd->fault < SCAN_VERSION || odd->fault > SCAN_EARLIER) return memory_scan(&odd->memory, query, sink);
    times = odd->fault == SCAN_TOO_MANY ? query->limit + 1 : odd->fault == SCAN_VERSION ? 1 : 2;
    for (i = 0; i < odd->memory.count; i++) {
        struct kept *kept = &odd->memory.records[i];
        if (kept->version == 0 || strcmp(kept->kind, query->kind) != 0) continue;
        while (times-- > 0) (void)return_false_record(odd, sink, kept, odd->fault);
        break;
    }
    return FHIR_EHR_HOOK_DONE;
}

static int32_t odd_acquire(void *user_data, const char *name, size_t name_length, const char *holder,
                           size_t holder_length, int64_t seconds, int64_t *fence)
{
    struct odd *odd = user_data;
    switch (odd->fault) {
    case FENCE_ZERO:
        *fence = 0;
        return FHIR_EHR_HOOK_DONE;
    case FENCE_NEGATIVE:
        *fence = INT64_MIN;
        return FHIR_EHR_HOOK_DONE;
    case FENCE_GREATEST:
        *fence = INT64_MAX;
        return FHIR_EHR_HOOK_DONE;
    case FENCE_NONE:
        return FHIR_EHR_HOOK_DONE;
    case NO_LEASE:
        return FHIR_EHR_HOOK_NO;
    default:
        return memory_acquire(&odd->memory, name, name_length, holder, holder_length, seconds, fence);
    }
}

static int32_t odd_release(void *user_data, const char *name, size_t name_length, const char *holder,
                           size_t holder_length, int64_t fence)
{
    struct odd *odd = user_data;
    return memory_release(&odd->memory, name, name_length, holder, holder_length, fence);
}

static int32_t odd_purge(void *user_data, uint64_t *count)
{
    struct odd *odd = user_data;
    *count = odd->fault == PURGED_NEGATIVE ? (uint64_t)-7 : 0;
    return FHIR_EHR_HOOK_DONE;
}

static fhir_ehr_store table_of(struct odd *odd)
{
    fhir_ehr_store table = {0};
    table.struct_size = sizeof table;
    table.user_data = odd;
    table.get = odd_get;
    table.write = odd_write;
    table.scan = odd_scan;
    table.acquire_lease = odd_acquire;
    table.release_lease = odd_release;
    table.purge_expired = odd_purge;
    return table;
}

static const char *const REQUEST =
    "{\"system\":true,\"source\":\"sim\",\"project\":{\"id\":\"p\",\"environment\":\"sandbox\",\"system_account\":true}"
    ","
    "\"record\":\"1\",\"mrn\":\"M-1\",\"mapping\":\"external_source_field_name,is_record_identifier,"
    "field_name,temporal_field,preselect,event_name\\n29463-7,,w,,,\\n\"}";

/* One call with a new client, which has no state of the previous call. */
static fhir_ehr_status call(fhir_ehr_core *core, struct odd *odd, const char *which)
{
    fhir_ehr_store store = table_of(odd);
    fhir_ehr_access access = allow_all();
    fhir_ehr_client *client = NULL;
    fhir_ehr_rows *rows = NULL;
    fhir_ehr_error *error = NULL;
    fhir_ehr_status status;
    uint64_t count = 0;

    CHECK(fhir_ehr_client_new(core, &client, NULL) == 0);
    CHECK(fhir_ehr_client_set_access(client, &access, NULL) == 0);
    CHECK(fhir_ehr_client_set_store(client, &store, NULL) == 0);
    if (strcmp(which, "pull") == 0)
        status = fhir_ehr_client_pull(client, TEXT(REQUEST), &rows, &error);
    else if (strcmp(which, "staged") == 0)
        status = fhir_ehr_client_staged(client, TEXT("u"), TEXT("p"), TEXT("1"), &rows, &error);
    else
        status = fhir_ehr_client_purge_expired(client, &count, &error);
    CHECK((status == 0) == (error == NULL));
    fhir_ehr_rows_free(rows);
    fhir_ehr_error_free(error);
    fhir_ehr_client_free(client);
    return status;
}

int main(int argc, char **argv)
{
    static const struct {
        enum fault fault;
        const char *call;
        fhir_ehr_status status;
    } cases[] = {
        {OTHER_KIND, "staged", FHIR_EHR_E_STORE_INCONSISTENT},
        {UNKNOWN_KIND, "staged", FHIR_EHR_E_STORE_INCONSISTENT},
        {OTHER_KEY, "staged", FHIR_EHR_E_STORE_INCONSISTENT},
        {OTHER_ORGANIZATION, "staged", FHIR_EHR_E_STORE_INCONSISTENT},
        {NO_TEXT, "staged", FHIR_EHR_E_STORE_INCONSISTENT},
        {LONGER_THAN_MEMORY, "staged", FHIR_EHR_E_STORE_INCONSISTENT},
        {LONG_TEXT, "staged", FHIR_EHR_E_STORE_INCONSISTENT},
        {VERSION_ZERO, "staged", FHIR_EHR_E_STORE_INCONSISTENT},
        {VERSION_NEGATIVE, "staged", FHIR_EHR_E_STORE_INCONSISTENT},
        {VERSION_GREATEST, "staged", FHIR_EHR_E_STORE_INCONSISTENT},
        {HUGE, "staged", FHIR_EHR_E_STORE_INCONSISTENT},
        {TWICE, "staged", FHIR_EHR_E_STORE_INCONSISTENT},
        {SCAN_VERSION, "staged", FHIR_EHR_E_STORE_INCONSISTENT},
        {SCAN_KIND, "staged", FHIR_EHR_E_STORE_INCONSISTENT},
        {SCAN_PROJECT, "staged", FHIR_EHR_E_STORE_INCONSISTENT},
        {SCAN_TWICE, "staged", FHIR_EHR_E_STORE_INCONSISTENT},
        {SCAN_TOO_MANY, "staged", FHIR_EHR_E_STORE_INCONSISTENT},
        {SCAN_EARLIER, "staged", FHIR_EHR_E_STORE_INCONSISTENT},
        {SCAN_PROJECT, "pull", FHIR_EHR_E_STORE_INCONSISTENT},
        {PURGED_NEGATIVE, "purge", FHIR_EHR_E_STORE_INCONSISTENT},
    };
    /* Without a grant: the pull takes a lease and writes. */
    static const struct {
        enum fault fault;
        fhir_ehr_status status;
    } without_grant[] = {
        {FENCE_ZERO, FHIR_EHR_E_STORE_INCONSISTENT},
        {FENCE_NEGATIVE, FHIR_EHR_E_STORE_INCONSISTENT},
        {FENCE_GREATEST, FHIR_EHR_E_STORE_INCONSISTENT},
        {FENCE_NONE, FHIR_EHR_E_STORE_INCONSISTENT},
        {NO_LEASE, FHIR_EHR_E_REFRESH_BUSY},
        {CONFLICTS, FHIR_EHR_E_STORE_INCONSISTENT},
    };
    struct odd *odd = calloc(1, sizeof *odd), *empty;
    fhir_ehr_core *core = NULL;
    size_t i;

    CHECK(argc == 2 && odd != NULL);
    alarm(300); /* a call that does not end is killed */
    odd->huge = calloc(HUGE_LENGTH, 1);
    CHECK(odd->huge != NULL);
    memset(odd->huge, 'x', HUGE_LENGTH);
    OK(fhir_ehr_core_from_file(TEXT(argv[1]), &core, &error));
    CHECK(call(core, odd, "pull") == 0);
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fhir_ehr_status status;
        odd->fault = cases[i].fault;
        status = call(core, odd, cases[i].call);
        if (status != cases[i].status) printf("case %zu, %s: %d\n", i, cases[i].call, (int)status);
        CHECK(status == cases[i].status);
        odd->fault = NONE;
        CHECK(call(core, odd, cases[i].call) == 0);
    }
    for (i = 0; i < sizeof without_grant / sizeof without_grant[0]; i++) {
        fhir_ehr_status status;
        empty = calloc(1, sizeof *empty);
        CHECK(empty != NULL);
        empty->fault = without_grant[i].fault;
        status = call(core, empty, "pull");
        if (status != without_grant[i].status) printf("case %zu without a grant: %d\n", i, (int)status);
        CHECK(status == without_grant[i].status);
        empty->fault = NONE;
        CHECK(call(core, empty, "pull") == 0);
        memory_free(&empty->memory); /* the first member */
    }
    fhir_ehr_core_free(core);
    CHECK(fhir_ehr_test_outstanding() == 0);
    free(odd->huge);
    memory_free(&odd->memory);
    return 0;
}
