/* A defect of ours: it crosses nowhere and prints nothing. */
#include "host.h"

typedef struct panicky panicky;
panicky *fhir_ehr_test_new(void);
fhir_ehr_status fhir_ehr_test_panic(panicky *handle, const char *marker, size_t marker_length,
                                    fhir_ehr_error **error);
int32_t fhir_ehr_test_free(panicky *handle);

int main(void)
{
    panicky *handle = fhir_ehr_test_new();
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
