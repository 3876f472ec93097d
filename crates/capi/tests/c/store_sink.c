/* fhir_ehr_sink_stored_record() for the store that c_store.rs loads. The test sets the function that it calls. */
#include "fhir_ehr.h"

typedef fhir_ehr_status record_taker(fhir_ehr_sink *sink, const fhir_ehr_stored_record *record);

static record_taker *taker;

void store_sink_set(record_taker *given);

void store_sink_set(record_taker *given)
{
    taker = given;
}

fhir_ehr_status fhir_ehr_sink_stored_record(fhir_ehr_sink *sink, const fhir_ehr_stored_record *record)
{
    return taker(sink, record);
}
