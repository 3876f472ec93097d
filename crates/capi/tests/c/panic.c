/* A panic never reaches C and prints nothing. */
#include "host.h"

typedef struct panic_handle panic_handle;
panic_handle *fhir_ehr_test_new(void);
fhir_ehr_status fhir_ehr_test_panic(panic_handle *handle, const char *marker, size_t marker_length,
                                    fhir_ehr_error **error);
int32_t fhir_ehr_test_free(panic_handle *handle);

int main(void)
{
    panic_handle *handle = fhir_ehr_test_new();
    fhir_ehr_error *error = NULL;
    FAILS(FHIR_EHR_E_INTERNAL, fhir_ehr_test_panic(handle, TEXT("MARKER-Jane-Doe"), &error));
    CHECK(fhir_ehr_test_panic(handle, TEXT("MARKER-again"), &error) == FHIR_EHR_E_INTERNAL);
    CHECK(strstr(fhir_ehr_error_message(error), "an earlier call") != NULL);
    CHECK(strstr(fhir_ehr_error_json(error), "MARKER") == NULL);
    fhir_ehr_error_free(error);
    CHECK(fhir_ehr_test_panic(handle, NULL, 0, NULL) == FHIR_EHR_E_INTERNAL);
    CHECK(fhir_ehr_test_free(handle) == 1);
    return 0;
}
