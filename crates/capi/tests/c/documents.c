/* Prints each JSON document that the library takes and returns, on the way from a launch to saved values: the name of its
   schema, a space, the document. Arguments: CONFIG, the launch query, ISS. Input: the query of the callback. */
#include "host.h"

#define SESSION "browser-session-1"
#define REDIRECT "https://app.example/ehr.php"
#define HANDOFF_URL "https://study.example/start"
#define CSV                                                                                            \
    "external_source_field_name,is_record_identifier,field_name,temporal_field,preselect,event_name\n" \
    "birthDate,,dob,,,\n29463-7,,weight,visit_date,MAX,\n85354-9,,bp,never,,\n"
#define CSV_IN_JSON                                                                                     \
    "external_source_field_name,is_record_identifier,field_name,temporal_field,preselect,event_name\\n" \
    "birthDate,,dob,,,\\n29463-7,,weight,visit_date,MAX,\\n85354-9,,bp,never,,\\n"

static void print(const char *schema, const char *document)
{
    printf("%s %s\n", schema, document);
    fflush(stdout);
}

static char *print_text(const char *schema, fhir_ehr_text *text)
{
    char *document = copy_of(text);
    print(schema, document);
    return document;
}

static void print_error(fhir_ehr_status expected, fhir_ehr_status status, fhir_ehr_error **error)
{
    CHECK(status == expected);
    print("error", fhir_ehr_error_json(*error));
    fhir_ehr_error_free(*error);
    *error = NULL;
}

static void sign_in(fhir_ehr_client *client, const char *launch)
{
    char callback[4096], *document, *handover, *launch_id;
    fhir_ehr_text *text = NULL;
    OK(fhir_ehr_client_handle_launch(client, TEXT(launch), TEXT(SESSION), TEXT(REDIRECT), &text, &error));
    free(print_text("launch_result", text));
    CHECK(fgets(callback, sizeof callback, stdin) != NULL);
    callback[strcspn(callback, "\n")] = '\0';
    OK(fhir_ehr_client_handle_launch(client, TEXT(callback), TEXT(SESSION), TEXT(REDIRECT), &text, &error));
    document = print_text("launch_result", text);
    handover = member_of(document, "handover");
    OK(fhir_ehr_client_finish_login(client, TEXT(handover), TEXT(SESSION), TEXT("alice"), &text, &error));
    free(handover);
    free(document);
    document = print_text("launch_result", text);
    launch_id = member_of(document, "launch_id");
    free(document);
    OK(fhir_ehr_client_create_handoff(client, TEXT("alice"), TEXT(launch_id), TEXT(HANDOFF_URL), &text, &error));
    free(copy_of(text));
    OK(fhir_ehr_client_launch_view(client, TEXT("alice"), TEXT(launch_id), &text, &error));
    free(print_text("launch_view", text));
    OK(fhir_ehr_client_launch_view(client, TEXT("bob"), TEXT(launch_id), &text, &error));
    free(print_text("launch_view", text));
    OK(fhir_ehr_client_launches(client, TEXT("admin"), &text, &error));
    free(print_text("launches", text));
    OK(fhir_ehr_client_links(client, TEXT("admin"), &text, &error));
    free(print_text("user_links", text));
    free(launch_id);
}

/* Before the sign-out, the system account has a token too. */
static void sign_out(fhir_ehr_client *client)
{
    fhir_ehr_text *text = NULL;
    OK(fhir_ehr_client_grants(client, TEXT("admin"), NULL, 0, 1000, &text, &error));
    free(print_text("grants", text));
    OK(fhir_ehr_client_introspect(client, TEXT("admin"), TEXT("alice"), TEXT("sim"), &text, &error));
    free(print_text("introspections", text));
    OK(fhir_ehr_client_introspect(client, TEXT("admin"), NULL, 0, TEXT("sim"), &text, &error));
    free(print_text("introspections", text));
    OK(fhir_ehr_client_keep_alive(client, TEXT("admin"), &text, &error));
    free(print_text("keep_alive", text));
    OK(fhir_ehr_client_sign_out(client, TEXT("alice"), TEXT("sim"), &text, &error));
    free(print_text("signed_out", text));
    OK(fhir_ehr_client_sign_out_user(client, TEXT("admin"), TEXT("alice"), TEXT("sim"), &text, &error));
    free(print_text("signed_out", text));
    OK(fhir_ehr_client_sign_out_system_account(client, TEXT("admin"), TEXT("sim"), &text, &error));
    free(print_text("signed_out", text));
    OK(fhir_ehr_client_remove_user(client, TEXT("admin"), TEXT("alice"), &text, &error));
    free(print_text("user_removal", text));
}

static void look_up(fhir_ehr_client *client)
{
    static const char *const requests[] = {
        "{\"user\":\"alice\",\"source\":\"sim\",\"patient_id\":\"p1\",\"fields\":[\"name-family\",\"birthDate\"]}",
        "{\"system\":true,\"source\":\"sim\",\"project\":{\"id\":\"p\",\"environment\":\"sandbox\",\"system_account\":"
        "true},\"mrn\":\"M-1\","
        "\"patient_id\":null,\"text\":\"php14\"}",
    };
    fhir_ehr_text *text = NULL;
    size_t i;
    for (i = 0; i < 2; i++) {
        print("patient_request", requests[i]);
        OK(fhir_ehr_client_patient(client, TEXT(requests[i]), &text, &error));
        free(print_text("patient", text));
    }
}

/* Pulls, and returns the first preselected row. */
static char *pull(fhir_ehr_client *client)
{
    static const char *const request =
        "{\"user\":\"alice\",\"source\":\"sim\",\"project\":{\"id\":\"p\",\"environment\":\"sandbox\",\"system_"
        "account\":true},"
        "\"record\":\"1\",\"mrn\":\"M-1\",\"mapping\":\"" CSV_IN_JSON "\",\"launch_patient\":\"p1\",\"explain\":true,"
        "\"dates\":[{\"field\":\"visit_date\",\"event\":null,\"date\":\"2020-01-03 10:00\"}],"
        "\"offset_days\":30,\"offset_direction\":\"-\",\"text\":\"exact\"}";
    fhir_ehr_rows *rows = NULL;
    fhir_ehr_text *text = NULL;
    char *decision = NULL;
    const char *data;
    size_t i, length;
    print("pull_request", request);
    OK(fhir_ehr_client_pull(client, TEXT(request), &rows, &error));
    print("pull_report", fhir_ehr_rows_report(rows));
    OK(fhir_ehr_rows_json(rows, &text, &error));
    free(print_text("rows", text));
    for (i = 0; i < fhir_ehr_rows_count(rows) && decision == NULL; i++) {
        OK(fhir_ehr_rows_get(rows, i, FHIR_EHR_ROW_PRESELECTED, &data, &length, &error));
        if (strcmp(data, "true") == 0) {
            OK(fhir_ehr_rows_get(rows, i, FHIR_EHR_ROW_DECISION, &data, &length, &error));
            decision = calloc(length + 1, 1);
            CHECK(decision != NULL);
            memcpy(decision, data, length);
        }
    }
    CHECK(decision != NULL);
    fhir_ehr_rows_free(rows);
    return decision;
}

static void review(fhir_ehr_client *client, const char *decision)
{
    char document[512];
    fhir_ehr_text *text = NULL;
    size_t i, count = 0;
    for (i = 0; i < 2; i++) {
        snprintf(document, sizeof document, "{\"accept\":[\"%s\"],\"reject\":[]}", decision);
        print("decisions", document);
        OK(fhir_ehr_client_adjudicate(client, TEXT("alice"), TEXT("p"), TEXT("1"), TEXT(document), &count, &error));
        if (i == 1) break;
        snprintf(document, sizeof document, "[\"%s\"]", decision);
        print("keys", document);
        OK(fhir_ehr_client_reopen(client, TEXT("alice"), TEXT("p"), TEXT("1"), TEXT(document), &count, &error));
    }
    OK(fhir_ehr_client_values_to_save(client, TEXT("alice"), TEXT("p"), TEXT("1"), &text, &error));
    free(print_text("save_set", text));
    OK(fhir_ehr_client_values_to_save(client, TEXT("alice"), TEXT("p"), TEXT("1"), &text, &error));
    free(print_text("save_set", text));
}

int main(int argc, char **argv)
{
    struct memory *memory = calloc(1, sizeof *memory);
    fhir_ehr_store store = memory_store(memory);
    fhir_ehr_access access = allow_all();
    fhir_ehr_core *core = NULL;
    fhir_ehr_client *client = NULL;
    fhir_ehr_text *text = NULL;
    fhir_ehr_rows *rows = NULL;
    fhir_ehr_error *error = NULL;
    char *config, *decision;

    CHECK(argc == 4 && memory != NULL);
    config = content_of(argv[1]);
    print("config", config);
    OK(fhir_ehr_core_new(TEXT(config), NULL, 0, &core, &error));
    free(config);
    OK(fhir_ehr_core_sources(core, &text, &error));
    free(print_text("sources", text));
    OK(fhir_ehr_error_table(&text, &error));
    free(print_text("error_table", text));
    OK(fhir_ehr_field_catalog(&text, &error));
    free(print_text("field_catalog", text));

    OK(fhir_ehr_client_new(core, &client, &error));
    OK(fhir_ehr_client_set_store(client, &store, &error));
    OK(fhir_ehr_client_set_access(client, &access, &error));
    sign_in(client, argv[2]);
    OK(fhir_ehr_client_discover(client, TEXT("admin"), TEXT(argv[3]), &text, &error));
    free(print_text("discovery", text));
    OK(fhir_ehr_client_approve_endpoints(client, TEXT("admin"), TEXT("sim"), &text, &error));
    free(print_text("approved_endpoints", text));
    OK(fhir_ehr_core_registration_sheet(core, TEXT("sim"), TEXT("https://app.example/ehr.php"), NULL, 0, &text,
                                        &error));
    free(print_text("registration_sheet", text));
    OK(fhir_ehr_core_minimum_scopes(core, TEXT("sim"), TEXT(CSV), &text, &error));
    free(print_text("minimum_scopes", text));
    OK(fhir_ehr_client_start_sign_in(client, TEXT("sim"), TEXT("alice"), TEXT("s"), TEXT(REDIRECT), &text, &error));
    free(print_text("launch_result", text));
    OK(fhir_ehr_client_check_source(client, TEXT("admin"), TEXT("sim"), &text, &error));
    free(print_text("check_steps", text));
    look_up(client);
    OK(fhir_ehr_client_check_mapping(client, TEXT("alice"), TEXT("p"), TEXT(CSV), &text, &error));
    free(print_text("mapping", text));
    decision = pull(client);
    review(client, decision);
    free(decision);
    sign_out(client);

    print_error(FHIR_EHR_E_REQUEST_INVALID, fhir_ehr_client_pull(client, TEXT("{}"), &rows, &error), &error);
    print_error(FHIR_EHR_E_SOURCE_NOT_FOUND,
                fhir_ehr_client_check_source(client, TEXT("admin"), TEXT("none"), &text, &error), &error);
    fhir_ehr_client_free(client);
    fhir_ehr_core_free(core);
    memory_free(memory);
    CHECK(fhir_ehr_test_outstanding() == 0 && fhir_ehr_test_depth() == 0);
    return 0;
}
