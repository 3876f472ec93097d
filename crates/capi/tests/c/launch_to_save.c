/* From a launch to saved values with all hooks: launch, login, mapping, pull, review, saving. Arguments: CONFIG, the launch
   query, MRN. Prints the URL for the browser. Input: the query of the callback. */
#include "host.h"

#include <pthread.h>

#define SESSION "browser-session-1"
#define REDIRECT "https://app.example/ehr.php"
#define HANDOFF_URL "https://study.example/start"

static const char *MAPPING =
    "external_source_field_name,is_record_identifier,field_name,temporal_field,preselect,event_name\n"
    "birthDate,,dob,,,\n29463-7,,weight,,MAX,\n";

struct host {
    fhir_ehr_client *client;
    int asked, refuse, events, keys;
    int reenter, free_inside;
    char log[65536];
};

static int32_t allows(void *user_data, const char *user, size_t user_length, const char *project, size_t project_length,
                      uint32_t action)
{
    struct host *host = user_data;
    CHECK(strlen(user) == user_length && strlen(project) == project_length);
    CHECK(action >= FHIR_EHR_ACTION_LAUNCH && action <= FHIR_EHR_ACTION_CONFIGURE);
    host->asked++;
    CHECK(fhir_ehr_test_depth() > 0);
    if (host->reenter) {
        size_t count = 77;
        FAILS(FHIR_EHR_E_BUSY, fhir_ehr_client_purge_expired(host->client, &count, &error));
        CHECK(count == 77);
        FAILS(FHIR_EHR_E_BUSY, fhir_ehr_client_set_log(host->client, NULL, &error));
        host->reenter = 0;
    }
    if (host->free_inside) {
        fhir_ehr_client_free(host->client);
        fhir_ehr_client_free(NULL);
        host->free_inside = 0;
    }
    return host->refuse;
}

static int32_t key(void *user_data, const char *name, size_t name_length, fhir_ehr_sink *sink)
{
    struct host *host = user_data;
    const char *text = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA=";
    CHECK(strlen(name) == name_length && strcmp(name, "vault") == 0);
    host->keys++;
    /* In two parts, as from a socket. */
    CHECK(fhir_ehr_sink_write(sink, (const uint8_t *)text, 10) == 0);
    return fhir_ehr_sink_write(sink, (const uint8_t *)text + 10, strlen(text) - 10);
}

static int32_t event(void *user_data, uint32_t level, const char *name, size_t name_length, const char *fields,
                     size_t fields_length)
{
    struct host *host = user_data;
    CHECK(level >= FHIR_EHR_LEVEL_INFO && level <= FHIR_EHR_LEVEL_ERROR);
    CHECK(strlen(name) == name_length && strlen(fields) == fields_length && fields[0] == '{');
    host->events++;
    CHECK(strlen(host->log) + name_length + fields_length + 3 < sizeof host->log);
    strcat(strcat(strcat(strcat(host->log, name), " "), fields), "\n");
    return 99; /* ignored */
}

static fhir_ehr_client *client_of(fhir_ehr_core *core, struct host *host, struct memory *memory)
{
    fhir_ehr_client *client = NULL;
    fhir_ehr_store store = memory_store(memory);
    fhir_ehr_access access = {0};
    fhir_ehr_secret_provider keys = {0};
    fhir_ehr_log log = {0};
    access.struct_size = sizeof access;
    keys.struct_size = sizeof keys;
    log.struct_size = sizeof log;
    access.user_data = keys.user_data = log.user_data = host;
    access.allows = allows;
    keys.secret = key;
    log.event = event;
    OK(fhir_ehr_client_new(core, &client, &error));
    OK(fhir_ehr_client_set_store(client, &store, &error));
    OK(fhir_ehr_client_set_access(client, &access, &error));
    OK(fhir_ehr_client_set_secret_provider(client, &keys, &error));
    OK(fhir_ehr_client_set_log(client, &log, &error));
    host->client = client;
    return client;
}

static void *purge(void *client)
{
    size_t count = 0;
    OK(fhir_ehr_client_purge_expired(client, &count, &error));
    return NULL;
}

/* How many decided rows of the record are in this state; *key is the last one's FHIR_EHR_ROW_DECISION. */
static size_t decided_in(fhir_ehr_client *client, const char *state, char *key, size_t size)
{
    fhir_ehr_rows *rows = NULL;
    const char *data;
    size_t i, length, found = 0;
    OK(fhir_ehr_client_decided(client, TEXT("alice"), TEXT("p"), TEXT("1"), &rows, &error));
    CHECK(strcmp(fhir_ehr_rows_report(rows), "{}") == 0);
    for (i = 0; i < fhir_ehr_rows_count(rows); i++) {
        OK(fhir_ehr_rows_get(rows, i, FHIR_EHR_ROW_EHR_STATE, &data, &length, &error));
        CHECK(strcmp(data, "current") == 0 && length == 7);
        OK(fhir_ehr_rows_get(rows, i, FHIR_EHR_ROW_VALUE, &data, &length, &error));
        CHECK(length == 0); /* erased */
        OK(fhir_ehr_rows_get(rows, i, FHIR_EHR_ROW_STATE, &data, &length, &error));
        if (strcmp(data, state) != 0) continue;
        found++;
        OK(fhir_ehr_rows_get(rows, i, FHIR_EHR_ROW_DECISION, &data, &length, &error));
        CHECK(length < size);
        memcpy(key, data, length + 1);
    }
    fhir_ehr_rows_free(rows);
    return found;
}

/* Removes the saved value from the record, after one removal was canceled, and clears the rows that wait. */
static void take_back(struct host *host, fhir_ehr_client *client)
{
    char key[128], keys[160], *document, *save_id;
    fhir_ehr_rows *rows = NULL;
    fhir_ehr_text *text = NULL;
    const char *data;
    size_t count = 0, length, waiting, i;

    CHECK(decided_in(client, "saved", key, sizeof key) == 1);
    snprintf(keys, sizeof keys, "[\"%s\"]", key);
    OK(fhir_ehr_client_remove_saved(client, TEXT("alice"), TEXT("p"), TEXT("1"), TEXT(keys), &count, &error));
    CHECK(count == 1 && decided_in(client, "saved", key, sizeof key) == 0);
    FAILS(FHIR_EHR_E_ROW_NOT_FOUND,
          fhir_ehr_client_remove_saved(client, TEXT("alice"), TEXT("p"), TEXT("1"), TEXT(keys), &count, &error));
    OK(fhir_ehr_client_staged(client, TEXT("alice"), TEXT("p"), TEXT("1"), &rows, &error));
    waiting = fhir_ehr_rows_count(rows) - 1;
    for (i = 0, count = 0; i < waiting + 1; i++) {
        OK(fhir_ehr_rows_get(rows, i, FHIR_EHR_ROW_REMOVING, &data, &length, &error));
        count += strcmp(data, "true") == 0;
    }
    CHECK(count == 1 && waiting > 0);
    fhir_ehr_rows_free(rows);
    OK(fhir_ehr_client_reopen(client, TEXT("alice"), TEXT("p"), TEXT("1"), TEXT(keys), &count, &error));
    CHECK(count == 1 && decided_in(client, "saved", key, sizeof key) == 1);
    OK(fhir_ehr_client_remove_saved(client, TEXT("alice"), TEXT("p"), TEXT("1"), TEXT(keys), &count, &error));
    OK(fhir_ehr_client_values_to_save(client, TEXT("alice"), TEXT("p"), TEXT("1"), &text, &error));
    document = copy_of(text);
    CHECK(strstr(document, "\"study_field\":\"weight\",\"value\":\"\"") != NULL);
    save_id = member_of(document, "save_id");
    free(document);
    OK(fhir_ehr_client_confirm_saved(client, TEXT("p"), TEXT("1"), TEXT(save_id), &count, &error));
    free(save_id);
    CHECK(decided_in(client, "saved", key, sizeof key) == 0);
    CHECK(decided_in(client, "rejected", key, sizeof key) == 1);

    count = 4711;
    host->refuse = FHIR_EHR_HOOK_NO;
    FAILS(FHIR_EHR_E_ACCESS_REFUSED,
          fhir_ehr_client_clear_pending(client, TEXT("bob"), TEXT("p"), TEXT("1"), &count, &error));
    FAILS(FHIR_EHR_E_ACCESS_REFUSED, fhir_ehr_client_decided(client, TEXT("bob"), TEXT("p"), TEXT("1"), &rows, &error));
    FAILS(FHIR_EHR_E_ACCESS_REFUSED,
          fhir_ehr_client_remove_saved(client, TEXT("bob"), TEXT("p"), TEXT("1"), TEXT(keys), &count, &error));
    host->refuse = 0;
    CHECK(count == 4711);
    OK(fhir_ehr_client_clear_pending(client, TEXT("alice"), TEXT("p"), TEXT("1"), &count, &error));
    CHECK(count == waiting);
    OK(fhir_ehr_client_clear_pending(client, TEXT("alice"), TEXT("p"), TEXT("1"), &count, &error));
    CHECK(count == 0);
}

/* Hands the launch off to another application, then ends its view. `document` is the sign-in. */
static void hand_off_and_leave(fhir_ehr_client *client, const char *document)
{
    fhir_ehr_text *text = NULL;
    char *launch_id = member_of(document, "launch_id"), *url, *handle, *redeemed;
    FAILS(FHIR_EHR_E_HANDOFF_URL_NOT_ALLOWED,
          fhir_ehr_client_create_handoff(client, TEXT("alice"), TEXT(launch_id), TEXT("https://evil.example/"), &text,
                                         &error));
    OK(fhir_ehr_client_create_handoff(client, TEXT("alice"), TEXT(launch_id), TEXT(HANDOFF_URL), &text, &error));
    url = copy_of(text);
    CHECK(strncmp(url, HANDOFF_URL "?handoff=", strlen(HANDOFF_URL "?handoff=")) == 0);
    handle = url + strlen(HANDOFF_URL "?handoff=");
    FAILS(FHIR_EHR_E_HANDOFF_FOREIGN, fhir_ehr_client_redeem_handoff(client, TEXT(handle), TEXT("x"), &text, &error));
    OK(fhir_ehr_client_redeem_handoff(client, TEXT(handle), TEXT("secret-of-study"), &text, &error));
    redeemed = copy_of(text);
    CHECK(strcmp(redeemed, document) == 0);
    FAILS(FHIR_EHR_E_HANDOFF_UNKNOWN,
          fhir_ehr_client_redeem_handoff(client, TEXT(handle), TEXT("secret-of-study"), &text, &error));
    free(redeemed);
    free(url);
    OK(fhir_ehr_client_launch_view(client, TEXT("alice"), TEXT(launch_id), &text, &error));
    CHECK(strstr(fhir_ehr_text_data(text), "\"open\":true") != NULL);
    fhir_ehr_text_free(text);
    OK(fhir_ehr_client_end_launch_view(client, TEXT("alice"), TEXT(launch_id), &error));
    OK(fhir_ehr_client_launch_view(client, TEXT("alice"), TEXT(launch_id), &text, &error));
    CHECK(strstr(fhir_ehr_text_data(text), "\"ended_by\":\"left\"") != NULL);
    fhir_ehr_text_free(text);
    FAILS(FHIR_EHR_E_VIEW_ENDED,
          fhir_ehr_client_create_handoff(client, TEXT("alice"), TEXT(launch_id), TEXT(HANDOFF_URL), &text, &error));
    OK(fhir_ehr_client_launches(client, TEXT("admin"), &text, &error));
    CHECK(strstr(fhir_ehr_text_data(text), "\"outcome\":\"signed_in\"") != NULL);
    CHECK(strstr(fhir_ehr_text_data(text), "p1") == NULL && strstr(fhir_ehr_text_data(text), "alice") == NULL);
    fhir_ehr_text_free(text);
    free(launch_id);
}

int main(int argc, char **argv)
{
    struct host *host = calloc(1, sizeof *host);
    struct memory *memory = calloc(1, sizeof *memory);
    fhir_ehr_core *core = NULL;
    fhir_ehr_client *client, *other;
    fhir_ehr_text *text = NULL, *header = NULL;
    fhir_ehr_rows *rows = NULL;
    pthread_t threads[4];
    char *document, *url, *handover, *user, *save_id, *key_of_row = NULL;
    char query[4096], request[2048];
    const char *data;
    size_t length, i, count = 0, staged;
    int32_t may = 4711;
    int asked;

    CHECK(argc == 4 && host != NULL && memory != NULL);
    CHECK(fhir_ehr_abi_level() >= FHIR_EHR_ABI_LEVEL && strlen(fhir_ehr_version()) >= 5);
    OK(fhir_ehr_core_from_file(TEXT(argv[1]), &core, &error));
    client = client_of(core, host, memory);

    /* The EHR launches the application, which redirects the browser. */
    OK(fhir_ehr_client_handle_launch(client, TEXT(argv[2]), TEXT(SESSION), TEXT(REDIRECT), &text, &error));
    document = copy_of(text);
    CHECK(strstr(document, "\"kind\":\"redirect\"") != NULL);
    url = member_of(document, "url");
    CHECK(host->keys == 1 && memory->count == 2);
    FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_set_log(client, NULL, &error));
    printf("%s\n", url);
    fflush(stdout);
    CHECK(fgets(query, sizeof query, stdin) != NULL);
    query[strcspn(query, "\n")] = '\0';
    free(document);
    free(url);

    /* The callback, first in another session, in which the state is refused. */
    FAILS(FHIR_EHR_E_STATE_FOREIGN,
          fhir_ehr_client_handle_launch(client, TEXT(query), TEXT("another"), TEXT(REDIRECT), &text, &error));
    for (i = 0; i < memory->count; i++) free(memory->records[i].sealed);
    memset(memory, 0, sizeof *memory);
    FAILS(FHIR_EHR_E_STATE_UNKNOWN,
          fhir_ehr_client_handle_launch(client, TEXT(query), TEXT(SESSION), TEXT(REDIRECT), &text, &error));
    OK(fhir_ehr_client_handle_launch(client, TEXT(argv[2]), TEXT(SESSION), TEXT(REDIRECT), &text, &error));
    document = copy_of(text);
    url = member_of(document, "url");
    printf("%s\n", url);
    fflush(stdout);
    CHECK(fgets(query, sizeof query, stdin) != NULL);
    query[strcspn(query, "\n")] = '\0';
    free(document);
    free(url);
    OK(fhir_ehr_client_handle_launch(client, TEXT(query), TEXT(SESSION), TEXT(REDIRECT), &text, &error));
    document = copy_of(text);
    CHECK(strstr(document, "\"kind\":\"login_required\"") != NULL);
    handover = member_of(document, "handover");
    free(document);
    OK(fhir_ehr_client_finish_login(client, TEXT(handover), TEXT(SESSION), TEXT("alice"), &text, &error));
    document = copy_of(text);
    user = member_of(document, "user");
    CHECK(strcmp(user, "alice") == 0 && strstr(document, "\"patient\":\"p1\"") != NULL);
    free(user);
    hand_off_and_leave(client, document);
    free(document);
    FAILS(FHIR_EHR_E_HANDOVER_UNKNOWN,
          fhir_ehr_client_finish_login(client, TEXT(handover), TEXT(SESSION), TEXT("alice"), &text, &error));
    free(handover);

    /* The administrator checks the source. */
    OK(fhir_ehr_client_check_source(client, TEXT("admin"), TEXT("sim"), &text, &error));
    document = copy_of(text);
    CHECK(document[0] == '[' && strstr(document, "\"name\":\"client\"") != NULL);
    CHECK(strstr(document, "\"status\":\"failed\"") == NULL);
    free(document);
    FAILS(FHIR_EHR_E_SOURCE_NOT_FOUND,
          fhir_ehr_client_check_source(client, TEXT("admin"), TEXT("none"), &text, &error));

    /* The application publishes the public keys. */
    asked = host->asked;
    OK(fhir_ehr_client_jwks(client, TEXT("main"), &text, &header, &error));
    document = copy_of(text);
    CHECK(strstr(document, "\"kid\":\"k1\"") != NULL && strstr(document, "\"d\":") == NULL);
    free(document);
    document = copy_of(header);
    CHECK(strcmp(document, "public, max-age=3600") == 0 && host->asked == asked);
    free(document);

    /* The projects that may receive data of this sandbox source; the access hook is not asked. */
    asked = host->asked;
    OK(fhir_ehr_client_source_may_serve(client, TEXT("sim"), TEXT("sandbox"), &may, &error));
    CHECK(may == 1);
    OK(fhir_ehr_client_source_may_serve(client, TEXT("sim"), TEXT("production"), &may, &error));
    CHECK(may == 0);
    OK(fhir_ehr_client_source_may_serve(client, TEXT("sim"), TEXT("test"), &may, &error));
    CHECK(may == 1 && host->asked == asked);

    /* The patient banner. */
    OK(fhir_ehr_client_patient(client,
                               TEXT("{\"user\":\"alice\",\"source\":\"sim\",\"patient_id\":\"p1\","
                                    "\"fields\":[\"name-family\",\"birthDate\"]}"),
                               &text, &error));
    document = copy_of(text);
    CHECK(strstr(document, argv[3]) != NULL && strstr(document, "\"name-family\":\"F-p1\"") != NULL);
    free(document);
    host->refuse = FHIR_EHR_HOOK_NO;
    FAILS(FHIR_EHR_E_ACCESS_REFUSED,
          fhir_ehr_client_patient(client, TEXT("{\"user\":\"alice\",\"source\":\"sim\",\"patient_id\":\"p1\"}"), &text,
                                  &error));
    host->refuse = 0;

    /* The mapping, and the pull. */
    OK(fhir_ehr_client_check_mapping(client, TEXT("alice"), TEXT("p"), TEXT(MAPPING), &text, &error));
    document = copy_of(text);
    CHECK(strstr(document, "\"study_field\":\"weight\"") != NULL);
    free(document);
    snprintf(request, sizeof request,
             "{\"user\":\"alice\",\"source\":\"sim\",\"project\":{\"id\":\"p\",\"environment\":"
             "\"sandbox\"},\"record\":\"1\",\"mrn\":\"%s\",\"launch_patient\":\"p1\",\"explain\":true,\"mapping\":"
             "\"external_source_field_name,is_record_identifier,field_name,temporal_field,preselect,"
             "event_name\\nbirthDate,,dob,,,\\n29463-7,,weight,,MAX,\\n\"}",
             argv[3]);
    host->reenter = 1;
    OK(fhir_ehr_client_pull(client, TEXT(request), &rows, &error));
    CHECK(host->reenter == 0);
    count = fhir_ehr_rows_count(rows);
    CHECK(count >= 3);
    CHECK(strstr(fhir_ehr_rows_report(rows), "\"complete\":true") != NULL);
    CHECK(strstr(fhir_ehr_rows_report(rows), "\"patient_id\":\"p1\"") != NULL);
    /* A weight without a value: `explain` names it. */
    CHECK(strstr(fhir_ehr_rows_report(rows), "\"received\":3") != NULL);
    CHECK(strstr(fhir_ehr_rows_report(rows), "\"with_rows\":2") != NULL);
    CHECK(strstr(fhir_ehr_rows_report(rows), "\"discarded_ids\":{\"no_value\":[\"w3\"]}") != NULL);
    for (i = 0; i < count; i++) {
        uint32_t member;
        for (member = FHIR_EHR_ROW_KEY; member <= FHIR_EHR_ROW_ORIGINAL_UNIT; member++) {
            OK(fhir_ehr_rows_get(rows, i, member, &data, &length, &error));
            CHECK(data == NULL ? length == 0 : strlen(data) == length);
        }
        OK(fhir_ehr_rows_get(rows, i, FHIR_EHR_ROW_PRESELECTED, &data, &length, &error));
        if (strcmp(data, "true") == 0) {
            OK(fhir_ehr_rows_get(rows, i, FHIR_EHR_ROW_VALUE, &data, &length, &error));
            if (strcmp(data, "61.50") == 0) {
                OK(fhir_ehr_rows_get(rows, i, FHIR_EHR_ROW_DECISION, &data, &length, &error));
                key_of_row = calloc(length + 1, 1);
                memcpy(key_of_row, data, length);
            }
        }
    }
    CHECK(key_of_row != NULL);
    OK(fhir_ehr_rows_json(rows, &text, &error));
    document = copy_of(text);
    CHECK(document[0] == '[' && strstr(document, key_of_row) != NULL);
    free(document);
    fhir_ehr_rows_free(rows);

    /* Adjudication. */
    OK(fhir_ehr_client_staged(client, TEXT("alice"), TEXT("p"), TEXT("1"), &rows, &error));
    staged = fhir_ehr_rows_count(rows);
    CHECK(staged == count && strcmp(fhir_ehr_rows_report(rows), "{}") == 0);
    fhir_ehr_rows_free(rows);
    OK(fhir_ehr_client_staged(client, TEXT("alice"), TEXT("p"), NULL, 0, &rows, &error));
    CHECK(fhir_ehr_rows_count(rows) == staged);
    fhir_ehr_rows_free(rows);
    snprintf(request, sizeof request, "{\"accept\":[\"%s\"]}", key_of_row);
    host->refuse = FHIR_EHR_HOOK_NO;
    FAILS(FHIR_EHR_E_ACCESS_REFUSED,
          fhir_ehr_client_adjudicate(client, TEXT("bob"), TEXT("p"), TEXT("1"), TEXT(request), &count, &error));
    host->refuse = 2;
    FAILS(FHIR_EHR_E_ACCESS_REFUSED,
          fhir_ehr_client_adjudicate(client, TEXT("bob"), TEXT("p"), TEXT("1"), TEXT(request), &count, &error));
    host->refuse = 0;
    memory->fail = 5;
    FAILS(FHIR_EHR_E_STORE_UNAVAILABLE,
          fhir_ehr_client_adjudicate(client, TEXT("alice"), TEXT("p"), TEXT("1"), TEXT(request), &count, &error));
    memory->fail = 0;
    OK(fhir_ehr_client_adjudicate(client, TEXT("alice"), TEXT("p"), TEXT("1"), TEXT(request), &count, &error));
    CHECK(count == 1);
    snprintf(request, sizeof request, "[\"%.*s\"]", (int)strcspn(key_of_row, "~"), key_of_row);
    OK(fhir_ehr_client_reopen(client, TEXT("alice"), TEXT("p"), TEXT("1"), TEXT(request), &count, &error));
    CHECK(count == 1);
    FAILS(FHIR_EHR_E_ROW_NOT_FOUND,
          fhir_ehr_client_reopen(client, TEXT("alice"), TEXT("p"), TEXT("1"), TEXT(request), &count, &error));
    snprintf(request, sizeof request, "{\"accept\":[\"%s\"]}", key_of_row);
    OK(fhir_ehr_client_adjudicate(client, TEXT("alice"), TEXT("p"), TEXT("1"), TEXT(request), &count, &error));
    FAILS(FHIR_EHR_E_ROW_NOT_FOUND,
          fhir_ehr_client_adjudicate(client, TEXT("alice"), TEXT("p"), TEXT("1"), TEXT(request), &count, &error));

    /* Saving: it fails once, then succeeds. */
    for (i = 0; i < 2; i++) {
        OK(fhir_ehr_client_values_to_save(client, TEXT("alice"), TEXT("p"), TEXT("1"), &text, &error));
        document = copy_of(text);
        CHECK(strstr(document, "\"value\":\"61.50\"") != NULL);
        save_id = member_of(document, "save_id");
        free(document);
        if (i == 0) {
            OK(fhir_ehr_client_return_unsaved(client, TEXT("p"), TEXT("1"), TEXT(save_id), &count, &error));
        } else {
            OK(fhir_ehr_client_confirm_saved(client, TEXT("p"), TEXT("1"), TEXT(save_id), &count, &error));
        }
        CHECK(count == 1);
        FAILS(FHIR_EHR_E_SAVE_NOT_FOUND,
              fhir_ehr_client_confirm_saved(client, TEXT("p"), TEXT("1"), TEXT(save_id), &count, &error));
        free(save_id);
    }
    OK(fhir_ehr_client_values_to_save(client, TEXT("alice"), TEXT("p"), TEXT("1"), &text, &error));
    document = copy_of(text);
    save_id = member_of(document, "save_id");
    CHECK(save_id[0] == 0);
    OK(fhir_ehr_client_confirm_saved(client, TEXT("p"), TEXT("1"), TEXT(save_id), &count, &error));
    CHECK(count == 0);
    OK(fhir_ehr_client_return_unsaved(client, TEXT("p"), TEXT("1"), TEXT(save_id), &count, &error));
    free(save_id);
    free(document);
    free(key_of_row);
    take_back(host, client);

    /* Threads wait for each other; a client works after its core was freed; a hook frees its own client. */
    other = client;
    for (i = 0; i < 4; i++) CHECK(pthread_create(&threads[i], NULL, purge, other) == 0);
    for (i = 0; i < 4; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    fhir_ehr_core_free(core);
    OK(fhir_ehr_client_purge_expired(client, &count, &error));
    host->free_inside = 1;
    OK(fhir_ehr_client_staged(client, TEXT("alice"), TEXT("p"), NULL, 0, &rows, &error));
    CHECK(host->free_inside == 0);
    fhir_ehr_rows_free(rows);

    fputs(host->log, stdout);
    printf("hooks: %d access, %d store, %d keys, %d events\n", host->asked, memory->calls, host->keys, host->events);
    memory_free(memory);
    free(host);
    CHECK(fhir_ehr_test_outstanding() == 0 && fhir_ehr_test_depth() == 0);
    return 0;
}
