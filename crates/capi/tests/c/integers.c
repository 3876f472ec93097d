/* Passes any integer wherever a function takes one: each call returns an error or a valid result.
 * Arguments: CONFIG SEED. */
#include "host.h"

static uint64_t state;

static uint64_t any(void)
{
    static const uint64_t edges[] = {0,
                                     1,
                                     2,
                                     3,
                                     4,
                                     24,
                                     25,
                                     0x7fffffff,
                                     0x80000000,
                                     0xffffffff,
                                     0x7fffffffffffffff,
                                     0x8000000000000000,
                                     0xffffffffffffffff};
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % 3 == 0 ? edges[(state >> 8) % (sizeof edges / sizeof edges[0])] : state;
}

static int32_t any_allows(void *user_data, const char *user, size_t user_length, const char *project,
                          size_t project_length, uint32_t action)
{
    (void)user_data, (void)user, (void)user_length, (void)project, (void)project_length, (void)action;
    return any() % 4 ? 0 : (int32_t)any();
}

/* A store that returns random numbers, and records with random numbers. */
static int32_t any_get(void *user_data, const char *kind, size_t kind_length, const char *key, size_t key_length,
                       fhir_ehr_sink *sink)
{
    fhir_ehr_stored_record record = {0};
    (void)user_data;
    record.struct_size = any() % 4 == 0 ? (size_t)(any() % sizeof record) : sizeof record;
    record.operation = (uint32_t)any();
    record.reserved = (uint32_t)any();
    record.kind = kind;
    record.kind_length = kind_length;
    record.key = key;
    record.key_length = key_length;
    record.version = (int64_t)any();
    record.expires_in = (int64_t)any();
    record.sealed = (const uint8_t *)key;
    record.sealed_length = key_length;
    if (any() % 2) (void)fhir_ehr_sink_stored_record(sink, &record);
    if (any() % 4 == 0) (void)fhir_ehr_sink_write(sink, (const uint8_t *)key, key_length);
    return any() % 2 ? 0 : (int32_t)any();
}

static int32_t any_write(void *user_data, const fhir_ehr_stored_record *const *parts, size_t count)
{
    (void)user_data, (void)parts, (void)count;
    return any() % 2 ? 0 : (int32_t)any();
}

static int32_t any_scan(void *user_data, const fhir_ehr_query *query, fhir_ehr_sink *sink)
{
    return any_get(user_data, query->kind, query->kind_length, "k", 1, sink);
}

static int32_t any_acquire(void *user_data, const char *name, size_t name_length, const char *holder,
                           size_t holder_length, int64_t seconds, int64_t *fence)
{
    (void)user_data, (void)name, (void)name_length, (void)holder, (void)holder_length, (void)seconds;
    *fence = (int64_t)any();
    return (int32_t)any();
}

static int32_t any_release(void *user_data, const char *name, size_t name_length, const char *holder,
                           size_t holder_length, int64_t fence)
{
    (void)user_data, (void)name, (void)name_length, (void)holder, (void)holder_length, (void)fence;
    return (int32_t)any();
}

static int32_t any_purge(void *user_data, uint64_t *count)
{
    (void)user_data;
    *count = any();
    return (int32_t)any();
}

int main(int argc, char **argv)
{
    fhir_ehr_core *core = NULL;
    fhir_ehr_rows *rows = NULL;
    int round, good = 0, bad = 0;
    CHECK(argc == 3);
    state = strtoull(argv[2], NULL, 10) | 1;
    OK(fhir_ehr_core_from_file(TEXT(argv[1]), &core, &error));
    for (round = 0; round < 20000; round++) {
        fhir_ehr_text *text = NULL;
        const char *data = "untouched";
        size_t length = 4711;
        uint32_t which = (uint32_t)any();
        fhir_ehr_status status = fhir_ehr_core_scopes(core, TEXT("sim"), which, &text, NULL);
        CHECK(status == (which >= 1 && which <= 3 ? 0 : FHIR_EHR_E_REQUEST_INVALID));
        CHECK((status == 0) == (text != NULL));
        fhir_ehr_text_free(text);
        CHECK(fhir_ehr_rows_get(rows, (size_t)any(), (uint32_t)any(), &data, &length, NULL) ==
              FHIR_EHR_E_REQUEST_INVALID);
        CHECK(length == 4711);
        /* NULL with a length, and lengths longer than memory. */
        CHECK(fhir_ehr_core_scopes(core, NULL, (size_t)any() | 1, 1, &text, NULL) == FHIR_EHR_E_REQUEST_INVALID);
        CHECK(fhir_ehr_core_scopes(core, "sim", (size_t)INT64_MAX + 1 + (size_t)(any() % 99), 1, &text, NULL) ==
              FHIR_EHR_E_REQUEST_INVALID);
    }
    for (round = 0; round < 2000; round++) {
        fhir_ehr_client *client = NULL;
        /* The library may read as many bytes as struct_size says. */
        struct {
            fhir_ehr_store table;
            uint64_t surplus[1024];
        } store;
        fhir_ehr_access access = {0};
        fhir_ehr_text *text = NULL;
        fhir_ehr_status status;
        uint64_t size = any() % 3 ? sizeof store.table : any();
        size_t count = 0;
        memset(&store, 0, sizeof store);
        if (any() % 2) store.surplus[any() % 16] = any();
        if (size > sizeof store && size <= 4096) size = sizeof store;
        store.table.struct_size = (size_t)size;
        store.table.get = any_get;
        store.table.write = any_write;
        store.table.scan = any_scan;
        store.table.acquire_lease = any_acquire;
        store.table.release_lease = any_release;
        store.table.purge_expired = any_purge;
        access.struct_size = sizeof access;
        access.allows = any_allows;
        OK(fhir_ehr_client_new(core, &client, &error));
        OK(fhir_ehr_client_set_access(client, &access, &error));
        status = fhir_ehr_client_set_store(client, &store.table, NULL);
        CHECK(status == 0 || status == FHIR_EHR_E_REQUEST_INVALID);
        if (size == sizeof store.table) CHECK(status == 0);
        if (size < 56) CHECK(status != 0);
        if (status == 0) {
            status = fhir_ehr_client_sign_in(client, TEXT("sim"), TEXT("u"), TEXT("s"),
                                             TEXT("https://app.example/ehr.php"), &text, NULL);
            status == 0 ? good++ : bad++;
            fhir_ehr_text_free(text);
            text = NULL;
            (void)fhir_ehr_client_purge_expired(client, &count, NULL);
            (void)fhir_ehr_client_handle_launch(client, TEXT("state=abc&code=x"), TEXT("s"),
                                                TEXT("https://app.example/ehr.php"), &text, NULL);
            CHECK(text == NULL);
            (void)fhir_ehr_client_staged(client, TEXT("u"), TEXT("p"), NULL, 0, &rows, NULL);
            fhir_ehr_rows_free(rows);
            rows = NULL;
        }
        fhir_ehr_client_free(client);
    }
    printf("good %d, refused %d\n", good, bad);
    CHECK(good > 0 && bad > 0);
    fhir_ehr_core_free(core);
    CHECK(fhir_ehr_test_outstanding() == 0 && fhir_ehr_test_depth() == 0);
    return 0;
}
