/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 1cfde2fbf612eef46abf330dda2dc7300a812ca1 */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_FhirEhr_Client___construct, 0, 0, 1)
	ZEND_ARG_TYPE_INFO(0, configuration, IS_STRING, 0)
	ZEND_ARG_OBJ_INFO_WITH_DEFAULT_VALUE(0, store, FhirEhr\\Store, 1, "null")
	ZEND_ARG_OBJ_INFO_WITH_DEFAULT_VALUE(0, access, FhirEhr\\Access, 1, "null")
	ZEND_ARG_OBJ_INFO_WITH_DEFAULT_VALUE(0, log, FhirEhr\\Log, 1, "null")
	ZEND_ARG_OBJ_INFO_WITH_DEFAULT_VALUE(0, secretProvider, FhirEhr\\SecretProvider, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_FhirEhr_Client_fromFile, 0, 1, FhirEhr\\Client, 0)
	ZEND_ARG_TYPE_INFO(0, path, IS_STRING, 0)
	ZEND_ARG_OBJ_INFO_WITH_DEFAULT_VALUE(0, store, FhirEhr\\Store, 1, "null")
	ZEND_ARG_OBJ_INFO_WITH_DEFAULT_VALUE(0, access, FhirEhr\\Access, 1, "null")
	ZEND_ARG_OBJ_INFO_WITH_DEFAULT_VALUE(0, log, FhirEhr\\Log, 1, "null")
	ZEND_ARG_OBJ_INFO_WITH_DEFAULT_VALUE(0, secretProvider, FhirEhr\\SecretProvider, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_FhirEhr_Client_handleLaunch, 0, 2, FhirEhr\\LaunchResult, 0)
	ZEND_ARG_TYPE_INFO(0, query, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, session, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, redirectUri, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, organization, IS_STRING, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_signIn, 0, 3, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, source, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, session, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, redirectUri, IS_STRING, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_FhirEhr_Client_startSignIn, 0, 4, FhirEhr\\LaunchResult, 0)
	ZEND_ARG_TYPE_INFO(0, source, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, session, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, redirectUri, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_FhirEhr_Client_finishLogin, 0, 3, FhirEhr\\SignIn, 0)
	ZEND_ARG_TYPE_INFO(0, handover, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, session, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_FhirEhr_Client_launchView, 0, 2, FhirEhr\\LaunchView, 0)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, launchId, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_endLaunchView, 0, 2, IS_VOID, 0)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, launchId, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_signOut, 0, 2, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, source, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_signOutUser, 0, 3, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO(0, administrator, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, source, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_signOutSystemAccount, 0, 2, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO(0, administrator, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, source, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_FhirEhr_Client_removeUser, 0, 2, FhirEhr\\\125serRemoval, 0)
	ZEND_ARG_TYPE_INFO(0, administrator, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_FhirEhr_Client_grants, 0, 1, FhirEhr\\GrantPage, 0)
	ZEND_ARG_TYPE_INFO(0, administrator, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, after, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, limit, IS_LONG, 0, "1000")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_introspect, 0, 3, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO(0, administrator, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 1)
	ZEND_ARG_TYPE_INFO(0, source, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_FhirEhr_Client_keepAlive, 0, 1, FhirEhr\\KeepAliveResult, 0)
	ZEND_ARG_TYPE_INFO(0, administrator, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_createHandoff, 0, 3, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, launchId, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, url, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_FhirEhr_Client_redeemHandoff, 0, 2, FhirEhr\\SignIn, 0)
	ZEND_ARG_TYPE_INFO(0, handle, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, secret, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_checkMapping, 0, 3, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, project, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, csv, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_sourceMayServe, 0, 2, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, source, IS_STRING, 0)
	ZEND_ARG_OBJ_INFO(0, environment, FhirEhr\\Environment, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_FhirEhr_Client_pull, 0, 1, FhirEhr\\PullResult, 0)
	ZEND_ARG_OBJ_INFO(0, request, FhirEhr\\PullRequest, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_FhirEhr_Client_patient, 0, 1, FhirEhr\\Patient, 0)
	ZEND_ARG_OBJ_INFO(0, request, FhirEhr\\PatientRequest, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_staged, 0, 2, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, project, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, record, IS_STRING, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_adjudicate, 0, 3, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, project, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, record, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, accept, IS_ARRAY, 0, "[]")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, reject, IS_ARRAY, 0, "[]")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_recordSources, 0, 3, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, project, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, record, IS_STRING, 0)
ZEND_END_ARG_INFO()

#define arginfo_class_FhirEhr_Client_decided arginfo_class_FhirEhr_Client_recordSources

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_removeSaved, 0, 4, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, project, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, record, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, keys, IS_ARRAY, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_clearPending, 0, 3, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, project, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, record, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_removeDamaged, 0, 2, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, project, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, record, IS_STRING, 1, "null")
ZEND_END_ARG_INFO()

#define arginfo_class_FhirEhr_Client_reopen arginfo_class_FhirEhr_Client_removeSaved

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_FhirEhr_Client_valuesToSave, 0, 3, FhirEhr\\SaveSet, 0)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, project, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, record, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_confirmSaved, 0, 3, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, project, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, record, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, saveId, IS_STRING, 0)
ZEND_END_ARG_INFO()

#define arginfo_class_FhirEhr_Client_returnUnsaved arginfo_class_FhirEhr_Client_confirmSaved

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_purgeExpired, 0, 0, IS_LONG, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_scopes, 0, 1, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO(0, source, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_sources, 0, 0, IS_ARRAY, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_FhirEhr_Client_discover, 0, 2, FhirEhr\\Discovery, 0)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, iss, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_launches, 0, 1, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 0)
ZEND_END_ARG_INFO()

#define arginfo_class_FhirEhr_Client_links arginfo_class_FhirEhr_Client_launches

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_unlink, 0, 2, IS_VOID, 0)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, id, IS_STRING, 0)
ZEND_END_ARG_INFO()

#define arginfo_class_FhirEhr_Client_approveEndpoints arginfo_class_FhirEhr_Client_signOut

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_registrationSheet, 0, 2, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO(0, source, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, launchUrl, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, jwksUrl, IS_STRING, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_minimumScopes, 0, 2, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO(0, source, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, mapping, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_FhirEhr_Client_checkSource, 0, 2, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO(0, user, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, source, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, tryWrongSecret, _IS_BOOL, 0, "false")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_FhirEhr_Client_jwks, 0, 1, FhirEhr\\JwksDocument, 0)
	ZEND_ARG_TYPE_INFO(0, keyRing, IS_STRING, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(FhirEhr_Client, __construct);
ZEND_METHOD(FhirEhr_Client, fromFile);
ZEND_METHOD(FhirEhr_Client, handleLaunch);
ZEND_METHOD(FhirEhr_Client, signIn);
ZEND_METHOD(FhirEhr_Client, startSignIn);
ZEND_METHOD(FhirEhr_Client, finishLogin);
ZEND_METHOD(FhirEhr_Client, launchView);
ZEND_METHOD(FhirEhr_Client, endLaunchView);
ZEND_METHOD(FhirEhr_Client, signOut);
ZEND_METHOD(FhirEhr_Client, signOutUser);
ZEND_METHOD(FhirEhr_Client, signOutSystemAccount);
ZEND_METHOD(FhirEhr_Client, removeUser);
ZEND_METHOD(FhirEhr_Client, grants);
ZEND_METHOD(FhirEhr_Client, introspect);
ZEND_METHOD(FhirEhr_Client, keepAlive);
ZEND_METHOD(FhirEhr_Client, createHandoff);
ZEND_METHOD(FhirEhr_Client, redeemHandoff);
ZEND_METHOD(FhirEhr_Client, checkMapping);
ZEND_METHOD(FhirEhr_Client, sourceMayServe);
ZEND_METHOD(FhirEhr_Client, pull);
ZEND_METHOD(FhirEhr_Client, patient);
ZEND_METHOD(FhirEhr_Client, staged);
ZEND_METHOD(FhirEhr_Client, adjudicate);
ZEND_METHOD(FhirEhr_Client, recordSources);
ZEND_METHOD(FhirEhr_Client, decided);
ZEND_METHOD(FhirEhr_Client, removeSaved);
ZEND_METHOD(FhirEhr_Client, clearPending);
ZEND_METHOD(FhirEhr_Client, removeDamaged);
ZEND_METHOD(FhirEhr_Client, reopen);
ZEND_METHOD(FhirEhr_Client, valuesToSave);
ZEND_METHOD(FhirEhr_Client, confirmSaved);
ZEND_METHOD(FhirEhr_Client, returnUnsaved);
ZEND_METHOD(FhirEhr_Client, purgeExpired);
ZEND_METHOD(FhirEhr_Client, scopes);
ZEND_METHOD(FhirEhr_Client, sources);
ZEND_METHOD(FhirEhr_Client, discover);
ZEND_METHOD(FhirEhr_Client, launches);
ZEND_METHOD(FhirEhr_Client, links);
ZEND_METHOD(FhirEhr_Client, unlink);
ZEND_METHOD(FhirEhr_Client, approveEndpoints);
ZEND_METHOD(FhirEhr_Client, registrationSheet);
ZEND_METHOD(FhirEhr_Client, minimumScopes);
ZEND_METHOD(FhirEhr_Client, checkSource);
ZEND_METHOD(FhirEhr_Client, jwks);


static const zend_function_entry class_FhirEhr_Client_methods[] = {
	ZEND_ME(FhirEhr_Client, __construct, arginfo_class_FhirEhr_Client___construct, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, fromFile, arginfo_class_FhirEhr_Client_fromFile, ZEND_ACC_PUBLIC|ZEND_ACC_STATIC)
	ZEND_ME(FhirEhr_Client, handleLaunch, arginfo_class_FhirEhr_Client_handleLaunch, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, signIn, arginfo_class_FhirEhr_Client_signIn, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, startSignIn, arginfo_class_FhirEhr_Client_startSignIn, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, finishLogin, arginfo_class_FhirEhr_Client_finishLogin, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, launchView, arginfo_class_FhirEhr_Client_launchView, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, endLaunchView, arginfo_class_FhirEhr_Client_endLaunchView, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, signOut, arginfo_class_FhirEhr_Client_signOut, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, signOutUser, arginfo_class_FhirEhr_Client_signOutUser, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, signOutSystemAccount, arginfo_class_FhirEhr_Client_signOutSystemAccount, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, removeUser, arginfo_class_FhirEhr_Client_removeUser, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, grants, arginfo_class_FhirEhr_Client_grants, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, introspect, arginfo_class_FhirEhr_Client_introspect, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, keepAlive, arginfo_class_FhirEhr_Client_keepAlive, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, createHandoff, arginfo_class_FhirEhr_Client_createHandoff, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, redeemHandoff, arginfo_class_FhirEhr_Client_redeemHandoff, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, checkMapping, arginfo_class_FhirEhr_Client_checkMapping, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, sourceMayServe, arginfo_class_FhirEhr_Client_sourceMayServe, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, pull, arginfo_class_FhirEhr_Client_pull, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, patient, arginfo_class_FhirEhr_Client_patient, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, staged, arginfo_class_FhirEhr_Client_staged, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, adjudicate, arginfo_class_FhirEhr_Client_adjudicate, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, recordSources, arginfo_class_FhirEhr_Client_recordSources, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, decided, arginfo_class_FhirEhr_Client_decided, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, removeSaved, arginfo_class_FhirEhr_Client_removeSaved, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, clearPending, arginfo_class_FhirEhr_Client_clearPending, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, removeDamaged, arginfo_class_FhirEhr_Client_removeDamaged, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, reopen, arginfo_class_FhirEhr_Client_reopen, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, valuesToSave, arginfo_class_FhirEhr_Client_valuesToSave, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, confirmSaved, arginfo_class_FhirEhr_Client_confirmSaved, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, returnUnsaved, arginfo_class_FhirEhr_Client_returnUnsaved, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, purgeExpired, arginfo_class_FhirEhr_Client_purgeExpired, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, scopes, arginfo_class_FhirEhr_Client_scopes, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, sources, arginfo_class_FhirEhr_Client_sources, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, discover, arginfo_class_FhirEhr_Client_discover, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, launches, arginfo_class_FhirEhr_Client_launches, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, links, arginfo_class_FhirEhr_Client_links, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, unlink, arginfo_class_FhirEhr_Client_unlink, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, approveEndpoints, arginfo_class_FhirEhr_Client_approveEndpoints, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, registrationSheet, arginfo_class_FhirEhr_Client_registrationSheet, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, minimumScopes, arginfo_class_FhirEhr_Client_minimumScopes, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, checkSource, arginfo_class_FhirEhr_Client_checkSource, ZEND_ACC_PUBLIC)
	ZEND_ME(FhirEhr_Client, jwks, arginfo_class_FhirEhr_Client_jwks, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};

static zend_class_entry *register_class_FhirEhr_Client(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "FhirEhr", "Client", class_FhirEhr_Client_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;


	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "__construct", sizeof("__construct") - 1), 0, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "handlelaunch", sizeof("handlelaunch") - 1), 0, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "handlelaunch", sizeof("handlelaunch") - 1), 1, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "signin", sizeof("signin") - 1), 2, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "startsignin", sizeof("startsignin") - 1), 2, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "finishlogin", sizeof("finishlogin") - 1), 0, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "finishlogin", sizeof("finishlogin") - 1), 1, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "launchview", sizeof("launchview") - 1), 1, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "endlaunchview", sizeof("endlaunchview") - 1), 1, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "createhandoff", sizeof("createhandoff") - 1), 1, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "redeemhandoff", sizeof("redeemhandoff") - 1), 0, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "redeemhandoff", sizeof("redeemhandoff") - 1), 1, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "staged", sizeof("staged") - 1), 2, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "adjudicate", sizeof("adjudicate") - 1), 2, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "recordsources", sizeof("recordsources") - 1), 2, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "decided", sizeof("decided") - 1), 2, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "removesaved", sizeof("removesaved") - 1), 2, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "clearpending", sizeof("clearpending") - 1), 2, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "removedamaged", sizeof("removedamaged") - 1), 2, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "reopen", sizeof("reopen") - 1), 2, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "valuestosave", sizeof("valuestosave") - 1), 2, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "confirmsaved", sizeof("confirmsaved") - 1), 1, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "returnunsaved", sizeof("returnunsaved") - 1), 1, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	return class_entry;
}
