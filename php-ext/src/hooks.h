/* The hook tables for access, log events and secrets. */

#ifndef FHIR_EHR_HOOKS_H
#define FHIR_EHR_HOOKS_H

#include "host.h"

/* Each table calls the hook objects of `client`, which outlives the table. */
struct fhir_ehr_access fe_access_hooks(fe_client *client);
struct fhir_ehr_log fe_log_hooks(fe_client *client);
struct fhir_ehr_secret_provider fe_secret_provider_hooks(fe_client *client);

#endif
