/* Measures a call without I/O: the lowest average of several batches, in nanoseconds. Argument: CONFIG. */
#include "host.h"

#include <time.h>

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

#define MEASURE(name, call)                                                          \
    do {                                                                             \
        double least = 1e18;                                                         \
        int batch, i;                                                                \
        for (batch = 0; batch < 20; batch++) {                                       \
            double began = now();                                                    \
            for (i = 0; i < 2000; i++) { call; }                                     \
            least = (now() - began) / 2000 < least ? (now() - began) / 2000 : least; \
        }                                                                            \
        printf("%s: %.0f ns\n", name, least);                                        \
        CHECK(least < 5000);                                                         \
    } while (0)

int main(int argc, char **argv)
{
    struct memory *memory = calloc(1, sizeof *memory);
    fhir_ehr_store store = memory_store(memory);
    fhir_ehr_access access = allow_all();
    char *config = content_of(argv[1]);
    size_t length = strlen(config), count;
    fhir_ehr_core *core = NULL, *same = NULL;
    fhir_ehr_client *client = NULL;
    fhir_ehr_text *text = NULL;
    CHECK(argc == 2);
    OK(fhir_ehr_core_new(config, length, NULL, 0, &core, &error));
    OK(fhir_ehr_client_new(core, &client, &error));
    OK(fhir_ehr_client_set_access(client, &access, &error));
    OK(fhir_ehr_client_set_store(client, &store, &error));
    MEASURE("scopes of a source", {
        OK(fhir_ehr_core_scopes(core, "sim", 3, FHIR_EHR_SCOPES_LAUNCH, &text, &error));
        fhir_ehr_text_free(text);
    });
    MEASURE("through a client and back", OK(fhir_ehr_client_purge_expired(client, &count, &error)));
    MEASURE("an error with its object", {
        fhir_ehr_error *error = NULL;
        CHECK(fhir_ehr_core_scopes(core, "sim", 3, 99, &text, &error) == FHIR_EHR_E_REQUEST_INVALID);
        fhir_ehr_error_free(error);
    });
    MEASURE("the core of a known configuration", {
        OK(fhir_ehr_core_for(config, length, NULL, 0, 0, 0, &same, &error));
        fhir_ehr_core_free(same);
    });
    fhir_ehr_client_free(client);
    fhir_ehr_core_free(core);
    memory_free(memory);
    free(config);
    return 0;
}
