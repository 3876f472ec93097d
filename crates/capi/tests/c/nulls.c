/* NULL everywhere, text that is not UTF-8, shared cores. Argument: CONFIG, whose text is read. */
#include "host.h"

/* Calls that ask the access hook are refused, and say what to do. The others work. */
static void without_access_hook(fhir_ehr_client *client)
{
    fhir_ehr_rows *rows = NULL;
    fhir_ehr_error *error = NULL;
    size_t count = 4711;
    int32_t may = 4711;
    OK(fhir_ehr_client_purge_expired(client, &count, &error));
    CHECK(count == 0);
    OK(fhir_ehr_client_source_may_serve(client, TEXT("sim"), TEXT("test"), &may, &error));
    CHECK(may == 1);
    CHECK(fhir_ehr_client_staged(client, TEXT("u"), TEXT("p"), TEXT("1"), &rows, &error) == FHIR_EHR_E_ACCESS_REFUSED);
    CHECK(rows == NULL);
    CHECK(strstr(fhir_ehr_error_message(error), "no access hook is set") != NULL);
    CHECK(strstr(fhir_ehr_error_hint(error), "fhir_ehr_client_set_access()") != NULL);
    fhir_ehr_error_free(error);
}

int main(int argc, char **argv)
{
    char *config = content_of(argv[1]), *changed;
    fhir_ehr_core *cores[12], *core = NULL, *same = NULL;
    fhir_ehr_client *client = NULL;
    fhir_ehr_text *text = NULL, *header = NULL;
    fhir_ehr_rows *rows = NULL;
    fhir_ehr_access access = {0};
    fhir_ehr_store store = {0};
    size_t count = 4711, length, i;
    int32_t may = 4711;
    const char *data;
    CHECK(argc == 2);

    fhir_ehr_core_free(NULL);
    fhir_ehr_client_free(NULL);
    fhir_ehr_text_free(NULL);
    fhir_ehr_rows_free(NULL);
    fhir_ehr_error_free(NULL);
    CHECK(fhir_ehr_error_code(NULL) == 0 && fhir_ehr_error_message(NULL)[0] == '\0');
    CHECK(fhir_ehr_error_name(NULL)[0] == '\0' && fhir_ehr_error_json(NULL)[0] == '\0');
    CHECK(fhir_ehr_error_hint(NULL)[0] == '\0' && fhir_ehr_rows_report(NULL)[0] == '\0');
    CHECK(fhir_ehr_text_data(NULL)[0] == '\0' && fhir_ehr_text_length(NULL) == 0);
    CHECK(fhir_ehr_rows_count(NULL) == 0);

    FAILS(FHIR_EHR_E_CONFIG_INVALID, fhir_ehr_core_new(NULL, 0, NULL, 0, &core, &error));
    FAILS(FHIR_EHR_E_CONFIG_INVALID, fhir_ehr_core_new(TEXT("{}"), NULL, 0, &core, &error));
    FAILS(FHIR_EHR_E_CONFIG_INVALID, fhir_ehr_core_from_file(TEXT("/no/such/file"), &core, &error));
    FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_core_new(NULL, 5, NULL, 0, &core, &error));
    FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_core_new("\xff", 1, NULL, 0, &core, &error));
    FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_core_new(TEXT(config), NULL, 0, NULL, &error));
    FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_new(NULL, &client, &error));
    FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_purge_expired(NULL, &count, &error));
    FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_core_sources(NULL, &text, &error));
    FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_rows_json(NULL, &text, &error));
    FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_rows_get(NULL, 0, 1, &data, &length, &error));
    CHECK(fhir_ehr_sink_write(NULL, NULL, 0) == FHIR_EHR_E_REQUEST_INVALID);
    CHECK(fhir_ehr_sink_stored_record(NULL, NULL) == FHIR_EHR_E_REQUEST_INVALID);
    CHECK(core == NULL && client == NULL && text == NULL && count == 4711);

    OK(fhir_ehr_config_schema(&text, &error));
    free(copy_of(text));
    OK(fhir_ehr_error_table(&text, &error));
    changed = copy_of(text);
    CHECK(strstr(changed, "\"state_unknown\"") != NULL);
    free(changed);
    OK(fhir_ehr_field_catalog(&text, &error));
    changed = copy_of(text);
    CHECK(strstr(changed, "\"birthDate\"") != NULL && strstr(changed, "\"2160-0\"") != NULL);
    CHECK(strstr(changed, "\"demographic\":true") != NULL);
    free(changed);

    /* Equal documents return the same core; the eight most recently used are kept; each is freed by itself. */
    OK(fhir_ehr_core_for(TEXT(config), NULL, 0, 0, 0, &core, &error));
    OK(fhir_ehr_core_for(TEXT(config), NULL, 0, 0, 0, &same, &error));
    CHECK(core == same);
    fhir_ehr_core_free(same);
    OK(fhir_ehr_core_for(TEXT(config), TEXT("/tmp"), 0, 0, &same, &error));
    CHECK(core != same);
    fhir_ehr_core_free(same);
    OK(fhir_ehr_core_for(TEXT(config), NULL, 0, 60, 1024, &same, &error)); /* other caps, another core */
    CHECK(core != same);
    fhir_ehr_core_free(same);
    changed = calloc(strlen(config) + 64, 1);
    for (i = 0; i < 12; i++) {
        sprintf(changed, "%s%*s", config, (int)i + 1, "");
        OK(fhir_ehr_core_for(TEXT(changed), NULL, 0, 0, 0, &cores[i], &error));
        CHECK(i == 0 || cores[i] != cores[i - 1]);
    }
    OK(fhir_ehr_core_for(TEXT(changed), NULL, 0, 0, 0, &same, &error));
    CHECK(same == cores[11]);
    fhir_ehr_core_free(same);
    OK(fhir_ehr_core_for(TEXT(config), NULL, 0, 0, 0, &same, &error));
    CHECK(same != core); /* eleven others came after it */
    fhir_ehr_core_free(same);
    for (i = 0; i < 12; i++) fhir_ehr_core_free(cores[i]);
    OK(fhir_ehr_core_sources(core, &text, &error));
    free(changed);
    changed = copy_of(text);
    CHECK(strstr(changed, "\"id\":\"sim\"") != NULL && strstr(changed, "\"system_account\":true") != NULL);
    CHECK(strstr(changed, "\"frame_ancestors\":[]") != NULL && strstr(changed, "\"redirect_uris\":[") != NULL);
    free(changed);
    FAILS(FHIR_EHR_E_SOURCE_NOT_FOUND, fhir_ehr_core_scopes(core, TEXT("none"), 1, &text, &error));
    FAILS(FHIR_EHR_E_SOURCE_NOT_FOUND,
          fhir_ehr_core_registration_sheet(core, TEXT("none"), TEXT("https://a.example"), NULL, 0, &text, &error));
    FAILS(FHIR_EHR_E_REQUEST_INVALID,
          fhir_ehr_core_registration_sheet(core, NULL, 3, TEXT("https://a.example"), NULL, 0, &text, &error));
    FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_core_registration_sheet(core, NULL, 0, NULL, 0, NULL, 0, NULL, &error));

    FAILS(FHIR_EHR_E_MAPPING_INVALID, fhir_ehr_core_minimum_scopes(core, TEXT("sim"), TEXT("x"), &text, &error));
    FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_core_minimum_scopes(core, TEXT("sim"), NULL, 1, &text, &error));
    FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_core_minimum_scopes(NULL, NULL, 0, NULL, 0, NULL, &error));

    /* A client without a store says what is missing. */
    OK(fhir_ehr_client_new(core, &client, &error));
    FAILS(FHIR_EHR_E_CONFIG_INVALID, fhir_ehr_client_purge_expired(client, &count, &error));
    FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_set_store(client, &store, &error));
    store.struct_size = sizeof store;
    FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_set_store(client, &store, &error));
    access.struct_size = sizeof access;
    FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_set_access(client, &access, &error));
    {
        struct memory *memory = calloc(1, sizeof *memory);
        store = memory_store(memory);
        access = allow_all();
        OK(fhir_ehr_client_set_store(client, &store, &error));
        OK(fhir_ehr_client_set_access(client, &access, &error));
        OK(fhir_ehr_client_set_access(client, NULL, &error));
        without_access_hook(client);
        fhir_ehr_client_free(client);

        OK(fhir_ehr_client_new(core, &client, &error));
        fhir_ehr_core_free(core);
        OK(fhir_ehr_client_set_store(client, &store, &error));
        OK(fhir_ehr_client_set_access(client, &access, &error));
        OK(fhir_ehr_client_purge_expired(client, &count, &error));
        CHECK(count == 0);
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_set_access(client, NULL, &error)); /* too late */
        FAILS(FHIR_EHR_E_LAUNCH_EMPTY, fhir_ehr_client_handle_launch(client, NULL, 0, NULL, 0, NULL, 0, &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_handle_launch(client, TEXT("iss=x&launch=y"), NULL, 0, TEXT("r"), &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_handle_launch(client, TEXT("code=x&state=y"), TEXT(" \t"), TEXT("r"), &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_sign_in(client, TEXT("none"), TEXT("u"), TEXT(""), TEXT("r"), &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_finish_login(client, TEXT("h"), TEXT("  "), TEXT("u"), &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_launch_view(client, TEXT("u"), TEXT("l"), NULL, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_launch_view(client, TEXT("u"), NULL, 1, &text, &error));
        OK(fhir_ehr_client_launch_view(client, NULL, 0, NULL, 0, &text, &error));
        fhir_ehr_text_free(text);
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_end_launch_view(NULL, TEXT("u"), TEXT("l"), &error));
        OK(fhir_ehr_client_end_launch_view(client, NULL, 0, NULL, 0, &error));
        FAILS(FHIR_EHR_E_HANDOFF_URL_NOT_ALLOWED,
              fhir_ehr_client_create_handoff(client, NULL, 0, NULL, 0, NULL, 0, &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_create_handoff(client, TEXT("u"), TEXT("l"), TEXT("x"), NULL, &error));
        FAILS(FHIR_EHR_E_HANDOFF_UNKNOWN, fhir_ehr_client_redeem_handoff(client, NULL, 0, NULL, 0, &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_redeem_handoff(client, TEXT("h"), TEXT("s"), NULL, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_launches(client, TEXT("u"), NULL, &error));
        OK(fhir_ehr_client_launches(client, NULL, 0, &text, &error));
        CHECK(strcmp(fhir_ehr_text_data(text), "[]") == 0);
        fhir_ehr_text_free(text);
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_links(client, TEXT("u"), NULL, &error));
        OK(fhir_ehr_client_links(client, NULL, 0, &text, &error));
        CHECK(strcmp(fhir_ehr_text_data(text), "[]") == 0);
        fhir_ehr_text_free(text);
        FAILS(FHIR_EHR_E_USER_LINK_NOT_FOUND, fhir_ehr_client_unlink(client, NULL, 0, NULL, 0, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_sign_out(client, NULL, 0, NULL, 0, &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_sign_out(client, TEXT("u"), TEXT("s"), NULL, &error));
        FAILS(FHIR_EHR_E_SOURCE_NOT_FOUND, fhir_ehr_client_sign_out(client, TEXT("u"), NULL, 0, &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_sign_out_user(client, NULL, 0, NULL, 0, NULL, 0, &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_sign_out_user(client, TEXT("a"), TEXT("u"), TEXT("s"), NULL, &error));
        FAILS(FHIR_EHR_E_SOURCE_NOT_FOUND,
              fhir_ehr_client_sign_out_system_account(client, NULL, 0, NULL, 0, &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_sign_out_system_account(client, TEXT("a"), TEXT("s"), NULL, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_remove_user(client, TEXT("a"), NULL, 0, &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_remove_user(client, TEXT("a"), TEXT("u"), NULL, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_grants(client, TEXT("a"), NULL, 0, 0, &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_grants(client, TEXT("a"), NULL, 5, 10, &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_grants(client, TEXT("a"), NULL, 0, 10, NULL, &error));
        OK(fhir_ehr_client_grants(client, NULL, 0, NULL, 0, 10, &text, &error));
        fhir_ehr_text_free(text);
        FAILS(FHIR_EHR_E_SOURCE_NOT_FOUND,
              fhir_ehr_client_introspect(client, TEXT("a"), NULL, 0, NULL, 0, &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_introspect(client, TEXT("a"), TEXT("u"), TEXT("s"), NULL, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_keep_alive(client, TEXT("a"), NULL, &error));
        OK(fhir_ehr_client_keep_alive(client, NULL, 0, &text, &error));
        fhir_ehr_text_free(text);
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_pull(client, TEXT("{\"mrn\": 12345}"), &rows, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_pull(client, NULL, 0, &rows, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_pull(client, TEXT("{}"), NULL, &error));
        FAILS(FHIR_EHR_E_URL_NOT_ALLOWED, fhir_ehr_client_discover(client, NULL, 0, NULL, 0, &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_discover(client, TEXT("u"), NULL, 5, &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_discover(client, TEXT("u"), TEXT("x"), NULL, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_start_sign_in(client, TEXT("none"), TEXT("u"), TEXT(""), TEXT("r"), &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_start_sign_in(client, TEXT("n"), TEXT("u"), TEXT("s"), TEXT("r"), NULL, &error));
        FAILS(FHIR_EHR_E_SOURCE_NOT_FOUND, fhir_ehr_client_approve_endpoints(client, NULL, 0, NULL, 0, &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_approve_endpoints(client, NULL, 0, NULL, 5, &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_approve_endpoints(client, NULL, 0, NULL, 0, NULL, &error));
        FAILS(FHIR_EHR_E_SOURCE_NOT_FOUND, fhir_ehr_client_check_source(client, NULL, 0, NULL, 0, &text, &error));
        FAILS(FHIR_EHR_E_SOURCE_NOT_FOUND,
              fhir_ehr_client_check_source_with(client, NULL, 0, NULL, 0, FHIR_EHR_CHECK_TRY_WRONG_SECRET, &text,
                                                &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_check_source_with(client, NULL, 0, TEXT("sim"), 2, &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_check_source(client, "\xff", 1, NULL, 0, &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_check_source(client, TEXT("u"), TEXT("sim"), NULL, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_source_may_serve(client, NULL, 0, NULL, 0, &may, &error));
        FAILS(FHIR_EHR_E_SOURCE_NOT_FOUND,
              fhir_ehr_client_source_may_serve(client, NULL, 0, TEXT("test"), &may, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_source_may_serve(client, TEXT("sim"), TEXT("Production"), &may, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_source_may_serve(client, TEXT("sim"), "\xff", 1, &may, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_source_may_serve(client, TEXT("sim"), TEXT("test"), NULL, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_source_may_serve(NULL, TEXT("sim"), TEXT("test"), &may, &error));
        CHECK(may == 4711);
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_jwks(client, NULL, 0, &text, &header, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_jwks(client, NULL, 5, &text, &header, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_jwks(client, "\xff", 1, &text, &header, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_jwks(client, TEXT("main"), &text, &header, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_jwks(client, TEXT("main"), NULL, &header, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_jwks(client, TEXT("main"), &text, NULL, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_jwks(NULL, TEXT("main"), &text, &header, &error));
        CHECK(header == NULL);
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_patient(client, NULL, 0, &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_patient(client, TEXT("{}"), NULL, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_patient(client, TEXT("{\"user\":\"u\",\"source\":\"sim\"}"), &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_patient(client,
                                      TEXT("{\"user\":\"u\",\"source\":\"sim\",\"mrn\":\"1\","
                                           "\"patient_id\":\"p1\"}"),
                                      &text, &error));
        FAILS(FHIR_EHR_E_GRANT_NOT_FOUND,
              fhir_ehr_client_patient(client,
                                      TEXT("{\"user\":\"u\",\"source\":\"sim\",\"mrn\":null,"
                                           "\"patient_id\":\"p1\",\"project\":null}"),
                                      &text, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_decided(client, TEXT("u"), TEXT("p"), TEXT("1"), NULL, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_decided(client, TEXT("u"), TEXT("p"), "\xff", 1, &rows, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_decided(NULL, TEXT("u"), TEXT("p"), TEXT("1"), &rows, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_remove_saved(client, TEXT("u"), TEXT("p"), TEXT("1"), NULL, 0, &count, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_remove_saved(client, TEXT("u"), TEXT("p"), TEXT("1"), TEXT("{}"), &count, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_remove_saved(client, TEXT("u"), TEXT("p"), TEXT("1"), TEXT("[]"), NULL, &error));
        FAILS(FHIR_EHR_E_ROW_NOT_FOUND,
              fhir_ehr_client_remove_saved(client, TEXT("u"), TEXT("p"), TEXT("1"), TEXT("[\"k\"]"), &count, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_clear_pending(client, TEXT("u"), TEXT("p"), TEXT("1"), NULL, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_clear_pending(NULL, TEXT("u"), TEXT("p"), TEXT("1"), &count, &error));
        OK(fhir_ehr_client_clear_pending(client, NULL, 0, NULL, 0, NULL, 0, &count, &error));
        CHECK(count == 0);
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_remove_damaged(client, TEXT("u"), TEXT("p"), TEXT("1"), NULL, &error));
        FAILS(FHIR_EHR_E_REQUEST_INVALID,
              fhir_ehr_client_remove_damaged(NULL, TEXT("u"), TEXT("p"), TEXT("1"), &count, &error));
        OK(fhir_ehr_client_remove_damaged(client, NULL, 0, NULL, 0, NULL, 0, &count, &error));
        CHECK(count == 0);
        OK(fhir_ehr_client_decided(client, NULL, 0, NULL, 0, NULL, 0, &rows, &error));
        CHECK(fhir_ehr_rows_count(rows) == 0);
        fhir_ehr_rows_free(rows);
        FAILS(FHIR_EHR_E_SOURCE_NOT_FOUND,
              fhir_ehr_client_sign_in(client, TEXT("n\0ne"), TEXT("u"), TEXT("s"), TEXT("r"), &text, &error));
        fhir_ehr_client_free(client);
        memory_free(memory);
    }
    free(config);
    CHECK(fhir_ehr_test_outstanding() == 0 && fhir_ehr_test_depth() == 0);
    return 0;
}
