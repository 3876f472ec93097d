/* A server that does not behave: the call returns in time, and freeing does not wait.
   Arguments: CONFIG, the most milliseconds of the call, of the freeing. */
#include "host.h"

#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
    const char *request =
        "{\"system\":true,\"source\":\"sim\",\"project\":{\"id\":\"p\",\"environment\":\"sandbox\",\"system_account\":"
        "true},"
        "\"record\":\"1\",\"mrn\":\"M-1\",\"mapping\":\"external_source_field_name,is_record_identifier,"
        "field_name,temporal_field,preselect,event_name\\n29463-7,,w,,,\\n\"}";
    struct memory *memory = calloc(1, sizeof *memory);
    fhir_ehr_store store = memory_store(memory);
    fhir_ehr_access access = allow_all();
    fhir_ehr_core *core = NULL;
    fhir_ehr_client *client = NULL;
    fhir_ehr_rows *rows = NULL;
    fhir_ehr_error *error = NULL;
    fhir_ehr_status status;
    double began, called, freed;

    CHECK(argc == 4 && memory != NULL);
    alarm(60);
    OK(fhir_ehr_core_from_file(TEXT(argv[1]), &core, &error));
    OK(fhir_ehr_client_new(core, &client, &error));
    OK(fhir_ehr_client_set_access(client, &access, &error));
    OK(fhir_ehr_client_set_store(client, &store, &error));
    began = now();
    status = fhir_ehr_client_pull(client, TEXT(request), &rows, &error);
    called = now() - began;
    CHECK(rows == NULL && status != 0);
    began = now();
    fhir_ehr_client_free(client);
    fhir_ehr_core_free(core);
    freed = now() - began;
    printf("%s after %.0f ms, freed in %.1f ms\n", fhir_ehr_error_name(error), called, freed);
    CHECK(called < atof(argv[2]));
    CHECK(freed < atof(argv[3]));
    fhir_ehr_error_free(error);
    memory_free(memory);
    return 0;
}
