/*
 * fhir_ehr for C: SMART on FHIR launch, sign-in, a pull of one patient's data, encrypted staging, review and saving.
 * Link with -lfhir_ehr (pkg-config: fhir_ehr). docs/c-abi.md has a first program and a list of all functions;
 * docs/conventions.md explains the rules below in more detail.
 *
 * HANDLES. A type without members is a handle: fhir_ehr_core, fhir_ehr_client, fhir_ehr_rows, fhir_ehr_text,
 * fhir_ehr_error. A function returns it through an out-parameter, and you free it with its `..._free`, which does
 * nothing for NULL. What an accessor returns (fhir_ehr_text_data(), fhir_ehr_rows_get(), ...) belongs to the handle
 * and is valid until the handle is freed. Never call free() on anything from this library.
 *
 * CALLS. A function that can fail returns a fhir_ehr_status: 0 on success, otherwise an error number, one of
 * FHIR_EHR_E_.... Its last parameter receives an error object with details; free it with fhir_ehr_error_free(), or
 * pass NULL if you do not need it. The other out-parameters are written only on success, and *error only on failure.
 * There is no partial success: a failed call has changed nothing, unless its description says otherwise.
 *
 * ```c
 * static int open_core(fhir_ehr_core **core)
 * {
 *     static const char path[] = "/etc/fhir_ehr/config.json";
 *     fhir_ehr_error *error = NULL;
 *
 *     if (fhir_ehr_core_from_file(path, sizeof path - 1, core, &error) != 0) {
 *         fprintf(stderr, "%s %s\n", fhir_ehr_error_message(error), fhir_ehr_error_hint(error));
 *         fhir_ehr_error_free(error);
 *         return 0;
 *     }
 *     return 1;
 * }
 * ```
 *
 * ERRORS. Each function lists its own errors. In addition, every function that returns a status can return
 * FHIR_EHR_E_REQUEST_INVALID (a required pointer is NULL, a text is not UTF-8, an integer is not one of the named
 * values, a document has an unknown or missing member) and FHIR_EHR_E_INTERNAL (a bug; see PANICS). Every function
 * of a client can return FHIR_EHR_E_BUSY (see HOOKS and FORK) and the errors of the configuration (101, 103), the
 * key ring (601, 602, 607) and the store (701 to 704).
 *
 * TEXT IN is a pointer and a length in bytes, UTF-8. It needs no terminating NUL. NULL with length 0 is the empty text
 * or, where the function says so, an absent one. The library copies what it needs and keeps none of your pointers.
 * TEXT OUT is a fhir_ehr_text: UTF-8 with a terminating NUL that its length does not count.
 *
 * DOCUMENTS are JSON. Each has a JSON Schema (draft 2020-12), installed in share/fhir_ehr/schemas and kept in
 * docs/schemas of the source; the function that takes or returns the document names the file. In a document that you
 * pass, an unknown member is an error. In a document that you get, ignore members that you do not know: later versions
 * add some.
 *
 * NUMBERS. Inputs are integers of fixed width, never C enums. Constants are added, never changed.
 *
 * HOOKS. A hook table is a struct of your functions. Start with `= {0}`, set `struct_size` to its sizeof, and set
 * `user_data` to a pointer that every function of the table receives. The library copies the table; what its pointers
 * point to must stay valid until the client is freed. Set hooks after fhir_ehr_client_new() and before the first
 * other call on the client.
 * A hook returns FHIR_EHR_HOOK_DONE on success, FHIR_EHR_HOOK_NO for a normal refusal, and any other value when it
 * failed. It returns bytes and records through its sink. What a hook receives is valid until it returns.
 * The library calls hooks on the thread that called the client, only during that call, and never while it waits for
 * the network. A hook must return: no longjmp and no C++ exception may cross the library. A hook may use other
 * clients. A call on its own client returns FHIR_EHR_E_BUSY; if it frees its own client, the client is freed when the
 * current call ends.
 *
 * THREADS. Any thread may call any function. Many threads may use one core, and read one rows, text or error handle.
 * A client serves one thread at a time; other threads wait. The library runs your code and its own on the calling
 * thread only; while it looks up a host name, a thread of the operating system's resolver may exist.
 *
 * FORK. Handles work in the parent and in the child. The child opens its own connections and does not touch the
 * parent's. If another thread was inside a client when the process forked, that client returns FHIR_EHR_E_BUSY in the
 * child. A hook must not fork and then return in both processes.
 *
 * PANICS. A panic is a bug in this library. It never reaches your code and prints nothing: the call returns
 * FHIR_EHR_E_INTERNAL, and so does every later call on that client. You can still free the client.
 *
 * UNLOADING. A module may call fhir_ehr_version() and fhir_ehr_abi_level() when it is loaded, and unload the library
 * afterwards. Any other call keeps the library mapped until the process ends.
 *
 * VERSIONS. The SONAME is libfhir_ehr.so.1. Everything in this header stays: later versions add functions, constants,
 * document members, and hooks at the end of the tables. Ignore values and members that you do not know.
 *
 * Generated from crates/capi/src with `make header`, which runs cbindgen; do not edit.
 */

#ifndef FHIR_EHR_H
#define FHIR_EHR_H

#include <stddef.h>
#include <stdint.h>

/** In a record's `expires_in`: it does not expire. */
#define FHIR_EHR_NEVER INT64_MIN

/**
 * The ABI level of this header. It grows by one with each release that adds to the header. The loaded library has
 * its own level, fhir_ehr_abi_level(), which must be this one or greater.
 */
#define FHIR_EHR_ABI_LEVEL 1

/** The configuration document is not valid. */
#define FHIR_EHR_E_CONFIG_INVALID 101

/** FHIR source not found */
#define FHIR_EHR_E_SOURCE_NOT_FOUND 102

/** A secret named in the configuration could not be read. */
#define FHIR_EHR_E_SECRET_UNAVAILABLE 103

/** This address is not allowed. Use https; http is allowed only on the loopback interface. */
#define FHIR_EHR_E_URL_NOT_ALLOWED 104

/** Data from a sandbox or test source cannot go into a production project. */
#define FHIR_EHR_E_ENVIRONMENT_MISMATCH 105

/** The redirect URI is not listed in redirect_uris of the registration. */
#define FHIR_EHR_E_REDIRECT_URI_NOT_REGISTERED 106

/**
 * The EHR of this launch belongs to another organization than the launch URL. Open the application with the launch URL of the EHR's organization.
 */
#define FHIR_EHR_E_SOURCE_OF_OTHER_ORGANIZATION 107

/** The project may not pull from this source. */
#define FHIR_EHR_E_SOURCE_NOT_OF_PROJECT 108

/** The project does not allow the system account. */
#define FHIR_EHR_E_SYSTEM_ACCOUNT_NOT_ENABLED 109

/** The handoff URL is not listed in handoff_urls of the configuration. */
#define FHIR_EHR_E_HANDOFF_URL_NOT_ALLOWED 110

/** A scope in the configuration is not allowed. */
#define FHIR_EHR_E_SCOPE_REFUSED 111

/** The request mixes parts of a launch and parts of a callback. Open the application from the EHR again. */
#define FHIR_EHR_E_LAUNCH_AMBIGUOUS 201

/**
 * The request is neither a launch (iss and launch) nor a callback (state with code or error). Open the application from the EHR.
 */
#define FHIR_EHR_E_LAUNCH_EMPTY 202

/** The EHR's answer has no state parameter, so it cannot be matched to a launch. */
#define FHIR_EHR_E_STATE_MISSING 203

/** The state parameter is unknown or was already used. */
#define FHIR_EHR_E_STATE_UNKNOWN 204

/** The state parameter belongs to another browser session. */
#define FHIR_EHR_E_STATE_FOREIGN 205

/** The sign-in took too long, and the launch has expired. */
#define FHIR_EHR_E_LAUNCH_EXPIRED 206

/** The user or the EHR denied access. */
#define FHIR_EHR_E_AUTHORIZATION_DENIED 207

/** The EHR's authorization server refused the request. */
#define FHIR_EHR_E_AUTHORIZATION_FAILED 208

/** The EHR's authorization endpoints could not be found. */
#define FHIR_EHR_E_DISCOVERY_FAILED 209

/** The sign-in that waited for the application's login has expired or was already used. */
#define FHIR_EHR_E_HANDOVER_UNKNOWN 211

/**
 * The EHR's authorization server rejects the request of this application. Signing in again does not help. Correct the registration or the configuration.
 */
#define FHIR_EHR_E_AUTHORIZATION_REJECTED 212

/** The EHR user is linked to another user of this application. Nothing was stored. */
#define FHIR_EHR_E_EHR_USER_OF_ANOTHER 213

/** The view of this launch has ended. Open the application from the EHR again. */
#define FHIR_EHR_E_VIEW_ENDED 220

/** The handoff is unknown or was already redeemed. */
#define FHIR_EHR_E_HANDOFF_UNKNOWN 221

/** The handoff was not redeemed in time. */
#define FHIR_EHR_E_HANDOFF_EXPIRED 222

/** The handoff belongs to another application, or its secret is wrong. Nothing was handed out. */
#define FHIR_EHR_E_HANDOFF_FOREIGN 223

/** An endpoint of the EHR changed since it was approved. Nothing was sent there. */
#define FHIR_EHR_E_ENDPOINTS_CHANGED 224

/**
 * The EHR's answer names another authorization server than the one where this sign-in started. The code was not sent to any server.
 */
#define FHIR_EHR_E_ISSUER_MISMATCH 225

/** The source requires PKCE, but the EHR does not advertise PKCE with S256. */
#define FHIR_EHR_E_PKCE_NOT_SUPPORTED 226

/** The EHR did not register this application. */
#define FHIR_EHR_E_CLIENT_REGISTRATION_FAILED 227

/** The source requires an id_token, but the EHR sent none. Nothing was stored. */
#define FHIR_EHR_E_ID_TOKEN_MISSING 228

/** The EHR's id_token is not valid, so the sign-in was refused. Nothing was stored. */
#define FHIR_EHR_E_ID_TOKEN_INVALID 229

/** The EHR's id_token names an issuer that is not known for this source. Nothing was stored. */
#define FHIR_EHR_E_ID_TOKEN_ISSUER_UNKNOWN 230

/** The public keys that verify the EHR's id_token could not be read. Nothing was stored. */
#define FHIR_EHR_E_ID_TOKEN_KEYS_UNAVAILABLE 231

/**
 * The EHR signed its id_token with a key that it does not publish. Nothing was stored. A new key may be published late: sign in again in some minutes.
 */
#define FHIR_EHR_E_ID_TOKEN_KEY_UNKNOWN 232

/** There is no user link with this id. */
#define FHIR_EHR_E_USER_LINK_NOT_FOUND 233

/**
 * The EHR's token endpoint is not available or sent an unusable answer. The sign-in is kept. Retry later.
 */
#define FHIR_EHR_E_TOKEN_UNAVAILABLE 301

/** The answer of the EHR's token endpoint is not valid. */
#define FHIR_EHR_E_TOKEN_RESPONSE_INVALID 302

/** The EHR no longer accepts this sign-in. */
#define FHIR_EHR_E_INVALID_GRANT 303

/** The EHR does not accept the client id or its credentials. */
#define FHIR_EHR_E_INVALID_CLIENT 304

/** The EHR's token endpoint rejected the request. */
#define FHIR_EHR_E_TOKEN_REJECTED 305

/**
 * There is no usable sign-in. Open the application from the EHR (EHR launch) or sign in from the application (standalone launch), then pull again.
 */
#define FHIR_EHR_E_GRANT_NOT_FOUND 306

/** The sign-in has expired, and the EHR gave no refresh token. */
#define FHIR_EHR_E_GRANT_EXPIRED 307

/** Another process is refreshing this sign-in and did not finish in time. */
#define FHIR_EHR_E_REFRESH_BUSY 308

/** The EHR issued new tokens, but the store could not save them. The user must sign in again. */
#define FHIR_EHR_E_GRANT_LOST 309

/** The EHR rejects this sign-in. It has probably expired or was revoked. */
#define FHIR_EHR_E_GRANT_REJECTED 310

/** The EHR does not accept the system account or its token. Ask the EHR team to check its registration. */
#define FHIR_EHR_E_SYSTEM_ACCOUNT_REJECTED 311

/** The source has no system account. Add system_registration to the source in the configuration. */
#define FHIR_EHR_E_SYSTEM_ACCOUNT_MISSING 312

/**
 * The token endpoint redirects to another address. The client secret and the tokens were not sent there. Ask the EHR team for the current address and store it as token_endpoint.
 */
#define FHIR_EHR_E_TOKEN_ENDPOINT_REDIRECTS 313

/**
 * The answer to a token refresh was lost, so the EHR may have used up the refresh token. The user must sign in again.
 */
#define FHIR_EHR_E_GRANT_SUSPECT 314

/** The EHR has suspended or revoked this sign-in. It gives the same answer for both. */
#define FHIR_EHR_E_GRANT_SUSPENDED 315

/** The EHR does not revoke this token. It remains valid at the EHR until it expires. */
#define FHIR_EHR_E_REVOCATION_NOT_SUPPORTED 319

/** The EHR did not confirm that the token is revoked. */
#define FHIR_EHR_E_REVOCATION_FAILED 320

/** The EHR does not give information about tokens of this application. */
#define FHIR_EHR_E_INTROSPECTION_NOT_SUPPORTED 321

/** The EHR's answer about a token is not valid. */
#define FHIR_EHR_E_INTROSPECTION_FAILED 322

/** The EHR's server could not be reached. */
#define FHIR_EHR_E_NETWORK_UNREACHABLE 401

/** The EHR's server did not answer in time. */
#define FHIR_EHR_E_NETWORK_TIMEOUT 402

/** The EHR's answer is larger than the limit. */
#define FHIR_EHR_E_RESPONSE_TOO_LARGE 403

/** The EHR's answer is not FHIR JSON. */
#define FHIR_EHR_E_RESPONSE_NOT_FHIR 404

/** The EHR does not allow this sign-in to read this data. */
#define FHIR_EHR_E_FHIR_DENIED 405

/** The EHR rejects the access token, even after a refresh. */
#define FHIR_EHR_E_FHIR_UNAUTHORIZED 406

/** The EHR reports an error for this request. */
#define FHIR_EHR_E_FHIR_ERROR 407

/** The EHR's server is overloaded or failing. */
#define FHIR_EHR_E_FHIR_UNAVAILABLE 408

/** No patient has this medical record number at this source. */
#define FHIR_EHR_E_PATIENT_NOT_FOUND 409

/** More than one patient has this medical record number at this source. */
#define FHIR_EHR_E_PATIENT_AMBIGUOUS 410

/** The EHR sent data of another patient. Nothing from this pull was kept. */
#define FHIR_EHR_E_PATIENT_MISMATCH 411

/** The address of the next page is not allowed for this source. */
#define FHIR_EHR_E_NEXT_LINK_REFUSED 412

/** The EHR redirected the request to an address that is not allowed. The token was not sent there. */
#define FHIR_EHR_E_REDIRECT_REFUSED 413

/** No trusted TLS connection to the EHR's server could be established. */
#define FHIR_EHR_E_TLS_FAILED 414

/** The connection to the EHR's server was interrupted. */
#define FHIR_EHR_E_NETWORK_INTERRUPTED 415

/** The EHR answered a search with something other than search results. */
#define FHIR_EHR_E_SEARCH_NOT_ANSWERED 416

/**
 * The EHR's answer to the patient search is not complete, so it does not show whether the patient exists.
 */
#define FHIR_EHR_E_PATIENT_SEARCH_INCOMPLETE 417

/** The EHR no longer uses the chart with this medical record number. */
#define FHIR_EHR_E_PATIENT_CHART_REPLACED 418

/** The address of the next page contains a user name or password, so it was not requested. */
#define FHIR_EHR_E_NEXT_LINK_CREDENTIALS 419

/** The link to the next page leads to a page that was already read. */
#define FHIR_EHR_E_NEXT_LINK_LOOP 420

/** The EHR's server redirected the request too many times. */
#define FHIR_EHR_E_REDIRECT_LOOP 421

/** The EHR did not grant the scope for this data, so the request was not sent. */
#define FHIR_EHR_E_SCOPE_NOT_GRANTED 422

/** The EHR refuses the request because its headers are too large. */
#define FHIR_EHR_E_REQUEST_HEADERS_TOO_LARGE 423

/** The mapping is not valid. */
#define FHIR_EHR_E_MAPPING_INVALID 501

/** The request is not valid. */
#define FHIR_EHR_E_REQUEST_INVALID 502

/** The application does not allow this user to do this in this project. */
#define FHIR_EHR_E_ACCESS_REFUSED 503

/** This pull exceeds a limit. */
#define FHIR_EHR_E_LIMIT_EXCEEDED 504

/** The search has more pages than limits.pages allows. Raise the limit or map fewer fields. */
#define FHIR_EHR_E_PAGE_LIMIT_REACHED 505

/** A stored record was encrypted with a key that is not in the key ring. Add that key to vault.keys. */
#define FHIR_EHR_E_VAULT_KEY_MISSING 601

/** A stored record cannot be decrypted. The key is wrong, or the record was changed or moved. */
#define FHIR_EHR_E_VAULT_OPEN_FAILED 602

/** No such staged row is waiting for adjudication. */
#define FHIR_EHR_E_ROW_NOT_FOUND 603

/**
 * A value of this record was changed after it was shown, so no decision was saved. Show the values again, then retry.
 */
#define FHIR_EHR_E_ROW_CONFLICT 604

/** Two accepted values would go into the same field of the record. Accept only one of them. */
#define FHIR_EHR_E_ADJUDICATION_AMBIGUOUS 605

/** No values with this save id are waiting for confirmation. */
#define FHIR_EHR_E_SAVE_NOT_FOUND 606

/**
 * The vault's index key is not the one that this store was created with. Without that key, nothing in the store can be found. Restore the original index_key.
 */
#define FHIR_EHR_E_INDEX_KEY_CHANGED 607

/** This record belongs to another patient. */
#define FHIR_EHR_E_RECORD_BOUND 608

/** This record holds values of more than one patient, so none of them is shown or handed out. */
#define FHIR_EHR_E_RECORD_MIXED 609

/**
 * A stored row cannot be decrypted because it was changed or moved in the store. List the damaged rows, remove them, and pull again.
 */
#define FHIR_EHR_E_ROW_DAMAGED 610

/** The store cannot be reached. Each change was saved completely or not at all. */
#define FHIR_EHR_E_STORE_UNAVAILABLE 701

/** Another process changed the stored record first. Retry. */
#define FHIR_EHR_E_STORE_CONFLICT 702

/** The file is not a fhir_ehr store, or a newer version created it. */
#define FHIR_EHR_E_STORE_FOREIGN 703

/** The store returned an impossible result, so the call was stopped. */
#define FHIR_EHR_E_STORE_INCONSISTENT 704

/** The client is in use by the call that invoked this hook. Do not call it from the hook. */
#define FHIR_EHR_E_BUSY 901

/** An internal error occurred in fhir_ehr. Please report it. */
#define FHIR_EHR_E_INTERNAL 902

/** For fhir_ehr_core_scopes(): the scopes of a launch from the EHR (EHR launch). */
#define FHIR_EHR_SCOPES_LAUNCH 1

/**
 * For fhir_ehr_core_scopes(): the scopes of a sign-in that starts in the application (standalone launch).
 */
#define FHIR_EHR_SCOPES_STANDALONE 2

/** For fhir_ehr_core_scopes(): the scopes of the system account. */
#define FHIR_EHR_SCOPES_SYSTEM 3

/** In a record's `operation`, in the store's `write`: write the record. */
#define FHIR_EHR_PUT 1

/** In a record's `operation`, in the store's `write`: delete the record. */
#define FHIR_EHR_DELETE 2

/** Returned by a hook that has done what it was asked to do. */
#define FHIR_EHR_HOOK_DONE 0

/**
 * Returned by a hook for a normal refusal: `write` found another version, another holder has the lease, the user is
 * not allowed. Any other value means that the hook failed.
 */
#define FHIR_EHR_HOOK_NO 1

/**
 * For the access hook, with an empty project: launch and sign in (fhir_ehr_client_handle_launch(),
 * fhir_ehr_client_sign_in(), fhir_ehr_client_finish_login(), and fhir_ehr_client_patient() without a project).
 */
#define FHIR_EHR_ACTION_LAUNCH 1

/** For the access hook: check or change the project's mapping (fhir_ehr_client_check_mapping()). */
#define FHIR_EHR_ACTION_MAP 2

/**
 * For the access hook: pull or look up a patient for the project (fhir_ehr_client_pull(), fhir_ehr_client_patient()).
 */
#define FHIR_EHR_ACTION_PULL 3

/**
 * For the access hook: see the project's staged and decided values, decide on them, save them and correct them.
 */
#define FHIR_EHR_ACTION_ADJUDICATE 4

/**
 * For the access hook, with an empty project: find and check sources (fhir_ehr_client_discover(),
 * fhir_ehr_client_check_source()).
 */
#define FHIR_EHR_ACTION_CONFIGURE 5

/** For the log hook: a normal event. */
#define FHIR_EHR_LEVEL_INFO 1

/** For the log hook: something was refused or is incomplete. */
#define FHIR_EHR_LEVEL_WARNING 2

/** For the log hook: something failed that should not fail. */
#define FHIR_EHR_LEVEL_ERROR 3

/**
 * Member of a staged row, text: A stable key. The same value of the same resource for the same study field
 * has the same key. A correction of a decided value has that value's key, a dot and a number.
 */
#define FHIR_EHR_ROW_KEY 1

/**
 * Member of a staged row, text: The state of the row in the workflow: pending, accepted, rejected,
 * handed_out or saved.
 */
#define FHIR_EHR_ROW_STATE 2

/**
 * Member of a staged row, `true` or `false`: Whether an earlier value of the same resource was decided and
 * this value differs from it.
 */
#define FHIR_EHR_ROW_CHANGED 3

/** Member of a staged row, text: The study record. */
#define FHIR_EHR_ROW_RECORD 4

/** Member of a staged row, text: The event of the study record, or empty. */
#define FHIR_EHR_ROW_EVENT 5

/** Member of a staged row, text: The field of the study record that takes the value. */
#define FHIR_EHR_ROW_STUDY_FIELD 6

/**
 * Member of a staged row, text: The EHR field that the value was read from, such as birthDate or 29463-7.
 */
#define FHIR_EHR_ROW_SOURCE_FIELD 7

/**
 * Member of a staged row, text: The value as text. It is empty after the value was saved or rejected, except
 * for list entries that are in the study record.
 */
#define FHIR_EHR_ROW_VALUE 8

/** Member of a staged row, text or absent: The time that the EHR gives for the value. */
#define FHIR_EHR_ROW_TIMESTAMP 9

/** Member of a staged row, text or absent: The code by which the value was found. */
#define FHIR_EHR_ROW_CODE 10

/** Member of a staged row, text or absent: The code system of FHIR_EHR_ROW_CODE. */
#define FHIR_EHR_ROW_CODE_SYSTEM 11

/** Member of a staged row, text or absent: The display text of FHIR_EHR_ROW_CODE. */
#define FHIR_EHR_ROW_DISPLAY 12

/** Member of a staged row, text or absent: The unit of a quantity. */
#define FHIR_EHR_ROW_UNIT 13

/** Member of a staged row, text: The type of the FHIR resource. */
#define FHIR_EHR_ROW_RESOURCE_TYPE 14

/** Member of a staged row, text: The id of the FHIR resource. */
#define FHIR_EHR_ROW_RESOURCE_ID 15

/** Member of a staged row, text or absent: The version of the FHIR resource. */
#define FHIR_EHR_ROW_VERSION_ID 16

/**
 * Member of a staged row, `true` or `false`: Whether the mapping's preselection rules propose this value for
 * acceptance.
 */
#define FHIR_EHR_ROW_PRESELECTED 17

/**
 * Member of a staged row, `true` or `false`: Whether the study field takes all accepted entries together,
 * one per line.
 */
#define FHIR_EHR_ROW_LIST 18

/**
 * Member of a staged row, decimal digits: The position of the row among the rows of the same study field and
 * event.
 */
#define FHIR_EHR_ROW_POSITION 19

/** Member of a staged row, text: The id of the source from which the value was pulled. */
#define FHIR_EHR_ROW_SOURCE 20

/** Member of a staged row, text: The id of the pull that returned the value. */
#define FHIR_EHR_ROW_PULL_ID 21

/** Member of a staged row, decimal digits: The time of that pull, in seconds since 1970-01-01 UTC. */
#define FHIR_EHR_ROW_PULLED_AT 22

/** Member of a staged row, text: The user whose sign-in was used for the pull. */
#define FHIR_EHR_ROW_PULLED_BY 23

/** Member of a staged row, text or absent: The id of the save set that contains the row. */
#define FHIR_EHR_ROW_SAVE_ID 24

/**
 * Member of a staged row, text: Identifies the row together with its current value, so that a decision
 * applies to exactly this value.
 */
#define FHIR_EHR_ROW_DECISION 25

/**
 * Member of a staged row, text: What the last pull found out about the value in the EHR: current, corrected
 * (a new value waits in a row of its own), gone (no longer in the EHR), not_matching (the resource no longer
 * gives this value for this field) or entered_in_error. It never changes a decision.
 */
#define FHIR_EHR_ROW_EHR_STATE 26

/**
 * Member of a staged row, `true` or `false`: Whether a user requested that the saved value be removed. The
 * next save set then removes it from the study record.
 */
#define FHIR_EHR_ROW_REMOVING 27

/** Member of a staged row, text or absent: The status of the FHIR resource, such as final or corrected. */
#define FHIR_EHR_ROW_RESOURCE_STATUS 28

/**
 * Member of a staged row, text or absent: The time exactly as the EHR sent it. FHIR_EHR_ROW_TIMESTAMP may be
 * converted to the time zone of the source's site.
 */
#define FHIR_EHR_ROW_TIME_SENT 29

/**
 * Member of a staged row, text or absent: The measured value before a unit conversion; absent if
 * FHIR_EHR_ROW_VALUE was not converted.
 */
#define FHIR_EHR_ROW_ORIGINAL_VALUE 30

/** Member of a staged row, text or absent: The unit of FHIR_EHR_ROW_ORIGINAL_VALUE. */
#define FHIR_EHR_ROW_ORIGINAL_UNIT 31

/**
 * For fhir_ehr_client_check_source_with(): also sends a production source a secret (for a public client: a client id)
 * that is certainly wrong, and compares the answers. The EHR may count failed attempts.
 */
#define FHIR_EHR_CHECK_TRY_WRONG_SECRET 1

/** A core with the hooks of a host. Create one for each request, or one for all of them. */
typedef struct fhir_ehr_client fhir_ehr_client;

/**
 * The checked configuration, and the connections to the EHRs with their TLS roots. Keep one for as long as a worker
 * process lives; the clients of many requests and threads share it. Each fhir_ehr_core_new(),
 * fhir_ehr_core_from_file() and fhir_ehr_core_for() needs its own fhir_ehr_core_free().
 */
typedef struct fhir_ehr_core fhir_ehr_core;

/**
 * Details of an error. It contains no token, secret, MRN or clinical value, so it may be logged and shown.
 */
typedef struct fhir_ehr_error fhir_ehr_error;

/** Staged rows. A handle never changes. */
typedef struct fhir_ehr_rows fhir_ehr_rows;

/** What a hook writes its results into. It is valid until the hook returns. */
typedef struct fhir_ehr_sink fhir_ehr_sink;

/** A text that the library returns: UTF-8. */
typedef struct fhir_ehr_text fhir_ehr_text;

/** What a function returns: 0 on success, otherwise one of FHIR_EHR_E_.... */
typedef int32_t fhir_ehr_status;

/**
 * One record of a store: what `write` receives, and what `get` and `scan` return through
 * fhir_ehr_sink_stored_record(). `sealed` is encrypted; the store uses the other columns to find, lock and expire
 * the record. Texts are UTF-8. Texts from the library end with a NUL that their length does not count; yours need
 * none.
 */
typedef struct fhir_ehr_stored_record {
    /** sizeof(fhir_ehr_stored_record), set by whoever fills in the record. */
    size_t struct_size;
    /**
     * In `write`: FHIR_EHR_PUT or FHIR_EHR_DELETE. A record to delete has only `kind`, `key` and `version`. In `get`
     * and `scan`: ignored.
     */
    uint32_t operation;
    /** 0. */
    uint32_t reserved;
    /**
     * `pending_launch`, `grant`, `user_link`, `index_key`, `launch`, `source_endpoints`, `staged_row`, `record_binding` or `pulled_row`; at most
     * 32 bytes. One batch may contain the last three together. Later versions may add kinds: store the text as it
     * is, not in an ENUM column.
     */
    const char *kind;
    /** Length of `kind` in bytes. */
    size_t kind_length;
    /** Unique within the kind; at most 64 bytes. */
    const char *key;
    /** Length of `key` in bytes. */
    size_t key_length;
    /** The organization that the record belongs to. */
    const char *organization;
    /** Length of `organization` in bytes. */
    size_t organization_length;
    /** The project, or empty. */
    const char *project;
    /** Length of `project` in bytes. */
    size_t project_length;
    /** A keyed hash of what the record is about, or empty; at most 64 bytes. */
    const char *subject;
    /** Length of `subject` in bytes. */
    size_t subject_length;
    /** A short word such as `pending`, or the id of a pull, or empty; at most 64 bytes. */
    const char *state;
    /** Length of `state` in bytes. */
    size_t state_length;
    /**
     * Seconds from now, on the store's clock, until the record expires; may be negative. FHIR_EHR_NEVER: it does not
     * expire.
     */
    int64_t expires_in;
    /**
     * In `get` and `scan`: the stored version, at least 1. In `write`: the version that the store must have now, or 0
     * if it must have no such record (an expired one counts as none). A written record gets this version plus 1.
     */
    int64_t version;
    /** The encrypted bytes. */
    const uint8_t *sealed;
    /** Number of encrypted bytes; at most 64 MiB. */
    size_t sealed_length;
} fhir_ehr_stored_record;

/** What a scan looks for: records whose columns equal every column here that is not NULL. */
typedef struct fhir_ehr_query {
    /** sizeof(fhir_ehr_query) of the library. */
    size_t struct_size;
    /** The kind; never NULL. */
    const char *kind;
    /** Length of `kind` in bytes. */
    size_t kind_length;
    /** The organization; never NULL. */
    const char *organization;
    /** Length of `organization` in bytes. */
    size_t organization_length;
    /** The project; NULL: any. */
    const char *project;
    /** Length of `project` in bytes. */
    size_t project_length;
    /** The subject; NULL: any. */
    const char *subject;
    /** Length of `subject` in bytes. */
    size_t subject_length;
    /** The state; NULL: any. */
    const char *state;
    /** Length of `state` in bytes. */
    size_t state_length;
    /** Only keys greater than this one, compared byte by byte; empty: from the first key. */
    const char *after;
    /** Length of `after` in bytes. */
    size_t after_length;
    /** The maximum number of records to return. */
    size_t limit;
} fhir_ehr_query;

/**
 * A store of the host. Each `write` is one transaction: all of its parts or none. An expired record counts as
 * absent; the store's clock decides. Every function is required except `purge_expired`. docs/stores.md explains the
 * rules and how to test a store.
 *
 * A hook that fails (it returns neither FHIR_EHR_HOOK_DONE nor FHIR_EHR_HOOK_NO) ends the current call with
 * FHIR_EHR_E_STORE_UNAVAILABLE. A result that cannot be right (another kind, key, organization or project than asked
 * for, a version or fence below 1, keys that do not increase, more records than asked for) ends it with
 * FHIR_EHR_E_STORE_INCONSISTENT.
 */
typedef struct fhir_ehr_store {
    /** sizeof(fhir_ehr_store). */
    size_t struct_size;
    /** Passed to every function; the library does not read it. */
    void *user_data;
    /** Returns the record with fhir_ehr_sink_stored_record(), or nothing if there is none. */
    int32_t (*get)(void *user_data,
                   const char *kind,
                   size_t kind_length,
                   const char *key,
                   size_t key_length,
                   struct fhir_ehr_sink *sink);
    /**
     * Writes or deletes all `count` records in one transaction. If the stored version of any record is not its
     * `version`, changes nothing and returns FHIR_EHR_HOOK_NO. The changes must survive a crash.
     */
    int32_t (*write)(void *user_data,
                     const struct fhir_ehr_stored_record *const *parts,
                     size_t count);
    /** Returns the matching records with fhir_ehr_sink_stored_record(), ordered by key, byte by byte. */
    int32_t (*scan)(void *user_data, const struct fhir_ehr_query *query, struct fhir_ehr_sink *sink);
    /**
     * Gives the lease `name` to `holder` for `seconds`, or extends it if `holder` already has it. Writes its fence, a
     * number greater than every fence before. Returns FHIR_EHR_HOOK_NO while another holder has the lease.
     */
    int32_t (*acquire_lease)(void *user_data,
                             const char *name,
                             size_t name_length,
                             const char *holder,
                             size_t holder_length,
                             int64_t seconds,
                             int64_t *fence);
    /** Ends the lease if it still has this holder and this fence; otherwise does nothing. */
    int32_t (*release_lease)(void *user_data,
                             const char *name,
                             size_t name_length,
                             const char *holder,
                             size_t holder_length,
                             int64_t fence);
    /**
     * Deletes expired records and writes how many it deleted. NULL: the host deletes them on its own schedule.
     */
    int32_t (*purge_expired)(void *user_data, uint64_t *count);
} fhir_ehr_store;

/**
 * The access hook: decides what a user may do. A client without one refuses every call that needs a decision, with
 * FHIR_EHR_E_ACCESS_REFUSED.
 *
 * If your application has already checked what its user may do, let the hook say yes:
 *
 * ```c
 * static int32_t allows(void *user_data, const char *user, size_t user_length,
 *                       const char *project, size_t project_length, uint32_t action)
 * {
 *     (void)user_data, (void)user, (void)user_length, (void)project, (void)project_length;
 *     return action <= FHIR_EHR_ACTION_CONFIGURE ? FHIR_EHR_HOOK_DONE : FHIR_EHR_HOOK_NO;
 * }
 *
 * static fhir_ehr_status set_access(fhir_ehr_client *client, fhir_ehr_error **error)
 * {
 *     fhir_ehr_access access = {0};
 *     access.struct_size = sizeof access;
 *     access.allows = allows;
 *     return fhir_ehr_client_set_access(client, &access, error);
 * }
 * ```
 */
typedef struct fhir_ehr_access {
    /** sizeof(fhir_ehr_access). */
    size_t struct_size;
    /** Passed to every function; the library does not read it. */
    void *user_data;
    /**
     * Whether `user` may do `action`, one of FHIR_EHR_ACTION_..., in `project`. Returns FHIR_EHR_HOOK_DONE for yes,
     * FHIR_EHR_HOOK_NO for no. Any other value means that the hook failed; the call is refused then too. Later
     * versions may ask about more actions: return FHIR_EHR_HOOK_NO for an action that you do not know.
     */
    int32_t (*allows)(void *user_data,
                      const char *user,
                      size_t user_length,
                      const char *project,
                      size_t project_length,
                      uint32_t action);
} fhir_ehr_access;

/**
 * The secret provider: returns the secrets that the configuration refers to as `hook:NAME`, for instance from a key
 * management service.
 */
typedef struct fhir_ehr_secret_provider {
    /** sizeof(fhir_ehr_secret_provider). */
    size_t struct_size;
    /** Passed to every function; the library does not read it. */
    void *user_data;
    /**
     * Returns the secret `name` as UTF-8 text with fhir_ehr_sink_write(). The library overwrites its copy after use. A
     * hook that fails or returns nothing ends the current call with FHIR_EHR_E_SECRET_UNAVAILABLE.
     */
    int32_t (*secret)(void *user_data,
                      const char *name,
                      size_t name_length,
                      struct fhir_ehr_sink *sink);
} fhir_ehr_secret_provider;

/**
 * The log hook: receives events. docs/events.md lists them. An event contains no token, secret, MRN, patient data or
 * URL.
 */
typedef struct fhir_ehr_log {
    /** sizeof(fhir_ehr_log). */
    size_t struct_size;
    /** Passed to every function; the library does not read it. */
    void *user_data;
    /**
     * One event: `level` is one of FHIR_EHR_LEVEL_..., `name` a word such as `pull_ended`, `fields` a JSON object whose
     * values are strings. The return value is ignored.
     */
    int32_t (*event)(void *user_data,
                     uint32_t level,
                     const char *name,
                     size_t name_length,
                     const char *fields,
                     size_t fields_length);
} fhir_ehr_log;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the loaded library, such as "0.1.0".
 *
 * The text is constant and valid while the library is loaded; do not free it. A pure function: it takes no lock, reads
 * no file and uses no thread-local, so the library can be unloaded after it.
 */
const char *fhir_ehr_version(void);

/**
 * The ABI level of the loaded library. Check at load time that it is at least FHIR_EHR_ABI_LEVEL, the level that your
 * program was compiled with.
 *
 * A pure function, as fhir_ehr_version().
 */
uint32_t fhir_ehr_abi_level(void);

/** The error's number, one of FHIR_EHR_E_...: the status that the call returned. 0 for NULL. */
fhir_ehr_status fhir_ehr_error_code(const struct fhir_ehr_error *error);

/**
 * What happened, in plain English and without a line break. "" for NULL.
 *
 * The text belongs to the error and is valid until fhir_ehr_error_free().
 */
const char *fhir_ehr_error_message(const struct fhir_ehr_error *error);

/**
 * What to do about it, for example which configuration entry to add. "" when there is no advice, and for NULL.
 *
 * The text belongs to the error and is valid until fhir_ehr_error_free().
 */
const char *fhir_ehr_error_hint(const struct fhir_ehr_error *error);

/**
 * The whole error as a JSON document (error.schema.json). "" for NULL. Members without a value are null.
 *
 * owner and retry are those of the EHR's own error, if docs/errors.md lists it; otherwise those of the code. ticket is a text of several
 * lines to paste into a ticket for the EHR team. A link is a page that a person may open; the library never requests it.
 *
 * ```json
 * {
 *   "code": 405, "name": "fhir_denied", "stage": "fhir", "owner": "ehr_team", "retry": "never",
 *   "message": "The EHR does not allow this sign-in to read this data. (HTTP 403, code 4130)",
 *   "cause": "The chart is protected by break-the-glass: Epic gives its data only to users who gave a reason in Epic.",
 *   "hint": null, "ticket": null, "http_status": 403,
 *   "vendor": {"code": "4130", "correlation_id": "1f9e0c", "client_id": null, "tenant": null, "link": null},
 *   "retry_after_seconds": null
 * }
 * ```
 *
 * The text belongs to the error and is valid until fhir_ehr_error_free().
 */
const char *fhir_ehr_error_json(const struct fhir_ehr_error *error);

/**
 * The stable name of the error's code, such as "state_unknown". "" for NULL.
 *
 * The text belongs to the error and is valid until fhir_ehr_error_free().
 */
const char *fhir_ehr_error_name(const struct fhir_ehr_error *error);

/** Frees an error. Does nothing for NULL. */
void fhir_ehr_error_free(struct fhir_ehr_error *error);

/**
 * The bytes of a text: UTF-8, followed by a NUL. "" for NULL.
 *
 * They belong to the text and are valid until fhir_ehr_text_free().
 */
const char *fhir_ehr_text_data(const struct fhir_ehr_text *text);

/** The length of a text in bytes, without the NUL that follows. 0 for NULL. */
size_t fhir_ehr_text_length(const struct fhir_ehr_text *text);

/** Overwrites and frees a text. Does nothing for NULL. */
void fhir_ehr_text_free(struct fhir_ehr_text *text);

/**
 * The JSON Schema of the configuration document: the same as the file config.schema.json.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). No I/O.
 */
fhir_ehr_status fhir_ehr_config_schema(struct fhir_ehr_text **text, struct fhir_ehr_error **error);

/**
 * All errors, for a help page or a translation, as JSON (error_table.schema.json):
 *
 * ```json
 * [{
 *   "code": 402, "name": "network_timeout", "stage": "fhir", "owner": "network_team", "retry": "later",
 *   "sentence": "The EHR's server did not answer in time."
 * }]
 * ```
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). No I/O.
 */
fhir_ehr_status fhir_ehr_error_table(struct fhir_ehr_text **text,
                                     struct fhir_ehr_error **error);

/**
 * The fields that a mapping can name, as JSON (field_catalog.schema.json). The list has the most used LOINC codes;
 * every other LOINC code is a valid field as well. `synonyms`: other words that people type to find the field.
 * `temporal`: the field's values have a time, so that a date window applies. `demographic`: fhir_ehr_client_patient()
 * can return the field.
 *
 * ```json
 * [{"name": "29463-7", "label": "Body weight", "category": "Vital signs",
 *   "synonyms": [], "temporal": true, "demographic": false}]
 * ```
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). No I/O.
 */
fhir_ehr_status fhir_ehr_field_catalog(struct fhir_ehr_text **text,
                                       struct fhir_ehr_error **error);

/**
 * Creates a core from a configuration document (config.schema.json). `base` is the folder that relative paths in the
 * document start from; empty: the current folder of the process, which is rarely right in a server. The document is
 * checked. Nothing is opened, read or sent yet.
 *
 * On success *core is a new core; free it with fhir_ehr_core_free().
 *
 * Errors: FHIR_EHR_E_CONFIG_INVALID, FHIR_EHR_E_URL_NOT_ALLOWED. The message names the entry and does not repeat its
 * content.
 */
fhir_ehr_status fhir_ehr_core_new(const char *config,
                                  size_t config_length,
                                  const char *base,
                                  size_t base_length,
                                  struct fhir_ehr_core **core,
                                  struct fhir_ehr_error **error);

/**
 * Creates a core from a configuration file. Relative paths in it start from the file's folder.
 *
 * On success *core is a new core; free it with fhir_ehr_core_free().
 *
 * Errors: as fhir_ehr_core_new(); FHIR_EHR_E_CONFIG_INVALID also when the file cannot be read.
 */
fhir_ehr_status fhir_ehr_core_from_file(const char *path,
                                        size_t path_length,
                                        struct fhir_ehr_core **core,
                                        struct fhir_ehr_error **error);

/**
 * Returns the core of a configuration document, for a host that keeps the document in its database. Pass the current
 * document with each request: all workers notice a change without a restart.
 *
 * Within one process, the same `config`, `base`, `max_seconds` and `max_bytes` return the same core with its open
 * connections. The eight most recently used cores are kept. A forked child creates its own. `config`, `base` and the
 * errors are those of fhir_ehr_core_new().
 *
 * `max_seconds` and `max_bytes` are caps that the server's administrator sets outside the configuration; 0: no cap.
 * `max_seconds` caps the limits `connect_seconds`, `request_seconds` and `pull_seconds`; `max_bytes` caps
 * `response_bytes`. A lower limit in the configuration stays as it is.
 *
 * On success *core is a core; free it with fhir_ehr_core_free(), even if it is the same one as before.
 */
fhir_ehr_status fhir_ehr_core_for(const char *config,
                                  size_t config_length,
                                  const char *base,
                                  size_t base_length,
                                  uint64_t max_seconds,
                                  uint64_t max_bytes,
                                  struct fhir_ehr_core **core,
                                  struct fhir_ehr_error **error);

/**
 * The sources of the configuration, as JSON (sources.schema.json). `name` is the id where no name is configured. The
 * endpoints are null where the configuration has none: they are discovered. `frame_ancestors` are the origins that
 * may show the application in a frame.
 *
 * ```json
 * [{
 *   "id": "main", "name": "Main hospital", "iss": "https://fhir.example.org/r4",
 *   "organization": "default", "environment": "production", "fhir_version": "r4", "vendor": "oracle", "system_account": false,
 *   "redirect_uris": ["https://research.example.org/ehr.php"],
 *   "frame_ancestors": ["https://ehr.example.org"],
 *   "authorization_endpoint": null, "token_endpoint": null,
 *   "mrn_systems": ["urn:oid:1.2.3"], "time_zone": "America/New_York"
 * }]
 * ```
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). No I/O.
 */
fhir_ehr_status fhir_ehr_core_sources(const struct fhir_ehr_core *core,
                                      struct fhir_ehr_text **text,
                                      struct fhir_ehr_error **error);

/**
 * The scopes that the library requests from a source, separated by spaces: the list to give your EHR team for the
 * registration. `which` is one of FHIR_EHR_SCOPES_....
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). No I/O.
 *
 * Errors: FHIR_EHR_E_SOURCE_NOT_FOUND; FHIR_EHR_E_REQUEST_INVALID for any other `which`.
 */
fhir_ehr_status fhir_ehr_core_scopes(const struct fhir_ehr_core *core,
                                     const char *source,
                                     size_t source_length,
                                     uint32_t which,
                                     struct fhir_ehr_text **text,
                                     struct fhir_ehr_error **error);

/**
 * What a person copies into the vendor's console to register the application for a source. `launch_url` is the URL at which the
 * EHR opens the application. `jwks_url` is where the application publishes its public keys; NULL if it has none.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (registration_sheet.schema.json). Show `label` and
 * `values` of each entry. `notes` are sentences about this vendor, and `warnings` about unusual scopes of the source. No I/O.
 *
 * ```json
 * {
 *   "source": "main", "vendor": "oracle", "environment": "production",
 *   "entries": [
 *     {"name": "launch_url", "label": "Launch URL", "values": ["https://app.example.org/ehr.php"]},
 *     {"name": "scopes_launch", "label": "Scopes of an EHR launch", "values": ["launch", "user/Patient.read"]}
 *   ],
 *   "notes": ["Register the application for SMART v1."], "warnings": []
 * }
 * ```
 *
 * Errors: FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_URL_NOT_ALLOWED.
 */
fhir_ehr_status fhir_ehr_core_registration_sheet(const struct fhir_ehr_core *core,
                                                 const char *source,
                                                 size_t source_length,
                                                 const char *launch_url,
                                                 size_t launch_url_length,
                                                 const char *jwks_url,
                                                 size_t jwks_url_length,
                                                 struct fhir_ehr_text **text,
                                                 struct fhir_ehr_error **error);

/**
 * The fewest scopes with which a mapping can be pulled from a source, and what the scopes of the source do not cover. `mapping` is
 * the mapping as CSV.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (minimum_scopes.schema.json). Show `warnings`. No
 * I/O.
 *
 * ```json
 * {
 *   "source": "main", "resource_types": ["Patient", "Condition"],
 *   "scopes_launch": ["openid", "fhirUser", "launch", "user/Patient.read", "user/Condition.read", "online_access"],
 *   "scopes_standalone": ["openid", "fhirUser", "user/Patient.read", "user/Condition.read", "online_access"],
 *   "scopes_system": [], "not_covered": ["Condition"], "partly_covered": [], "unused": [],
 *   "warnings": ["The scopes of the source do not cover Condition, which the mapping needs."]
 * }
 * ```
 *
 * Errors: FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_MAPPING_INVALID.
 */
fhir_ehr_status fhir_ehr_core_minimum_scopes(const struct fhir_ehr_core *core,
                                             const char *source,
                                             size_t source_length,
                                             const char *mapping,
                                             size_t mapping_length,
                                             struct fhir_ehr_text **text,
                                             struct fhir_ehr_error **error);

/**
 * Frees a core. Does nothing for NULL.
 *
 * Clients of the core keep working; its connections close when the last of them is freed. This function does not wait
 * for the network.
 */
void fhir_ehr_core_free(struct fhir_ehr_core *core);

/**
 * Writes the secret that the hook `secret` was asked for. The bytes are copied; further calls append to them.
 *
 * Returns 0, or FHIR_EHR_E_REQUEST_INVALID when `data` is NULL with a length, `sink` is NULL or is one for records, or
 * the secret is longer than 65536 bytes. Call it during the hook, on the hook's thread.
 */
fhir_ehr_status fhir_ehr_sink_write(struct fhir_ehr_sink *sink,
                                    const uint8_t *data,
                                    size_t length);

/**
 * Returns one record from a store's `get` (at most one) or `scan` (at most `limit`, ordered by key). Everything
 * that the record points to is copied. Set `struct_size` to sizeof(fhir_ehr_stored_record).
 *
 * Returns 0, or FHIR_EHR_E_REQUEST_INVALID when a pointer is NULL with a length, a text is not UTF-8 or longer than
 * 1 MiB, `sealed` is longer than 64 MiB, the kind is unknown, or the sink is NULL, is one for bytes, or has as many
 * records as were asked for. A refused record ends the current call with FHIR_EHR_E_STORE_INCONSISTENT, whatever
 * the hook returns. Call it during the hook, on the hook's thread.
 */
fhir_ehr_status fhir_ehr_sink_stored_record(struct fhir_ehr_sink *sink,
                                            const struct fhir_ehr_stored_record *record);

/** The number of rows. 0 for NULL. */
size_t fhir_ehr_rows_count(const struct fhir_ehr_rows *rows);

/**
 * One member of one row, as text. `index` is less than fhir_ehr_rows_count(), `member` is one of FHIR_EHR_ROW_....
 *
 * On success *data is the text, UTF-8 with a terminating NUL, and *length is its length in bytes without the NUL. For a
 * member that is absent, *data is NULL and *length is 0. The text belongs to the rows and is valid until
 * fhir_ehr_rows_free(). The call allocates nothing.
 *
 * ```c
 * static void print_weights(const fhir_ehr_rows *rows)
 * {
 *     const char *field, *value;
 *     size_t i, length;
 *
 *     for (i = 0; i < fhir_ehr_rows_count(rows); i++) {
 *         if (fhir_ehr_rows_get(rows, i, FHIR_EHR_ROW_STUDY_FIELD, &field, &length, NULL) == 0
 *             && fhir_ehr_rows_get(rows, i, FHIR_EHR_ROW_VALUE, &value, &length, NULL) == 0
 *             && strcmp(field, "weight") == 0)
 *             printf("%s\n", value);
 *     }
 * }
 * ```
 */
fhir_ehr_status fhir_ehr_rows_get(const struct fhir_ehr_rows *rows,
                                  size_t index,
                                  uint32_t member,
                                  const char **data,
                                  size_t *length,
                                  struct fhir_ehr_error **error);

/**
 * All rows as JSON (rows.schema.json): the members FHIR_EHR_ROW_... in lower case. `changed`, `preselected`, `list` and
 * `removing` are booleans, `position` and `pulled_at` are numbers, absent members are null.
 *
 * ```json
 * [{
 *   "key": "8f1c2ab0", "state": "pending", "changed": false, "record": "1004", "event": "",
 *   "study_field": "weight", "source_field": "29463-7", "value": "61.50",
 *   "timestamp": "2024-03-01T09:00:00-05:00", "code": "29463-7", "code_system": "http://loinc.org",
 *   "display": "Body Weight", "unit": "kg", "resource_type": "Observation", "resource_id": "w1",
 *   "version_id": "1", "preselected": true, "list": false, "position": 0, "source": "main",
 *   "pull_id": "k2Fq", "pulled_at": 1790000000, "pulled_by": "alice", "save_id": null,
 *   "ehr_state": "current", "removing": false, "resource_status": "final",
 *   "time_sent": "2024-03-01T14:00:00Z", "original_value": null, "original_unit": null,
 *   "decision": "8f1c2ab0~5d41402abc4b2a76"
 * }]
 * ```
 *
 * On success *text is a new text; free it with fhir_ehr_text_free().
 */
fhir_ehr_status fhir_ehr_rows_json(const struct fhir_ehr_rows *rows,
                                   struct fhir_ehr_text **text,
                                   struct fhir_ehr_error **error);

/**
 * The report of the pull that returned these rows, as JSON (pull_report.schema.json). Check `complete`: it is true when
 * everything that was requested was received.
 *
 * ```json
 * {
 *   "pull_id": "k2Fq", "patient_id": "12724066", "complete": false,
 *   "report": {
 *     "resources": {
 *       "Patient": {"status": "complete", "requests": 1, "received": 1, "with_rows": 1},
 *       "Observation": {
 *         "status": "complete", "requests": 2, "received": 4, "with_rows": 3, "discarded": {"no_value": 1}
 *       },
 *       "Condition": {
 *         "status": "denied", "requests": 1, "received": 0, "with_rows": 0,
 *         "reason": "The EHR refuses this data to this sign-in.",
 *         "error": {
 *           "code": 405, "name": "fhir_denied", "stage": "fhir", "owner": "ehr_team", "retry": "never",
 *           "message": "The EHR refuses this data to this sign-in.", "cause": null, "hint": null, "ticket": null,
 *           "http_status": 403,
 *           "vendor": {"code": null, "correlation_id": null, "client_id": null, "tenant": null, "link": null},
 *           "retry_after_seconds": null
 *         }
 *       }
 *     },
 *     "without_date": [],
 *     "not_preselected": [
 *       {"study_field": "glucose", "event": "", "source_field": "2345-7", "reason": "The units differ."}
 *     ],
 *     "merged": false, "warnings": [], "requests": 4, "refreshed": true
 *   }
 * }
 * ```
 *
 * For each resource type: `status` is `complete`, `partial` (something was received, and the responses do not prove that
 * it was everything), `denied`, `skipped` (no date for any of its windows) or `failed`. `received` counts each resource
 * once and is the sum of `with_rows` (resources that gave a row) and all counts in `discarded` (resources that gave none,
 * by reason). `discarded_ids` (for a pull with `explain`), `repeated`, `repeated_differently`, `reason` and `error` are
 * absent unless they apply. `without_date` lists fields whose window has no date. `merged` is true when the chart with
 * this MRN was merged into another one, which was used. `refreshed` says whether the access token was refreshed.
 *
 * For rows of fhir_ehr_client_staged() and fhir_ehr_client_decided() the report is "{}"; for NULL it is "".
 *
 * The text belongs to the rows and is valid until fhir_ehr_rows_free().
 */
const char *fhir_ehr_rows_report(const struct fhir_ehr_rows *rows);

/** Overwrites the values and frees the rows. Does nothing for NULL. */
void fhir_ehr_rows_free(struct fhir_ehr_rows *rows);

/**
 * Creates a client over a core. It opens, reads and sends nothing. Set the hooks next, then make calls.
 *
 * The vault's keys are read by the first call, so a new client notices a changed key file. You may free the core
 * before the client.
 *
 * On success *client is a new client; free it with fhir_ehr_client_free().
 */
fhir_ehr_status fhir_ehr_client_new(const struct fhir_ehr_core *core,
                                    struct fhir_ehr_client **client,
                                    struct fhir_ehr_error **error);

/**
 * Keeps records in the host's own store. Without it, or with NULL, the client uses the SQLite file of the
 * configuration. See HOOKS at the top of this file.
 *
 * Errors: FHIR_EHR_E_REQUEST_INVALID: a required function is NULL, `struct_size` is wrong, the table has hooks that this
 * version does not support, or the client has already been used.
 */
fhir_ehr_status fhir_ehr_client_set_store(struct fhir_ehr_client *client,
                                          const struct fhir_ehr_store *table,
                                          struct fhir_ehr_error **error);

/**
 * Sets the access hook, which decides what a user may do. NULL removes it. A client without an access hook refuses
 * every call that needs a decision, with FHIR_EHR_E_ACCESS_REFUSED; see fhir_ehr_access for a hook that allows
 * everything. See HOOKS at the top of this file.
 *
 * Errors: as fhir_ehr_client_set_store().
 */
fhir_ehr_status fhir_ehr_client_set_access(struct fhir_ehr_client *client,
                                           const struct fhir_ehr_access *table,
                                           struct fhir_ehr_error **error);

/**
 * Sets the secret provider, which returns the secrets that the configuration refers to as `hook:NAME`. NULL removes
 * it. See HOOKS at the top of this file.
 *
 * Errors: as fhir_ehr_client_set_store().
 */
fhir_ehr_status fhir_ehr_client_set_secret_provider(struct fhir_ehr_client *client,
                                                    const struct fhir_ehr_secret_provider *table,
                                                    struct fhir_ehr_error **error);

/**
 * Sets the log hook, which receives events. NULL removes it. See HOOKS at the top of this file.
 *
 * Errors: as fhir_ehr_client_set_store().
 */
fhir_ehr_status fhir_ehr_client_set_log(struct fhir_ehr_client *client,
                                        const struct fhir_ehr_log *table,
                                        struct fhir_ehr_error **error);

/**
 * Frees a client. Does nothing for NULL.
 *
 * If one of the client's own hooks frees it, it is freed when the current call ends. If another thread is inside the
 * client, this function waits for that thread's call to end. It does not wait for the network.
 */
void fhir_ehr_client_free(struct fhir_ehr_client *client);

/**
 * Handles the browser at the application's launch and redirect URL, which are one URL: the EHR opens it to launch the
 * application (`iss` and `launch`), and the authorization server redirects back to it (`state` with `code` or `error`).
 *
 * `query` is the query string of the request as it was received, without `?`. `session` identifies the browser's session
 * and must be a secret that only the application knows, such as its session id. `redirect_uri` is this URL, one of the
 * registered ones; take it from your configuration, never from the request.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (launch_result.schema.json), and its
 * `kind` says what to do next. `redirect`: send the browser to `url`.
 *
 * ```json
 * {"kind": "redirect", "url": "https://ehr.example.org/authorize?response_type=code&client_id=app"}
 * ```
 *
 * `form`: the `authorize_method` of the source is `post`. Show a page with a form of method POST to `url`, with `fields` as hidden
 * fields and a button. Escape the values. If a script submits the form, your Content-Security-Policy must allow it.
 *
 * ```json
 * {"kind": "form", "url": "https://ehr.example.org/authorize", "fields": {"client_id": "app", "state": "q3J0b2tlbg"}}
 * ```
 *
 * `signed_in`: `user` is signed in at `source`. Give the browser a new session id and redirect it to a URL without the
 * query. `expires_at` and `view_ends_at` are in seconds since 1970; see fhir_ehr_client_launch_view(). `smart_style_url` is
 * https or on the loopback interface, but the EHR wrote it: load it only from hosts that you know. `id_token` is `verified`,
 * `missing` (the EHR granted `openid` and sent none), `not_granted`, `not_requested`, or with the policy `soft` `rejected`: then
 * `id_token_error` has the name of the error, and nothing was taken from the token. `fhir_user` is null if the EHR names none.
 *
 * ```json
 * {
 *   "kind": "signed_in", "launch_id": "bGF1bmNo", "user": "alice", "source": "main",
 *   "context": {
 *     "patient": "12724066", "encounter": null, "ehr_user": "jdoe",
 *     "fhir_user": {"reference": "Practitioner/4464007", "resource_type": "Practitioner", "id": "4464007", "was_read": false,
 *                   "name": null},
 *     "id_token": "verified", "id_token_error": null,
 *     "need_patient_banner": true, "smart_style_url": null, "intent": null, "tenant": null,
 *     "fhir_context": [
 *       {"reference": "ImagingStudy/123", "canonical": null, "identifier_system": null, "identifier_value": null,
 *        "type": "ImagingStudy", "role": "launch"}
 *     ],
 *     "granted_scopes": "launch openid fhirUser patient/Observation.read",
 *     "missing_scopes": ["patient/Condition.read"], "partly_granted_scopes": [], "refresh_token_missing": false,
 *     "expires_at": 1790000000, "view_ends_at": 1790003600
 *   }
 * }
 * ```
 *
 * `login_required`: the EHR's user is not linked to a user of the application yet. Show the application's own login, then
 * call fhir_ehr_client_finish_login(). Keep `handover` in the session on the server.
 *
 * ```json
 * {"kind": "login_required", "handover": "q3J0b2tlbg", "ehr_user": "Practitioner/4464007", "source": "main"}
 * ```
 *
 * Errors: FHIR_EHR_E_LAUNCH_AMBIGUOUS, FHIR_EHR_E_LAUNCH_EMPTY, FHIR_EHR_E_SOURCE_NOT_FOUND,
 * FHIR_EHR_E_REDIRECT_URI_NOT_REGISTERED, FHIR_EHR_E_STATE_MISSING, FHIR_EHR_E_STATE_UNKNOWN,
 * FHIR_EHR_E_STATE_FOREIGN, FHIR_EHR_E_LAUNCH_EXPIRED, FHIR_EHR_E_AUTHORIZATION_DENIED,
 * FHIR_EHR_E_AUTHORIZATION_FAILED, FHIR_EHR_E_AUTHORIZATION_REJECTED, FHIR_EHR_E_ISSUER_MISMATCH, FHIR_EHR_E_DISCOVERY_FAILED,
 * FHIR_EHR_E_ENDPOINTS_CHANGED, FHIR_EHR_E_PKCE_NOT_SUPPORTED, those of the token
 * endpoint (301 to 305), those of the id_token (228 to 232), FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_EHR_USER_OF_ANOTHER; FHIR_EHR_E_REQUEST_INVALID when
 * `session` is blank.
 */
fhir_ehr_status fhir_ehr_client_handle_launch(struct fhir_ehr_client *client,
                                              const char *query,
                                              size_t query_length,
                                              const char *session,
                                              size_t session_length,
                                              const char *redirect_uri,
                                              size_t redirect_uri_length,
                                              struct fhir_ehr_text **text,
                                              struct fhir_ehr_error **error);

/**
 * Handles a request to the launch URL of one organization, such as `/launch/ORGANIZATION`: as
 * fhir_ehr_client_handle_launch(), but an `iss` of another organization is refused before anything is sent.
 * `organization` is the name of the organization in the configuration.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free().
 *
 * Errors: those of fhir_ehr_client_handle_launch(), FHIR_EHR_E_SOURCE_OF_OTHER_ORGANIZATION.
 */
fhir_ehr_status fhir_ehr_client_handle_organization_launch(struct fhir_ehr_client *client,
                                                           const char *organization,
                                                           size_t organization_length,
                                                           const char *query,
                                                           size_t query_length,
                                                           const char *session,
                                                           size_t session_length,
                                                           const char *redirect_uri,
                                                           size_t redirect_uri_length,
                                                           struct fhir_ehr_text **text,
                                                           struct fhir_ehr_error **error);

/**
 * Starts a sign-in from the application (standalone launch) for a user who is logged in there. `session` and
 * `redirect_uri` are those of fhir_ehr_client_handle_launch().
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is the URL to redirect the browser to. The
 * browser returns to `redirect_uri`: pass its query to fhir_ehr_client_handle_launch().
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_REDIRECT_URI_NOT_REGISTERED,
 * FHIR_EHR_E_DISCOVERY_FAILED, FHIR_EHR_E_ENDPOINTS_CHANGED, FHIR_EHR_E_PKCE_NOT_SUPPORTED; FHIR_EHR_E_REQUEST_INVALID when
 * `session` is blank, and for a source whose `authorize_method` is `post`: call fhir_ehr_client_start_sign_in().
 */
fhir_ehr_status fhir_ehr_client_sign_in(struct fhir_ehr_client *client,
                                        const char *source,
                                        size_t source_length,
                                        const char *user,
                                        size_t user_length,
                                        const char *session,
                                        size_t session_length,
                                        const char *redirect_uri,
                                        size_t redirect_uri_length,
                                        struct fhir_ehr_text **text,
                                        struct fhir_ehr_error **error);

/**
 * Starts a sign-in from the application, as fhir_ehr_client_sign_in() does, for sources with any `authorize_method`.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is the `redirect` or `form` document of
 * fhir_ehr_client_handle_launch() (launch_result.schema.json).
 *
 * Errors: those of fhir_ehr_client_sign_in().
 */
fhir_ehr_status fhir_ehr_client_start_sign_in(struct fhir_ehr_client *client,
                                              const char *source,
                                              size_t source_length,
                                              const char *user,
                                              size_t user_length,
                                              const char *session,
                                              size_t session_length,
                                              const char *redirect_uri,
                                              size_t redirect_uri_length,
                                              struct fhir_ehr_text **text,
                                              struct fhir_ehr_error **error);

/**
 * Finishes a launch whose result was `login_required`, after `user` has logged in to the application. It links the EHR's
 * user to `user`: later launches need no login. `handover` comes from that result and can be used once. `session` is the
 * one of the launch.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is the `signed_in` document of
 * fhir_ehr_client_handle_launch() (launch_result.schema.json).
 *
 * Errors: FHIR_EHR_E_HANDOVER_UNKNOWN, FHIR_EHR_E_STATE_FOREIGN, FHIR_EHR_E_LAUNCH_EXPIRED,
 * FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND when the source was removed from the configuration,
 * FHIR_EHR_E_EHR_USER_OF_ANOTHER when the EHR's user is linked to another user; FHIR_EHR_E_REQUEST_INVALID when `user` or
 * `session` is blank.
 */
fhir_ehr_status fhir_ehr_client_finish_login(struct fhir_ehr_client *client,
                                             const char *handover,
                                             size_t handover_length,
                                             const char *session,
                                             size_t session_length,
                                             const char *user,
                                             size_t user_length,
                                             struct fhir_ehr_text **text,
                                             struct fhir_ehr_error **error);

/**
 * Says whether the view of a launch is open: whether the application may still show the patient for whom the EHR opened it.
 * `user` is the user of the request, and `launch_id` is the one of the `signed_in` document of
 * fhir_ehr_client_handle_launch(). The access token is refreshed if it is about to expire, so call this for each page of the
 * view.
 *
 * With a refresh token the view ends `view_seconds` after the launch, otherwise with the access token. It ends earlier when
 * the EHR refuses a refresh and after fhir_ehr_client_end_launch_view(). For another user it is not open.
 *
 * The access hook is asked about FHIR_EHR_ACTION_LAUNCH with an empty project.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (launch_view.schema.json). `ended_by` is
 * null, `time`, `left`, `another_user`, `refused`, `source_changed` or `unknown`.
 *
 * ```json
 * {"open": true, "ends_at": 1790003600, "ended_by": null}
 * ```
 *
 * ```json
 * {"open": false, "ends_at": null, "ended_by": "refused"}
 * ```
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND. When the access token has expired and the token endpoint
 * does not answer, its error (301, 302, 304, 305, 308); the view is then neither open nor ended.
 */
fhir_ehr_status fhir_ehr_client_launch_view(struct fhir_ehr_client *client,
                                            const char *user,
                                            size_t user_length,
                                            const char *launch_id,
                                            size_t launch_id_length,
                                            struct fhir_ehr_text **text,
                                            struct fhir_ehr_error **error);

/**
 * Ends the view of a launch, when its user leaves it or signs out of the application. The view of another user stays as it
 * is. Ending a view that has ended is no error.
 *
 * The access hook is asked about FHIR_EHR_ACTION_LAUNCH with an empty project.
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED.
 */
fhir_ehr_status fhir_ehr_client_end_launch_view(struct fhir_ehr_client *client,
                                                const char *user,
                                                size_t user_length,
                                                const char *launch_id,
                                                size_t launch_id_length,
                                                struct fhir_ehr_error **error);

/**
 * Hands a launch with an open view off to another application. `url` is one of `handoff_urls` of the configuration, exactly
 * as it is written there.
 *
 * The access hook is asked about FHIR_EHR_ACTION_LAUNCH with an empty project.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is `url` with a handle in the parameter `handoff`:
 * redirect the browser to it. The other application redeems the handle with fhir_ehr_client_redeem_handoff(), once and
 * within `handoff_seconds`. Keep the URL out of logs until then.
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_HANDOFF_URL_NOT_ALLOWED, FHIR_EHR_E_VIEW_ENDED.
 */
fhir_ehr_status fhir_ehr_client_create_handoff(struct fhir_ehr_client *client,
                                               const char *user,
                                               size_t user_length,
                                               const char *launch_id,
                                               size_t launch_id_length,
                                               const char *url,
                                               size_t url_length,
                                               struct fhir_ehr_text **text,
                                               struct fhir_ehr_error **error);

/**
 * Redeems the handle of a handoff for the user and the launch context. `handle` is the value of the parameter `handoff` that
 * the other application received, and `secret` the secret that this application sent with it. A handle can be redeemed once.
 *
 * The access hook is asked about FHIR_EHR_ACTION_LAUNCH for the user of the launch, with an empty project.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is the `signed_in` document of
 * fhir_ehr_client_handle_launch() (launch_result.schema.json). Keep it out of logs.
 *
 * Errors: FHIR_EHR_E_HANDOFF_UNKNOWN, FHIR_EHR_E_HANDOFF_EXPIRED, FHIR_EHR_E_HANDOFF_FOREIGN (the handle stays valid for its
 * own application), FHIR_EHR_E_HANDOFF_URL_NOT_ALLOWED when the URL was removed from the configuration,
 * FHIR_EHR_E_VIEW_ENDED, FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SECRET_UNAVAILABLE.
 */
fhir_ehr_status fhir_ehr_client_redeem_handoff(struct fhir_ehr_client *client,
                                               const char *handle,
                                               size_t handle_length,
                                               const char *secret,
                                               size_t secret_length,
                                               struct fhir_ehr_text **text,
                                               struct fhir_ehr_error **error);

/**
 * Lists the launches of the last days (`launch_log_days`), the newest first, at most 1,000: for each, what arrived and where
 * it was handed off. Failed launches of one day with the same error are one entry with a `count`. The list has no value of a
 * launch: no patient, no encounter and no user.
 *
 * The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (launches.schema.json). Times are in seconds
 * since 1970. `kind` is `ehr`, `standalone` or null; `outcome` is `signed_in`, `login_required` or `failed`.
 *
 * ```json
 * [
 *   {"at": 1790000000, "source": "main", "kind": "ehr", "outcome": "signed_in", "error": null, "count": 1,
 *    "access_token": true, "patient": true, "encounter": false, "ehr_user": true, "refresh_token": false,
 *    "refresh_token_missing": true,
 *    "handoffs": [{"url": "https://study.example.org/start", "created_at": 1790000005, "redeemed_at": null}]}
 * ]
 * ```
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED.
 */
fhir_ehr_status fhir_ehr_client_launches(struct fhir_ehr_client *client,
                                         const char *user,
                                         size_t user_length,
                                         struct fhir_ehr_text **text,
                                         struct fhir_ehr_error **error);

/**
 * Lists the links from EHR users to users of the application, by source and application user. A launch of a linked EHR user needs no
 * login.
 *
 * The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (user_links.schema.json). `ehr_user` is what
 * identifies the EHR user, and `key` says where it comes from: `token_response`, `fhir_user`, `sub` or
 * `practitioner_identifier`. A link of an older version has null for `source`, `key` and `created_at` until it is used. The EHR wrote
 * some of these texts: escape them before you show them.
 *
 * ```json
 * [
 *   {"id": "bGluaw", "source": "main", "ehr_user": "Practitioner/4464007", "key": "fhir_user", "ehr_user_name": "Alex Doe",
 *    "application_user": "alice", "created_at": 1790000000, "damaged": false}
 * ]
 * ```
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED.
 */
fhir_ehr_status fhir_ehr_client_links(struct fhir_ehr_client *client,
                                      const char *user,
                                      size_t user_length,
                                      struct fhir_ehr_text **text,
                                      struct fhir_ehr_error **error);

/**
 * Removes a link. `id` is the one of fhir_ehr_client_links(). The next launch of its EHR user asks for the application's login, and
 * links the EHR user to whoever logs in. The grants of the application's user and open views are kept.
 *
 * The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_USER_LINK_NOT_FOUND.
 */
fhir_ehr_status fhir_ehr_client_unlink(struct fhir_ehr_client *client,
                                       const char *user,
                                       size_t user_length,
                                       const char *id,
                                       size_t id_length,
                                       struct fhir_ehr_error **error);

/**
 * Checks the mapping of a project before it is used: which source field (an EHR field) goes into which study field. `csv`
 * is CSV text with this header; a seventh column, `unit`, is optional and names the unit that a value must have to be
 * preselected. docs/fields.md explains the columns.
 *
 * ```csv
 * external_source_field_name,is_record_identifier,field_name,temporal_field,preselect,event_name
 * 29463-7,,weight,visit_date,NEAR,
 * ```
 *
 * The access hook is asked about FHIR_EHR_ACTION_MAP.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (mapping.schema.json). `warnings` are
 * sentences about lines that were ignored or are probably not what was intended.
 *
 * ```json
 * {
 *   "record_identifier": "mrn",
 *   "lines": [{
 *     "source_field": "29463-7", "label": "Body weight", "study_field": "weight", "event": "",
 *     "temporal_field": "visit_date", "preselect": "NEAR", "unit": null
 *   }],
 *   "warnings": []
 * }
 * ```
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_MAPPING_INVALID (the message names the line and says what to write).
 */
fhir_ehr_status fhir_ehr_client_check_mapping(struct fhir_ehr_client *client,
                                              const char *user,
                                              size_t user_length,
                                              const char *project,
                                              size_t project_length,
                                              const char *csv,
                                              size_t csv_length,
                                              struct fhir_ehr_text **text,
                                              struct fhir_ehr_error **error);

/**
 * Says whether a project may receive data of a source. `environment` is the project's: `sandbox`, `test` or `production`.
 * A production project may receive data of production sources only; a sandbox or test project may receive data of any
 * source. Call it before you offer a project for a patient of the source, and before you write anything about the patient
 * into the project. fhir_ehr_client_patient() and fhir_ehr_client_pull() apply the same rule
 * (FHIR_EHR_E_ENVIRONMENT_MISMATCH).
 *
 * The access hook is not asked. Neither the store nor the network is used.
 *
 * On success *may is 1 for yes, 0 for no.
 *
 * Errors: FHIR_EHR_E_SOURCE_NOT_FOUND; FHIR_EHR_E_REQUEST_INVALID for any other `environment`.
 */
fhir_ehr_status fhir_ehr_client_source_may_serve(struct fhir_ehr_client *client,
                                                 const char *source,
                                                 size_t source_length,
                                                 const char *environment,
                                                 size_t environment_length,
                                                 int32_t *may,
                                                 struct fhir_ehr_error **error);

/**
 * Pulls a patient's values from a source and stages them for review. `request` is JSON (pull_request.schema.json):
 *
 * ```json
 * {
 *   "user": "alice", "system": false, "source": "main",
 *   "project": {"id": "p17", "environment": "production"}, "record": "1004", "mrn": "M-1",
 *   "mapping": "external_source_field_name,is_record_identifier,field_name,temporal_field,preselect,event_name\n29463-7,,weight,visit_date,NEAR,\n",
 *   "dates": [{"field": "visit_date", "event": null, "date": "2024-03-01 14:30"}],
 *   "offset_days": 30, "offset_direction": "+-",
 *   "text": "exact", "launch_patient": null, "explain": false
 * }
 * ```
 *
 * Required: `source`, `project`, `record`, `mrn`, `mapping`, and either `user` or `"system": true` (read with the source's
 * system account instead of the user's sign-in). `offset_days` and `offset_direction` say how far from the date of its
 * `temporal_field` a value may be: by default 7 days before or after. `text` is `exact` (default) or `php14`; see
 * docs/fields.md. `launch_patient` is the `patient` of the launch context when the pull is made inside a launch: another
 * patient is refused. `explain` adds to the report the ids of resources that gave no row.
 *
 * The access hook is asked about FHIR_EHR_ACTION_PULL in the project.
 *
 * A pull never changes a value that was decided. If the EHR has another value now, that one waits in a row of its own
 * whose FHIR_EHR_ROW_CHANGED is `true`, and the decided row's FHIR_EHR_ROW_EHR_STATE is `corrected`.
 *
 * On success *rows is a new handle; free it with fhir_ehr_rows_free(). It contains all rows of the study record that are
 * staged now. Check `complete` in fhir_ehr_rows_report(): a resource type that the EHR refuses is not an error of the
 * call.
 *
 * Errors: FHIR_EHR_E_RECORD_BOUND when the record belongs to another patient: correct the MRN, or call
 * fhir_ehr_client_clear_pending() and pull again; FHIR_EHR_E_RECORD_MIXED, FHIR_EHR_E_ROW_DAMAGED,
 * FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_ENVIRONMENT_MISMATCH, FHIR_EHR_E_MAPPING_INVALID,
 * FHIR_EHR_E_GRANT_NOT_FOUND, FHIR_EHR_E_GRANT_EXPIRED, FHIR_EHR_E_REFRESH_BUSY, those of the token endpoint (301 to
 * 305), those of the FHIR server and the patient (401 to 423), FHIR_EHR_E_LIMIT_EXCEEDED. Nothing is staged then.
 */
fhir_ehr_status fhir_ehr_client_pull(struct fhir_ehr_client *client,
                                     const char *request,
                                     size_t request_length,
                                     struct fhir_ehr_rows **rows,
                                     struct fhir_ehr_error **error);

/**
 * Looks up one patient, for a patient banner or to find the study record. It stages and stores nothing. `request` is JSON
 * (patient_request.schema.json): the patient of the user's own launch, by FHIR id,
 *
 * ```json
 * {"user": "alice", "source": "main", "patient_id": "12724066", "fields": ["name-family", "birthDate"]}
 * ```
 *
 * or a patient for a project, by MRN or FHIR id, with the user's sign-in or with the system account:
 *
 * ```json
 * {
 *   "system": true, "source": "main",
 *   "project": {"id": "p17", "environment": "production", "system_account": true},
 *   "mrn": "M-1", "fields": ["name-family", "birthDate"], "text": "exact"
 * }
 * ```
 *
 * `fields` are at most five demographic fields of fhir_ehr_field_catalog(). Exactly one of `mrn` and `patient_id` is
 * required.
 *
 * The access hook is asked about FHIR_EHR_ACTION_PULL in the project; without a project about FHIR_EHR_ACTION_LAUNCH.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (patient.schema.json). A field without a
 * value is absent from `values`; `mrns` may be empty. Keep the document out of logs.
 *
 * ```json
 * {"patient_id": "12724066", "mrns": ["M-1"], "other_ids": {"dstu2": "4342012"},
 *  "values": {"name-family": "Example", "birthDate": "1970-01-01"}}
 * ```
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_ENVIRONMENT_MISMATCH,
 * FHIR_EHR_E_GRANT_NOT_FOUND, FHIR_EHR_E_GRANT_EXPIRED, FHIR_EHR_E_REFRESH_BUSY, those of the token endpoint (301 to
 * 305), those of the FHIR server and the patient (401 to 423).
 */
fhir_ehr_status fhir_ehr_client_patient(struct fhir_ehr_client *client,
                                        const char *request,
                                        size_t request_length,
                                        struct fhir_ehr_text **text,
                                        struct fhir_ehr_error **error);

/**
 * The rows that wait for a decision or for saving: of one study record, or of the whole project if `record` is NULL with
 * length 0. FHIR_EHR_ROW_EHR_STATE says whether the EHR still has the value. The rows of a project do not include study
 * records that contain values of two patients or a row that cannot be decrypted; the log hook gets their number with the
 * events `record_mixed` and `row_damaged`.
 *
 * On success *rows is a new handle; free it with fhir_ehr_rows_free().
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED; for one record FHIR_EHR_E_RECORD_MIXED (see fhir_ehr_client_clear_pending()) and
 * FHIR_EHR_E_ROW_DAMAGED (see fhir_ehr_client_remove_damaged()).
 */
fhir_ehr_status fhir_ehr_client_staged(struct fhir_ehr_client *client,
                                       const char *user,
                                       size_t user_length,
                                       const char *project,
                                       size_t project_length,
                                       const char *record,
                                       size_t record_length,
                                       struct fhir_ehr_rows **rows,
                                       struct fhir_ehr_error **error);

/**
 * Accepts and rejects rows of a study record, all of them or none. `decisions` is JSON (decisions.schema.json); rows that
 * it does not name stay as they are:
 *
 * ```json
 * {"accept": ["8f1c2ab0~5d41402abc4b2a76"], "reject": []}
 * ```
 *
 * Name a row by its FHIR_EHR_ROW_DECISION: if a pull has changed the value since it was shown, the call fails with
 * FHIR_EHR_E_ROW_CONFLICT. A FHIR_EHR_ROW_KEY names the row whatever its value is now.
 *
 * On success *count is the number of rows decided.
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_ROW_NOT_FOUND, FHIR_EHR_E_ADJUDICATION_AMBIGUOUS,
 * FHIR_EHR_E_ROW_CONFLICT, FHIR_EHR_E_RECORD_MIXED.
 */
fhir_ehr_status fhir_ehr_client_adjudicate(struct fhir_ehr_client *client,
                                           const char *user,
                                           size_t user_length,
                                           const char *project,
                                           size_t project_length,
                                           const char *record,
                                           size_t record_length,
                                           const char *decisions,
                                           size_t decisions_length,
                                           size_t *count,
                                           struct fhir_ehr_error **error);

/**
 * Takes decisions of a study record back: accepted rows wait for a decision again, and rows that
 * fhir_ehr_client_remove_saved() marked count as saved again. `keys` is a JSON list of FHIR_EHR_ROW_KEY or
 * FHIR_EHR_ROW_DECISION (keys.schema.json). Values that fhir_ehr_client_values_to_save() has returned cannot be taken
 * back.
 *
 * On success *count is the number of rows taken back.
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_ROW_NOT_FOUND, FHIR_EHR_E_ROW_CONFLICT, FHIR_EHR_E_RECORD_MIXED.
 */
fhir_ehr_status fhir_ehr_client_reopen(struct fhir_ehr_client *client,
                                       const char *user,
                                       size_t user_length,
                                       const char *project,
                                       size_t project_length,
                                       const char *record,
                                       size_t record_length,
                                       const char *keys,
                                       size_t keys_length,
                                       size_t *count,
                                       struct fhir_ehr_error **error);

/**
 * Returns the accepted values of a study record for saving. Each value is returned by one call only. Save them, then call
 * fhir_ehr_client_confirm_saved(); if saving failed, call fhir_ehr_client_return_unsaved(), and the next call returns
 * them again. A list is returned as a whole, with the entries that were saved before, and not while it is already being
 * saved. For a value to remove (fhir_ehr_client_remove_saved()), `value` is empty, or the list lacks the entry: write that
 * too.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (save_set.schema.json). `save_id` is
 * empty if there is nothing to save.
 *
 * ```json
 * {
 *   "save_id": "3kq0Zt", "record": "1004",
 *   "values": [{
 *     "event": "", "study_field": "weight", "value": "61.50", "unit": "kg",
 *     "timestamp": "2024-03-01T09:00:00-05:00", "keys": ["8f1c2ab0"]
 *   }]
 * }
 * ```
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_ROW_CONFLICT, FHIR_EHR_E_RECORD_MIXED.
 */
fhir_ehr_status fhir_ehr_client_values_to_save(struct fhir_ehr_client *client,
                                               const char *user,
                                               size_t user_length,
                                               const char *project,
                                               size_t project_length,
                                               const char *record,
                                               size_t record_length,
                                               struct fhir_ehr_text **text,
                                               struct fhir_ehr_error **error);

/**
 * Confirms that the application has saved a set of fhir_ehr_client_values_to_save(). The values are erased here and do not
 * come back as new. Entries of lists keep their text while they are in the study record, because a list is always
 * written as a whole. The access hook is not asked.
 *
 * On success *count is the number of rows in the set; 0 for the empty `save_id` of a set without values.
 *
 * Errors: FHIR_EHR_E_SAVE_NOT_FOUND, FHIR_EHR_E_ROW_CONFLICT.
 */
fhir_ehr_status fhir_ehr_client_confirm_saved(struct fhir_ehr_client *client,
                                              const char *project,
                                              size_t project_length,
                                              const char *record,
                                              size_t record_length,
                                              const char *save_id,
                                              size_t save_id_length,
                                              size_t *count,
                                              struct fhir_ehr_error **error);

/**
 * Returns a set of fhir_ehr_client_values_to_save() that the application could not save. The next call of that function
 * returns the values again. The access hook is not asked.
 *
 * On success *count is the number of rows in the set; 0 for the empty `save_id` of a set without values.
 *
 * Errors: FHIR_EHR_E_SAVE_NOT_FOUND, FHIR_EHR_E_ROW_CONFLICT.
 */
fhir_ehr_status fhir_ehr_client_return_unsaved(struct fhir_ehr_client *client,
                                               const char *project,
                                               size_t project_length,
                                               const char *record,
                                               size_t record_length,
                                               const char *save_id,
                                               size_t save_id_length,
                                               size_t *count,
                                               struct fhir_ehr_error **error);

/**
 * Deletes expired records from the store. Call it regularly, for example once a day. The access hook is not asked.
 *
 * On success *count is the number of deleted records.
 */
fhir_ehr_status fhir_ehr_client_purge_expired(struct fhir_ehr_client *client,
                                              size_t *count,
                                              struct fhir_ehr_error **error);

/**
 * The rows of a study record that were saved or rejected, in the order of fhir_ehr_client_staged(). Their values are
 * erased, except for entries of lists that are in the study record. FHIR_EHR_ROW_EHR_STATE says whether the EHR still has
 * the value. A saved row that fhir_ehr_client_remove_saved() marked is among the rows of fhir_ehr_client_staged() until the
 * removal is saved.
 *
 * On success *rows is a new handle; free it with fhir_ehr_rows_free().
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_RECORD_MIXED.
 */
fhir_ehr_status fhir_ehr_client_decided(struct fhir_ehr_client *client,
                                        const char *user,
                                        size_t user_length,
                                        const char *project,
                                        size_t project_length,
                                        const char *record,
                                        size_t record_length,
                                        struct fhir_ehr_rows **rows,
                                        struct fhir_ehr_error **error);

/**
 * The sources that have the chart of the record's patient, in the order in which they were first used.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is a JSON list of source ids (keys.schema.json); it
 * is empty for a record without a patient:
 *
 * ```json
 * ["main"]
 * ```
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED (it asks for FHIR_EHR_ACTION_PULL), FHIR_EHR_E_ROW_DAMAGED.
 */
fhir_ehr_status fhir_ehr_client_record_sources(struct fhir_ehr_client *client,
                                               const char *user,
                                               size_t user_length,
                                               const char *project,
                                               size_t project_length,
                                               const char *record,
                                               size_t record_length,
                                               struct fhir_ehr_text **text,
                                               struct fhir_ehr_error **error);

/**
 * Marks saved values for removal from the study record. `keys` is a JSON list (keys.schema.json) of `saved` rows of
 * fhir_ehr_client_decided(), each named by its FHIR_EHR_ROW_DECISION or its FHIR_EHR_ROW_KEY:
 *
 * ```json
 * ["8f1c2ab0~5d41402abc4b2a76"]
 * ```
 *
 * The next fhir_ehr_client_values_to_save() returns an empty value for their study fields, or the list without the entry.
 * After fhir_ehr_client_confirm_saved() the rows count as rejected and do not come back as new. Until
 * fhir_ehr_client_values_to_save() has returned them, fhir_ehr_client_reopen() cancels the removal.
 *
 * On success *count is the number of values to remove.
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_ROW_NOT_FOUND (a key names no saved row, or the study record contains a
 * later version of the value), FHIR_EHR_E_ADJUDICATION_AMBIGUOUS (another accepted value is waiting to be saved into the
 * same study field), FHIR_EHR_E_ROW_CONFLICT, FHIR_EHR_E_RECORD_MIXED.
 */
fhir_ehr_status fhir_ehr_client_remove_saved(struct fhir_ehr_client *client,
                                             const char *user,
                                             size_t user_length,
                                             const char *project,
                                             size_t project_length,
                                             const char *record,
                                             size_t record_length,
                                             const char *keys,
                                             size_t keys_length,
                                             size_t *count,
                                             struct fhir_ehr_error **error);

/**
 * Deletes the rows of a study record that wait for a decision, so that a wrong MRN can be corrected. If no value of the
 * record is accepted or saved, the record is no longer bound to a patient, and the next pull may be for another one. If
 * the record contains values of two patients (FHIR_EHR_E_RECORD_MIXED), accepted values that were not returned for saving
 * are deleted too, because nothing shows which patient they belong to. The log hook gets the event `pending_cleared`.
 *
 * On success *count is the number of deleted rows; 0 if none waited.
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_ROW_CONFLICT.
 */
fhir_ehr_status fhir_ehr_client_clear_pending(struct fhir_ehr_client *client,
                                              const char *user,
                                              size_t user_length,
                                              const char *project,
                                              size_t project_length,
                                              const char *record,
                                              size_t record_length,
                                              size_t *count,
                                              struct fhir_ehr_error **error);

/**
 * Deletes stored rows that cannot be decrypted although their key is in the key ring: they were changed or moved in the
 * store. `record` is a study record, or NULL with length 0 for the whole project. Until the rows are deleted, calls for
 * their study record fail with FHIR_EHR_E_ROW_DAMAGED, and the rows of the project do not include that record. The next
 * pull returns the values as new ones; decisions that the deleted rows contained are lost. The log hook gets the event
 * `damaged_removed`.
 *
 * On success *count is the number of deleted rows; 0 if none was damaged.
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_VAULT_KEY_MISSING, FHIR_EHR_E_VAULT_OPEN_FAILED (the key of a damaged row
 * decrypts no other row of the project, so the key itself may be wrong).
 */
fhir_ehr_status fhir_ehr_client_remove_damaged(struct fhir_ehr_client *client,
                                               const char *user,
                                               size_t user_length,
                                               const char *project,
                                               size_t project_length,
                                               const char *record,
                                               size_t record_length,
                                               size_t *count,
                                               struct fhir_ehr_error **error);

/**
 * Finds the endpoints and the FHIR version of a server, for an administrator who adds it to the configuration. `iss` is
 * the FHIR base URL: https, or http on the loopback interface. An administrator must have typed it; never take it from a
 * launch or any other request. TLS settings and limits are those of the configuration. Redirects to another origin are
 * not followed. The store is not used.
 *
 * The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (discovery.schema.json). The server wrote
 * these texts: escape them before you show them. `fhir_version` is null when the server names no version that this
 * library supports.
 *
 * ```json
 * {
 *   "authorization_endpoint": "https://ehr.example.org/authorize",
 *   "token_endpoint": "https://ehr.example.org/token", "introspection_endpoint": null, "revocation_endpoint": null,
 *   "management_endpoint": null, "registration_endpoint": null, "jwks_uri": "https://ehr.example.org/jwks",
 *   "issuer": "https://ehr.example.org", "fhir_version": "r4",
 *   "found_in": "smart-configuration", "scopes_supported": ["openid", "launch"],
 *   "capabilities": ["launch-ehr", "launch-standalone"], "code_challenge_methods": ["S256"], "vendor": "oracle"
 * }
 * ```
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_URL_NOT_ALLOWED (nothing was sent), FHIR_EHR_E_DISCOVERY_FAILED, those of
 * the network (401, 402, 403, 413, 414, 415).
 */
fhir_ehr_status fhir_ehr_client_discover(struct fhir_ehr_client *client,
                                         const char *user,
                                         size_t user_length,
                                         const char *iss,
                                         size_t iss_length,
                                         struct fhir_ehr_text **text,
                                         struct fhir_ehr_error **error);

/**
 * Requests the endpoints that a source publishes now, and stores them as approved. From then on, a launch or a token request fails
 * with FHIR_EHR_E_ENDPOINTS_CHANGED when the server publishes another endpoint, and nothing is sent there. Call it again after your
 * EHR team has confirmed a change.
 *
 * The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (approved_endpoints.schema.json).
 *
 * ```json
 * {
 *   "found_in": "smart-configuration",
 *   "endpoints": {
 *     "authorization_endpoint": "https://ehr.example.org/authorize",
 *     "token_endpoint": "https://ehr.example.org/token", "issuer": "https://ehr.example.org"
 *   }
 * }
 * ```
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_DISCOVERY_FAILED, those of the network and of the
 * store.
 */
fhir_ehr_status fhir_ehr_client_approve_endpoints(struct fhir_ehr_client *client,
                                                  const char *user,
                                                  size_t user_length,
                                                  const char *source,
                                                  size_t source_length,
                                                  struct fhir_ehr_text **text,
                                                  struct fhir_ehr_error **error);

/** Checks a source: fhir_ehr_client_check_source_with() with 0 as `flags`. */
fhir_ehr_status fhir_ehr_client_check_source(struct fhir_ehr_client *client,
                                             const char *user,
                                             size_t user_length,
                                             const char *source,
                                             size_t source_length,
                                             struct fhir_ehr_text **text,
                                             struct fhir_ehr_error **error);

/**
 * Checks that a source works as it is configured: base URL and FHIR version, endpoints, client id and secret, system
 * account, redirect URIs, names of resource types, secrets, vault keys, CA file and store. It requests no patient data.
 * It writes a test record to the store and deletes it. A failed step is not an error of the call, and the next steps run
 * anyway.
 *
 * `flags` is 0 or FHIR_EHR_CHECK_TRY_WRONG_SECRET. A source that is not a production source gets a wrong secret in any
 * case.
 *
 * The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (check_steps.schema.json). `finding` is a
 * stable id; docs/administrator.md lists them. `owner` (who can fix it) and `error` (the name of the error it leads to)
 * are null unless there is something to fix.
 *
 * ```json
 * [
 *   {"name": "metadata", "finding": "metadata_ok", "status": "ok", "text": "FHIR R4.", "hint": null,
 *    "owner": null, "error": null},
 *   {"name": "client", "finding": "client_rejected", "status": "failed",
 *    "text": "The EHR does not accept the client id or the secret.", "hint": "Ask your EHR team.",
 *    "owner": "ehr_team", "error": "invalid_client"}
 * ]
 * ```
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND; FHIR_EHR_E_REQUEST_INVALID for an unknown flag.
 */
fhir_ehr_status fhir_ehr_client_check_source_with(struct fhir_ehr_client *client,
                                                  const char *user,
                                                  size_t user_length,
                                                  const char *source,
                                                  size_t source_length,
                                                  uint32_t flags,
                                                  struct fhir_ehr_text **text,
                                                  struct fhir_ehr_error **error);

/**
 * The JWKS document of a key ring, to serve at the URL that is registered at the EHRs. Serve it without a login, with the
 * media type `application/json` and with `cache_control` as the header `Cache-Control`. It contains public keys only: the
 * current key, and the next and retired ones. `key_ring` is the name of the ring in the configuration.
 *
 * The access hook is not asked. Neither the store nor the network is used. The secret provider is asked for keys that the
 * configuration writes as `hook:NAME`.
 *
 * On success *json and *cache_control are new texts; free both with fhir_ehr_text_free().
 *
 * Errors: FHIR_EHR_E_REQUEST_INVALID (the configuration has no such key ring), FHIR_EHR_E_SECRET_UNAVAILABLE,
 * FHIR_EHR_E_CONFIG_INVALID (a key cannot be used).
 */
fhir_ehr_status fhir_ehr_client_jwks(struct fhir_ehr_client *client,
                                     const char *key_ring,
                                     size_t key_ring_length,
                                     struct fhir_ehr_text **json,
                                     struct fhir_ehr_text **cache_control,
                                     struct fhir_ehr_error **error);

/**
 * Signs a user out of a source, by the user's own request: removes the user's stored grants there, ends the views and the sign-ins
 * that are under way, and revokes the tokens at the EHR. Grants of other users are not touched. An EHR that does not answer keeps
 * no grant in use; the call waits at most 10 seconds for it.
 *
 * The access hook is asked about FHIR_EHR_ACTION_LAUNCH with an empty project.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (signed_out.schema.json): one entry for each grant
 * that was removed. `refresh_token` and `access_token` are `absent`, `expired`, `revoked`, `not_supported` (the EHR does not revoke
 * such tokens) or `not_revoked` (the EHR did not confirm it). With `retry_until`, fhir_ehr_client_keep_alive() retries the revocation.
 *
 * ```json
 * [
 *   {"source": "main", "patient_bound": false, "refresh_token": "revoked", "access_token": "not_supported",
 *    "access_token_valid_until": 1790000570, "error": "revocation_not_supported",
 *    "message": "The EHR does not revoke this token. It remains valid at the EHR until it expires.", "retry_until": null}
 * ]
 * ```
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_REQUEST_INVALID when `user` is empty, those of the
 * store.
 */
fhir_ehr_status fhir_ehr_client_sign_out(struct fhir_ehr_client *client,
                                         const char *user,
                                         size_t user_length,
                                         const char *source,
                                         size_t source_length,
                                         struct fhir_ehr_text **text,
                                         struct fhir_ehr_error **error);

/**
 * Signs another user out of a source, for an administrator: as fhir_ehr_client_sign_out().
 *
 * The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (signed_out.schema.json).
 *
 * Errors: those of fhir_ehr_client_sign_out().
 */
fhir_ehr_status fhir_ehr_client_sign_out_user(struct fhir_ehr_client *client,
                                              const char *administrator,
                                              size_t administrator_length,
                                              const char *user,
                                              size_t user_length,
                                              const char *source,
                                              size_t source_length,
                                              struct fhir_ehr_text **text,
                                              struct fhir_ehr_error **error);

/**
 * Removes the stored token of a source's system account, for an administrator, and revokes it at the EHR. The next call that needs
 * a token requests another one.
 *
 * The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (signed_out.schema.json).
 *
 * Errors: those of fhir_ehr_client_sign_out().
 */
fhir_ehr_status fhir_ehr_client_sign_out_system_account(struct fhir_ehr_client *client,
                                                        const char *administrator,
                                                        size_t administrator_length,
                                                        const char *source,
                                                        size_t source_length,
                                                        struct fhir_ehr_text **text,
                                                        struct fhir_ehr_error **error);

/**
 * Removes what is stored about the sign-ins of a user who leaves, for an administrator: the grants at all sources, which are
 * revoked, the links from EHR users to the user, the views, and the sign-ins that are under way. Staged rows and decisions stay.
 *
 * The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (user_removal.schema.json). `grants` is as in
 * fhir_ehr_client_sign_out(); `links` is the number of links.
 *
 * ```json
 * {"grants": [], "links": 1}
 * ```
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_REQUEST_INVALID when `user` is empty, those of the store.
 */
fhir_ehr_status fhir_ehr_client_remove_user(struct fhir_ehr_client *client,
                                            const char *administrator,
                                            size_t administrator_length,
                                            const char *user,
                                            size_t user_length,
                                            struct fhir_ehr_text **text,
                                            struct fhir_ehr_error **error);

/**
 * Lists the stored grants, one page of them, for an administrator: who is signed in at which source, until when, and who must act.
 * `after` is NULL for the first page, and then the `next` of the page before. `limit` is from 1 to 1,000. The list has no token and
 * no id of a patient. Nothing is sent.
 *
 * The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (grants.schema.json). Times are in seconds since
 * 1970. `status` is `active`, `no_refresh_token`, `expired`, `suspect`, `suspended` or `revoked`; `lapse` is what ends the sign-in;
 * `action` is `none`, `sign_in`, `ask_ehr_team` or `check_configuration`. `unreadable` has the records that cannot be decrypted.
 *
 * ```json
 * {
 *   "grants": [
 *     {"source": "main", "user": "alice", "system_account": false, "patient_bound": false, "status": "active",
 *      "signed_in_at": 1790000000, "refreshed_at": null, "access_token_expires_at": 1790000570, "refresh_token": true,
 *      "lapse": "unused", "lapses_at": 1797776000, "trouble_since": null, "action": "none", "advice": null, "warnings": []}
 *   ],
 *   "unreadable": [], "next": null
 * }
 * ```
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_REQUEST_INVALID for another `limit`, those of the store.
 */
fhir_ehr_status fhir_ehr_client_grants(struct fhir_ehr_client *client,
                                       const char *administrator,
                                       size_t administrator_length,
                                       const char *after,
                                       size_t after_length,
                                       size_t limit,
                                       struct fhir_ehr_text **text,
                                       struct fhir_ehr_error **error);

/**
 * Asks the EHR about the stored tokens of a user at a source (RFC 7662), for an administrator. `user` is NULL for the system
 * account. The result has no token, and nothing about the patient or the user.
 *
 * The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (introspections.schema.json). The EHR wrote the texts:
 * escape them before you show them.
 *
 * ```json
 * [
 *   {"token": "access_token", "patient_bound": false, "active": true, "scope": "user/Patient.read", "client_id": "app",
 *    "own_client": true, "token_type": "Bearer", "expires_at": 1790000570, "issued_at": null, "issuer": null}
 * ]
 * ```
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_GRANT_NOT_FOUND,
 * FHIR_EHR_E_INTROSPECTION_NOT_SUPPORTED, FHIR_EHR_E_INTROSPECTION_FAILED, FHIR_EHR_E_INVALID_CLIENT,
 * FHIR_EHR_E_TOKEN_UNAVAILABLE, those of discovery, the network and the store.
 */
fhir_ehr_status fhir_ehr_client_introspect(struct fhir_ehr_client *client,
                                           const char *administrator,
                                           size_t administrator_length,
                                           const char *user,
                                           size_t user_length,
                                           const char *source,
                                           size_t source_length,
                                           struct fhir_ehr_text **text,
                                           struct fhir_ehr_error **error);

/**
 * Refreshes the offline sign-ins that no one has used for `keep_alive_days` of their source, and retries the revocations of earlier
 * sign-outs that failed. Call it once a day. The failure of one sign-in does not stop the others.
 *
 * The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (keep_alive.schema.json). `outcome` is `refreshed`,
 * `failed`, `skipped` (the server had failed for others) or `ended` (the user must sign in again).
 *
 * ```json
 * {
 *   "grants": [
 *     {"source": "main", "user": "alice", "patient_bound": false, "outcome": "refreshed", "last_used_at": 1787000000,
 *      "error": null, "message": null}
 *   ],
 *   "not_due": 3, "unreadable": 0, "revocations_finished": 0, "revocations_unfinished": 0
 * }
 * ```
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, those of the store.
 */
fhir_ehr_status fhir_ehr_client_keep_alive(struct fhir_ehr_client *client,
                                           const char *administrator,
                                           size_t administrator_length,
                                           struct fhir_ehr_text **text,
                                           struct fhir_ehr_error **error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* FHIR_EHR_H */
