/* The list of classes. Each class has a file of its name below FhirEhr with a function that registers it. */

#ifndef FHIR_EHR_CLASSES_H
#define FHIR_EHR_CLASSES_H

#include "globals.h"

/* In the order of registration: parents and interfaces come first. */
/* clang-format off */
#define FE_CLASSES(DO) \
	DO(Environment) DO(TextMode) DO(OffsetDirection) DO(RowState) DO(EhrState) DO(Action) DO(Level) DO(LaunchResultKind) \
	DO(StoredRecord) DO(Write) DO(Store) DO(Access) DO(Log) DO(SecretProvider) \
	DO(FhirContext) DO(FhirUser) DO(LaunchView) DO(LaunchHandoff) DO(LaunchLogEntry) DO(UserLink) \
	DO(SignedOutGrant) DO(UserRemoval) DO(GrantEntry) DO(GrantPage) DO(Introspection) DO(KeptGrant) DO(KeepAliveResult) \
	DO(LaunchContext) DO(SignIn) DO(LaunchResult) DO(PullRequest) DO(PatientRequest) DO(Patient) DO(StagedRow) DO(PullResult) \
	DO(ValueToSave) DO(SaveSet) DO(Source) DO(Discovery) DO(CheckStep) DO(JwksDocument) DO(Client) \
	DO(Exception) DO(RuntimeException) DO(ConnectionException) DO(TimeoutException) DO(AuthorizationException) \
	DO(FhirException) DO(PatientException) DO(RequestException) DO(StagingException) DO(StoreException) \
	DO(ConfigurationException) DO(MappingException) DO(AccessException) DO(InternalException)
/* clang-format on */

#define FE_DECLARE(name) \
 extern zend_class_entry *fe_##name##_ce; \
 void fe_register_##name(void);
FE_CLASSES(FE_DECLARE)
#undef FE_DECLARE

void fe_register_classes(void);

#define FE_COUNT(table) (sizeof(table) / sizeof((table)[0]))

#endif
