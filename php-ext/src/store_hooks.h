/* The hook table for the store. */

#ifndef FHIR_EHR_STORE_HOOKS_H
#define FHIR_EHR_STORE_HOOKS_H

#include "host.h"

/* The table calls the store of `client`, which outlives the table. */
struct fhir_ehr_store fe_store_hooks(fe_client *client);

#endif
