/*
 * fhir_ehr in C: SMART on FHIR launch, tokens, a pull of one patient's values, encrypted staging and
 * adjudication. Link with -lfhir_ehr (pkg-config: fhir_ehr). docs/conventions.md says the same at length.
 *
 * HANDLES. Each type without members is a handle: made by a function that gives it out (`..._new`), freed
 * by its `..._free`, which does nothing for NULL. Texts, rows and errors never change; read them from any
 * thread.
 *
 * CALLS. A function that can fail returns a fhir_ehr_status: 0, or the number of the error, one of
 * FHIR_EHR_E_.... Its last parameter takes an error object that says more; pass NULL if you do not want it.
 * Results go to out-parameters: written when the status is 0, and only then. So is *error: only when it is not.
 * Free the error with fhir_ehr_error_free().
 *
 * TEXT IN is a pointer and a length in bytes, UTF-8; no NUL is needed behind it. NULL with length 0 is the
 * empty text, and where it is said, an absent one. Text that is not UTF-8 is FHIR_EHR_E_REQUEST_INVALID.
 * The library keeps no pointer of yours after a call.
 * TEXT OUT is a fhir_ehr_text: data with a NUL behind it, and a length that counts. What an accessor gives
 * belongs to its handle. No memory of malloc crosses in either direction: never call free() on ours.
 *
 * NUMBERS. Inputs are integers of fixed width; each value that is not named here is
 * FHIR_EHR_E_REQUEST_INVALID. Constants are added, never changed.
 *
 * HOOKS are tables of functions of yours. A table begins with `struct_size`, which you set to its sizeof,
 * and `user_data`, which each function gets. A hook returns FHIR_EHR_HOOK_DONE, FHIR_EHR_HOOK_NO or, if it
 * failed, another value; it hands bytes and records back through its sink. Hooks are called on the thread
 * that called the client, during that call only, and never while it waits for the network. What a hook is
 * given is valid until it returns. A hook must return: no longjmp and no exception may cross the library.
 * A hook may use other clients; calling its own is FHIR_EHR_E_BUSY; freeing its own takes effect when the call
 * ends.
 *
 * THREADS. The library starts none that runs your or its code; looking up a host's name uses one for a
 * moment. A core may be used by many threads at once. A client lets one in at a time; others wait.
 *
 * FORK. Handles may be used on both sides of a fork: the child forgets the parent's connections and makes
 * its own. It must not fork inside a hook and return from the hook in both processes.
 *
 * PANICS, which are defects of ours, cross nowhere and print nothing: the call returns FHIR_EHR_E_INTERNAL, the
 * client returns it from then on, and its `_free` works.
 *
 * UNLOADING. fhir_ehr_version() and fhir_ehr_abi_level() are pure: a module may call them at its start
 * and unload the library again. Any other call keeps the library mapped until the process ends.
 *
 * VERSIONS. The SONAME is libfhir_ehr.so.1. What is here stays; functions, constants, members of
 * documents and of tables' ends are added. Ignore members and values that you do not know.
 *
 * Made by cbindgen from crates/capi; do not edit.
 */

#ifndef FHIR_EHR_H
#define FHIR_EHR_H

#include <stddef.h>
#include <stdint.h>

/** In a record's `expires_in`: it does not expire. */
#define FHIR_EHR_NEVER INT64_MIN

/**
 * The version of this header's promises. The library's own is told by fhir_ehr_abi_level(); it is the same
 * or greater: functions and constants are added, never changed.
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

/** For fhir_ehr_core_scopes(): the scopes of a launch from the EHR. */
#define FHIR_EHR_SCOPES_LAUNCH 1

/** For fhir_ehr_core_scopes(): the scopes of a sign-in that starts in the application. */
#define FHIR_EHR_SCOPES_STANDALONE 2

/** For fhir_ehr_core_scopes(): the scopes of the system account. */
#define FHIR_EHR_SCOPES_SYSTEM 3

/** What a hook returns when it has done what it was asked. */
#define FHIR_EHR_HOOK_DONE 0

/**
 * What a hook returns when the answer is no: `write` met another version, the lease is somebody else's,
 * the user may not. Any other value says that the hook failed.
 */
#define FHIR_EHR_HOOK_NO 1

/** In a record's `operation`, in the store's `write`: write the record. */
#define FHIR_EHR_PUT 1

/** In a record's `operation`, in the store's `write`: delete the record. */
#define FHIR_EHR_DELETE 2

/** In the access hook: sign in from the EHR or to it; the project is empty. */
#define FHIR_EHR_ACTION_LAUNCH 1

/** In the access hook: change which field goes where. */
#define FHIR_EHR_ACTION_MAP 2

/** In the access hook: pull a patient's values. */
#define FHIR_EHR_ACTION_PULL 3

/** In the access hook: see staged values, decide on them and save them. */
#define FHIR_EHR_ACTION_ADJUDICATE 4

/** In the access hook: look at the connection to a source, or change it; the project is empty. */
#define FHIR_EHR_ACTION_CONFIGURE 5

/** In the log hook: the normal course. */
#define FHIR_EHR_LEVEL_INFO 1

/** In the log hook: something was refused or is not complete. */
#define FHIR_EHR_LEVEL_WARNING 2

/** In the log hook: something failed that should not. */
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
 * Let fhir_ehr_client_check_source_with() ask a production source too with a secret (of a public client: a client id) that is
 * certainly wrong, to compare the answers. The EHR may count such requests.
 */
#define FHIR_EHR_CHECK_TRY_WRONG_SECRET 1

/**
 * A core with the hooks of a host, for one request or for all of them. One thread at a time is inside;
 * another waits until it is out. A hook that calls its own client is told FHIR_EHR_E_BUSY.
 */
typedef struct fhir_ehr_client fhir_ehr_client;

/**
 * The checked configuration and the connections with their TLS roots. It lives as long as a worker and is
 * shared by the clients of many requests and by threads. It is counted: each fhir_ehr_core_new(),
 * fhir_ehr_core_from_file() and fhir_ehr_core_for() wants one fhir_ehr_core_free().
 */
typedef struct fhir_ehr_core fhir_ehr_core;

/** What went wrong. It holds no token, secret or patient data: it may be logged and shown. */
typedef struct fhir_ehr_error fhir_ehr_error;

/**
 * Rows that a pull brought or that wait in the staging, in their order. They never change: any thread may
 * read them at any time.
 */
typedef struct fhir_ehr_rows fhir_ehr_rows;

/** Where a hook puts what it hands back. It lives during the call of the hook only. */
typedef struct fhir_ehr_sink fhir_ehr_sink;

/** Text that the library gives out: UTF-8, owned by the handle. */
typedef struct fhir_ehr_text fhir_ehr_text;

/** 0: done, else the number of the error's code. */
typedef int32_t fhir_ehr_status;

/**
 * One record of a store: what `write` is given, and what `get` and `scan` hand back through
 * fhir_ehr_sink_stored_record(). `sealed` is ciphertext; the other columns are there to find, lock and expire it.
 * Texts are UTF-8; those the library gives have a NUL behind them.
 */
typedef struct fhir_ehr_stored_record {
    /** sizeof(fhir_ehr_stored_record) of whoever filled it. */
    size_t struct_size;
    /**
     * FHIR_EHR_PUT or FHIR_EHR_DELETE in `write`, which of a deleted record has kind and key only; else 0.
     */
    uint32_t operation;
    /** 0. */
    uint32_t reserved;
    /**
     * `pending_launch`, `grant`, `user_link`, `index_key`, `staged_row`, `record_binding` or `pulled_row`; at most
     * 32 bytes. One batch may hold the last three together. Later versions may have more: keep them as they are.
     */
    const char *kind;
    /** Its length. */
    size_t kind_length;
    /** Unique within the kind; at most 64 bytes. */
    const char *key;
    /** Its length. */
    size_t key_length;
    /** Whose record it is. */
    const char *organization;
    /** Its length. */
    size_t organization_length;
    /** The project, or empty. */
    const char *project;
    /** Its length. */
    size_t project_length;
    /** A keyed hash of what it is about, or empty; at most 64 bytes. */
    const char *subject;
    /** Its length. */
    size_t subject_length;
    /** A short word such as `pending`, the id of a pull, or empty; at most 64 bytes. */
    const char *state;
    /** Its length. */
    size_t state_length;
    /** Seconds from now, by the store's clock, until it counts as gone; FHIR_EHR_NEVER: it stays. */
    int64_t expires_in;
    /**
     * In `get` and `scan`: the stored version. In `write`: the version that must stand in the store, 0 if
     * there must be no live record; the store then keeps that version plus one.
     */
    int64_t version;
    /** The sealed bytes. */
    const uint8_t *sealed;
    /** Their length. */
    size_t sealed_length;
} fhir_ehr_stored_record;

/** Which records a scan gives: those equal in every column that is not NULL. */
typedef struct fhir_ehr_query {
    /** sizeof(fhir_ehr_query) of the library. */
    size_t struct_size;
    /** The kind. */
    const char *kind;
    /** Its length. */
    size_t kind_length;
    /** Whose records. */
    const char *organization;
    /** Its length. */
    size_t organization_length;
    /** The project; NULL: any. */
    const char *project;
    /** Its length. */
    size_t project_length;
    /** The subject; NULL: any. */
    const char *subject;
    /** Its length. */
    size_t subject_length;
    /** The state; NULL: any. */
    const char *state;
    /** Its length. */
    size_t state_length;
    /** Keys greater than this one, byte by byte; empty: from the first. */
    const char *after;
    /** Its length. */
    size_t after_length;
    /** The most records to give. */
    size_t limit;
} fhir_ehr_query;

/**
 * A store of the host. Each change is a batch that happens wholly or not at all; an expired record counts
 * as not there; times are counted by the store's clock. All functions are wanted but `purge_expired`.
 *
 * A failed hook (neither FHIR_EHR_HOOK_DONE nor FHIR_EHR_HOOK_NO) ends the call with
 * FHIR_EHR_E_STORE_UNAVAILABLE. A result that cannot be right (a record of another kind, key, organization
 * or project, a version or fence below 1, keys that do not increase, more records than asked for) ends it
 * with FHIR_EHR_E_STORE_INCONSISTENT.
 */
typedef struct fhir_ehr_store {
    /** sizeof(fhir_ehr_store). */
    size_t struct_size;
    /** Given to each function; the library does not look at it. */
    void *user_data;
    /** Gives the record back with fhir_ehr_sink_stored_record(), or nothing when there is none. */
    int32_t (*get)(void *user_data,
                   const char *kind,
                   size_t kind_length,
                   const char *key,
                   size_t key_length,
                   struct fhir_ehr_sink *sink);
    /**
     * Does all `count` parts in one transaction, each only if its `version` stands in the store;
     * FHIR_EHR_HOOK_NO, and nothing was done, when one does not. What was done survives a crash.
     */
    int32_t (*write)(void *user_data,
                     const struct fhir_ehr_stored_record *const *parts,
                     size_t count);
    /** Gives the matching records back with fhir_ehr_sink_stored_record(), ordered by key, byte by byte. */
    int32_t (*scan)(void *user_data, const struct fhir_ehr_query *query, struct fhir_ehr_sink *sink);
    /**
     * Takes the lease `name` for `holder` and some seconds, or renews it when `holder` has it already, and
     * writes its fence, which is greater than each before; FHIR_EHR_HOOK_NO while another holder has it.
     */
    int32_t (*acquire_lease)(void *user_data,
                             const char *name,
                             size_t name_length,
                             const char *holder,
                             size_t holder_length,
                             int64_t seconds,
                             int64_t *fence);
    /** Ends the lease if holder and fence are still its own. */
    int32_t (*release_lease)(void *user_data,
                             const char *name,
                             size_t name_length,
                             const char *holder,
                             size_t holder_length,
                             int64_t fence);
    /** Deletes what has expired and writes how many records that were. NULL: the host does it itself. */
    int32_t (*purge_expired)(void *user_data, uint64_t *count);
} fhir_ehr_store;

/** The host's word on who may do what. */
typedef struct fhir_ehr_access {
    /** sizeof(fhir_ehr_access). */
    size_t struct_size;
    /** Given to each function; the library does not look at it. */
    void *user_data;
    /**
     * FHIR_EHR_HOOK_DONE: the user may; FHIR_EHR_HOOK_NO: the user may not; else it cannot be told, and
     * nothing is done. `action` is one of FHIR_EHR_ACTION_...; later versions may ask for more actions:
     * answer FHIR_EHR_HOOK_NO to those you do not know.
     */
    int32_t (*allows)(void *user_data,
                      const char *user,
                      size_t user_length,
                      const char *project,
                      size_t project_length,
                      uint32_t action);
} fhir_ehr_access;

/** The host's key service: asked for secrets that the configuration writes as `hook:NAME`. */
typedef struct fhir_ehr_secret_provider {
    /** sizeof(fhir_ehr_secret_provider). */
    size_t struct_size;
    /** Given to each function; the library does not look at it. */
    void *user_data;
    /**
     * Gives the secret's UTF-8 text back with fhir_ehr_sink_write(); the library overwrites its copy after
     * use. A failed hook, or one that gives nothing, ends the call with FHIR_EHR_E_SECRET_UNAVAILABLE.
     */
    int32_t (*secret)(void *user_data,
                      const char *name,
                      size_t name_length,
                      struct fhir_ehr_sink *sink);
} fhir_ehr_secret_provider;

/** Who hears what happens: few events, without tokens, secrets, record numbers, patients and addresses. */
typedef struct fhir_ehr_log {
    /** sizeof(fhir_ehr_log). */
    size_t struct_size;
    /** Given to each function; the library does not look at it. */
    void *user_data;
    /**
     * One event: `level` is one of FHIR_EHR_LEVEL_..., `name` a word such as `pull_ended`, `fields` a JSON
     * object whose values are texts. What it returns is not looked at.
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
 * The text lives as long as the library is loaded; nobody frees it. It is a pure function: no lock, no
 * thread-local, nothing read; after dlclose() nothing of the library stays in the process.
 */
const char *fhir_ehr_version(void);

/**
 * The level of the loaded library's ABI; a program needs at least the FHIR_EHR_ABI_LEVEL it was compiled with.
 *
 * A pure function, as fhir_ehr_version().
 */
uint32_t fhir_ehr_abi_level(void);

/**
 * The number of the error's code, one of FHIR_EHR_E_...; 0 for NULL. It is the status that the call returned.
 */
fhir_ehr_status fhir_ehr_error_code(const struct fhir_ehr_error *error);

/**
 * One plain sentence in English, without a line break, such as
 * "The state parameter is unknown or was already used."; "" for NULL.
 *
 * The text belongs to the error and lives until fhir_ehr_error_free().
 */
const char *fhir_ehr_error_message(const struct fhir_ehr_error *error);

/**
 * What to do about it, such as the configuration entry that is missing; "" when nothing more can be said.
 *
 * The text belongs to the error and lives until fhir_ehr_error_free().
 */
const char *fhir_ehr_error_hint(const struct fhir_ehr_error *error);

/**
 * The whole error as a JSON document: `code`, `name`, `stage`, `owner` (who can fix it: `you`, `ehr_team`,
 * `network_team`, `user`), `retry` (`never`, `now`, `later`, `after_sign_in`), `message`, `hint`, `http_status`,
 * `vendor` (`code`, `correlation_id`) and `retry_after_seconds`; what is not known is null. "" for NULL.
 *
 * The text belongs to the error and lives until fhir_ehr_error_free().
 */
const char *fhir_ehr_error_json(const struct fhir_ehr_error *error);

/**
 * The stable name of the error's code, such as "state_unknown"; "" for NULL.
 *
 * The text is constant; it lives as long as the error.
 */
const char *fhir_ehr_error_name(const struct fhir_ehr_error *error);

/** Frees an error. For NULL it does nothing. */
void fhir_ehr_error_free(struct fhir_ehr_error *error);

/**
 * The bytes of a text: UTF-8, with a NUL behind the last one. It never fails; for NULL it gives "".
 *
 * The bytes belong to the text and live until fhir_ehr_text_free(). Any thread may read them.
 */
const char *fhir_ehr_text_data(const struct fhir_ehr_text *text);

/** The length of a text in bytes, without the NUL behind it. It never fails; for NULL it gives 0. */
size_t fhir_ehr_text_length(const struct fhir_ehr_text *text);

/** Frees a text and overwrites its bytes. For NULL it does nothing. */
void fhir_ehr_text_free(struct fhir_ehr_text *text);

/**
 * The JSON Schema of the configuration document.
 *
 * Errors: FHIR_EHR_E_REQUEST_INVALID.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). Any thread. It does no I/O.
 */
fhir_ehr_status fhir_ehr_config_schema(struct fhir_ehr_text **text, struct fhir_ehr_error **error);

/**
 * All error codes as a JSON list of objects: `code`, `name`, `stage`, `owner`, `retry`, `sentence`.
 *
 * Errors: FHIR_EHR_E_REQUEST_INVALID.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). Any thread. It does no I/O.
 */
fhir_ehr_status fhir_ehr_error_table(struct fhir_ehr_text **text, struct fhir_ehr_error **error);

/**
 * The fields that a mapping may name, as a JSON list of objects: `name`, `label`, `category`, `synonyms`
 * (a list of other words that people type to find the field, such as "WBC"; it may be empty), `temporal`
 * (whether it has a time, so that a window applies), `demographic` (whether it is read out of the Patient, so
 * that fhir_ehr_client_patient() gives it). Much used LOINC codes are among them; every other LOINC code is a
 * field as well.
 *
 * Errors: FHIR_EHR_E_REQUEST_INVALID.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). Any thread. It does no I/O.
 */
fhir_ehr_status fhir_ehr_field_catalog(struct fhir_ehr_text **text,
                                       struct fhir_ehr_error **error);

/**
 * Makes a core of a configuration document.
 *
 * `config` is the JSON document (its JSON Schema: fhir_ehr_config_schema()), `base` the folder that
 * relative paths in it count from; empty: the process's current folder, which a server rarely wants. The
 * document is checked; nothing is opened, read or sent yet.
 *
 * Errors: FHIR_EHR_E_CONFIG_INVALID, FHIR_EHR_E_URL_NOT_ALLOWED (both name the entry, never its content),
 * FHIR_EHR_E_REQUEST_INVALID.
 *
 * On success *core is a new core; free it with fhir_ehr_core_free(). Any thread. After a fork the child
 * may go on with it: it forgets the parent's connections and makes its own.
 */
fhir_ehr_status fhir_ehr_core_new(const char *config,
                                  size_t config_length,
                                  const char *base,
                                  size_t base_length,
                                  struct fhir_ehr_core **core,
                                  struct fhir_ehr_error **error);

/**
 * Makes a core of a configuration file; relative paths in it count from the file's folder.
 *
 * Errors: as fhir_ehr_core_new(); a file that cannot be read is FHIR_EHR_E_CONFIG_INVALID.
 *
 * On success *core is a new core; free it with fhir_ehr_core_free(). Any thread. After a fork the child
 * may go on with it.
 */
fhir_ehr_status fhir_ehr_core_from_file(const char *path,
                                        size_t path_length,
                                        struct fhir_ehr_core **core,
                                        struct fhir_ehr_error **error);

/**
 * Gives the core of a configuration document, for a host that keeps it in its database: pass the current
 * text with each request, and a change is seen by all workers without a restart.
 *
 * For equal `config`, `base` and caps in one process it is the same core, with its connections; the eight last
 * used are kept. A process that was forked off makes its own. `config`, `base` and the errors are those of
 * fhir_ehr_core_new().
 *
 * `max_seconds` and `max_bytes` are upper bounds that the server's administrator sets apart from the configuration; 0 means
 * no bound. `max_seconds` bounds the limits `connect_seconds`, `request_seconds` and `pull_seconds`, and `max_bytes` bounds
 * `response_bytes`. A lower limit of the configuration stays as it is.
 *
 * On success *core is a core; free it with fhir_ehr_core_free(), also if it is the same as before. Any
 * thread.
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
 * The sources of the configuration as a JSON list of objects: `id`, `name` (the id where none is
 * configured), `iss`, `environment` (`sandbox`, `test`, `production`), `fhir_version` (`dstu2`, `r4`), `vendor`,
 * `system_account` (whether there is one), `redirect_uris` (of the registration for users),
 * `frame_ancestors` (origins that may show the application in a frame), `authorization_endpoint` and
 * `token_endpoint` (null where the configuration stores none), `mrn_systems`.
 *
 * Errors: FHIR_EHR_E_REQUEST_INVALID.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). Any thread. It does no I/O.
 */
fhir_ehr_status fhir_ehr_core_sources(const struct fhir_ehr_core *core,
                                      struct fhir_ehr_text **text,
                                      struct fhir_ehr_error **error);

/**
 * The scopes that are asked for at a source, separated by blanks. `which` is one of FHIR_EHR_SCOPES_....
 *
 * Errors: FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_REQUEST_INVALID (`which` is none of them).
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). Any thread. It does no I/O.
 */
fhir_ehr_status fhir_ehr_core_scopes(const struct fhir_ehr_core *core,
                                     const char *source,
                                     size_t source_length,
                                     uint32_t which,
                                     struct fhir_ehr_text **text,
                                     struct fhir_ehr_error **error);

/**
 * Gives a core back. Its clients go on until they are freed; its connections are closed with the last of
 * them. For NULL it does nothing.
 *
 * It does not wait for the network. In a child it touches none of the parent's connections.
 */
void fhir_ehr_core_free(struct fhir_ehr_core *core);

/**
 * Gives bytes back from a hook that hands back bytes (`key`); further calls add to them.
 *
 * The bytes are copied. It returns 0, or FHIR_EHR_E_REQUEST_INVALID: `data` is NULL with a length, the
 * sink is NULL or is one for records, or the bytes are more than 65536. Call it on the hook's thread,
 * during the hook.
 */
fhir_ehr_status fhir_ehr_sink_write(struct fhir_ehr_sink *sink,
                                    const uint8_t *data,
                                    size_t length);

/**
 * Gives one record back from a store's `get` (at most one) or `scan` (at most `limit`, ordered by key).
 *
 * Everything the record points to is copied. Set `struct_size` to sizeof(fhir_ehr_stored_record); `operation` is
 * not looked at. It returns 0, or FHIR_EHR_E_REQUEST_INVALID: a pointer is NULL with a length, a text is
 * not UTF-8 or is longer than 1 MiB, the sealed bytes are more than 64 MiB, the kind is unknown, the sink is
 * NULL, is one for bytes or has taken as many records as it may. When a record was refused, the call ends
 * with FHIR_EHR_E_STORE_INCONSISTENT, whatever the hook returns.
 */
fhir_ehr_status fhir_ehr_sink_stored_record(struct fhir_ehr_sink *sink,
                                            const struct fhir_ehr_stored_record *record);

/** How many rows there are; 0 for NULL. It never fails. */
size_t fhir_ehr_rows_count(const struct fhir_ehr_rows *rows);

/**
 * One member of one row. `index` is less than the count, `member` one of FHIR_EHR_ROW_....
 *
 * On success *data is the text, UTF-8 with a NUL behind the last byte, and *length its length; for a member
 * that is absent *data is NULL and *length 0. The text belongs to the rows and lives until
 * fhir_ehr_rows_free(). It allocates nothing.
 *
 * Errors: FHIR_EHR_E_REQUEST_INVALID. Any thread.
 */
fhir_ehr_status fhir_ehr_rows_get(const struct fhir_ehr_rows *rows,
                                  size_t index,
                                  uint32_t member,
                                  const char **data,
                                  size_t *length,
                                  struct fhir_ehr_error **error);

/**
 * All rows as a JSON list of objects, whose members are named as the constants FHIR_EHR_ROW_... in small
 * letters; `changed`, `preselected`, `list` and `removing` are truths, `position` and `pulled_at` numbers, absent ones null.
 *
 * Errors: FHIR_EHR_E_REQUEST_INVALID.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). Any thread.
 */
fhir_ehr_status fhir_ehr_rows_json(const struct fhir_ehr_rows *rows,
                                   struct fhir_ehr_text **text,
                                   struct fhir_ehr_error **error);

/**
 * What a pull says besides its rows, as a JSON document: `pull_id`, `patient_id`, `complete` (whether all that was
 * asked for came) and `report`. The report has `resources`, `without_date` (fields without a date for their window),
 * `merged` (true when the chart with the record's MRN was merged into another one, which was used),
 * `not_preselected` (objects with `study_field`, `event`, `field` and `reason`: why the rules marked no value of a field, or
 * left some of its values out), `warnings` (sentences), `requests` (sent, each try counted) and `refreshed` (whether the token was refreshed).
 * `resources` has for each resource type, with `Patient`:
 *
 * - `status`: `complete` (every answer proves that everything asked for came), `partial` (something came; the answers
 *   do not prove that it was everything), `denied`, `skipped` (no date for any of its windows) or `failed`;
 * - `requests`: how many were sent;
 * - `received`: resources that came, each counted once: the sum of `with_rows` and of all counts in `discarded`;
 * - `with_rows`: resources that gave at least one row;
 * - `discarded`: resources that gave no row, by reason, such as `not_mapped` or `entered_in_error`; absent: none;
 * - `discarded_ids`: their ids by reason, for a pull with `explain`; absent: none. They are a patient's;
 * - `repeated`: how many times a resource came again; absent: 0;
 * - `repeated_differently`: how many of these had another content than before; absent: 0;
 * - `reason` and `error` (the error's document): why it is not complete; absent when it is.
 *
 * For rows of fhir_ehr_client_staged() and fhir_ehr_client_decided() it is "{}"; for NULL it is "".
 *
 * The text belongs to the rows and lives until fhir_ehr_rows_free(). It never fails. Any thread.
 */
const char *fhir_ehr_rows_report(const struct fhir_ehr_rows *rows);

/** Frees rows and overwrites their values. For NULL it does nothing. */
void fhir_ehr_rows_free(struct fhir_ehr_rows *rows);

/**
 * Makes a client over a core. Nothing is opened, read or sent; hooks come next, then calls.
 *
 * Without fhir_ehr_client_set_store() records are kept in the SQLite file of the configuration. Who may do
 * what must be said with fhir_ehr_client_set_access(). The vault's keys are read at the first call, so that
 * a changed key file is noticed by the next client.
 *
 * Errors: FHIR_EHR_E_REQUEST_INVALID.
 *
 * On success *client is a new client; free it with fhir_ehr_client_free(). The core may be given back
 * before. Any thread. After a fork the child may go on with it, unless another thread was inside (then:
 * FHIR_EHR_E_BUSY).
 */
fhir_ehr_status fhir_ehr_client_new(const struct fhir_ehr_core *core,
                                    struct fhir_ehr_client **client,
                                    struct fhir_ehr_error **error);

/**
 * Keeps records in a store of the host; NULL: in the SQLite file of the configuration.
 *
 * The table is copied; what its functions and `user_data` point to must live as long as the client. Hooks
 * are called on the thread that called the client, during that call only, and never while the client
 * waits for the network. A hook must return: no longjmp, no C++ exception may cross the library.
 *
 * Errors: FHIR_EHR_E_REQUEST_INVALID: a function is NULL that is wanted, `struct_size` is not right, a longer
 * table holds hooks that this library does not know, or the client was called already. FHIR_EHR_E_BUSY.
 */
fhir_ehr_status fhir_ehr_client_set_store(struct fhir_ehr_client *client,
                                          const struct fhir_ehr_store *table,
                                          struct fhir_ehr_error **error);

/**
 * Says who may do what; NULL: everybody everything, for an application that has asked already. It must be
 * called: a client that was not told refuses (FHIR_EHR_E_ACCESS_REFUSED).
 *
 * The table is copied; what its functions and `user_data` point to must live as long as the client. Hooks
 * are called on the thread that called the client, during that call only, and never while the client
 * waits for the network. A hook must return: no longjmp, no C++ exception may cross the library.
 *
 * Errors: FHIR_EHR_E_REQUEST_INVALID: a function is NULL that is wanted, `struct_size` is not right, a longer
 * table holds hooks that this library does not know, or the client was called already. FHIR_EHR_E_BUSY.
 */
fhir_ehr_status fhir_ehr_client_set_access(struct fhir_ehr_client *client,
                                           const struct fhir_ehr_access *table,
                                           struct fhir_ehr_error **error);

/**
 * Sets the key service for secrets that the configuration writes as `hook:NAME`; NULL: none.
 *
 * The table is copied; what its functions and `user_data` point to must live as long as the client. Hooks
 * are called on the thread that called the client, during that call only, and never while the client
 * waits for the network. A hook must return: no longjmp, no C++ exception may cross the library.
 *
 * Errors: FHIR_EHR_E_REQUEST_INVALID: a function is NULL that is wanted, `struct_size` is not right, a longer
 * table holds hooks that this library does not know, or the client was called already. FHIR_EHR_E_BUSY.
 */
fhir_ehr_status fhir_ehr_client_set_secret_provider(struct fhir_ehr_client *client,
                                                    const struct fhir_ehr_secret_provider *table,
                                                    struct fhir_ehr_error **error);

/**
 * Sets who hears what happens; NULL: nobody.
 *
 * The table is copied; what its functions and `user_data` point to must live as long as the client. Hooks
 * are called on the thread that called the client, during that call only, and never while the client
 * waits for the network. A hook must return: no longjmp, no C++ exception may cross the library.
 *
 * Errors: FHIR_EHR_E_REQUEST_INVALID: a function is NULL that is wanted, `struct_size` is not right, a longer
 * table holds hooks that this library does not know, or the client was called already. FHIR_EHR_E_BUSY.
 */
fhir_ehr_status fhir_ehr_client_set_log(struct fhir_ehr_client *client,
                                        const struct fhir_ehr_log *table,
                                        struct fhir_ehr_error **error);

/**
 * Frees a client. For NULL it does nothing.
 *
 * Called by a hook of this very client, it is freed when the call that invoked the hook ends. While another
 * thread is inside, it waits for it. It does not wait for the network. In a child it touches none of the
 * parent's connections.
 */
void fhir_ehr_client_free(struct fhir_ehr_client *client);

/**
 * Handles the one address that the EHR launches and the authorization server returns to.
 *
 * `query` is the request's query string as it came, without `?`; `session` a text that names the browser's
 * session and that the host alone knows; `redirect_uri` this very address, fixed by the host and never taken
 * from the request.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is a JSON document whose
 * `kind` says what to do:
 * `redirect`: send the browser to `url`;
 * `signed_in`: `user` is signed in at `source`, with `context` (`patient`, `encounter`, `ehr_user`,
 * `need_patient_banner`, `smart_style_url`, `intent`, `tenant`, `granted_scopes`, `missing_scopes`,
 * `expires_at`); give the browser a new session and an address without the query;
 * `login_required`: ask for the application's own login, then call fhir_ehr_client_finish_login() with
 * `handover`, which stays on the host's side; `ehr_user` is the EHR's name for the user, or null.
 *
 * Errors: FHIR_EHR_E_LAUNCH_AMBIGUOUS, FHIR_EHR_E_LAUNCH_EMPTY, FHIR_EHR_E_SOURCE_NOT_FOUND,
 * FHIR_EHR_E_REDIRECT_URI_NOT_REGISTERED, FHIR_EHR_E_STATE_MISSING, FHIR_EHR_E_STATE_UNKNOWN,
 * FHIR_EHR_E_STATE_FOREIGN, FHIR_EHR_E_LAUNCH_EXPIRED, FHIR_EHR_E_AUTHORIZATION_DENIED,
 * FHIR_EHR_E_AUTHORIZATION_FAILED, FHIR_EHR_E_AUTHORIZATION_REJECTED, FHIR_EHR_E_DISCOVERY_FAILED, the token endpoint's (301 to 305),
 * FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_EHR_USER_OF_ANOTHER; FHIR_EHR_E_REQUEST_INVALID when `session` is empty or blank.
 * Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
 * the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
 * Begins a sign-in from the application, for a user that it has logged in.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is the address to send the
 * browser to; the browser comes back to fhir_ehr_client_handle_launch().
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_REDIRECT_URI_NOT_REGISTERED,
 * FHIR_EHR_E_DISCOVERY_FAILED; FHIR_EHR_E_REQUEST_INVALID when `session` is empty or blank.
 * Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
 * the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
 * Ends a launch for which the application has asked for its own login, and links the EHR's user to the
 * application's, so that later launches need none. `handover` is used up.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is the document of
 * fhir_ehr_client_handle_launch() with the outcome `signed_in`.
 *
 * Errors: FHIR_EHR_E_HANDOVER_UNKNOWN, FHIR_EHR_E_STATE_FOREIGN, FHIR_EHR_E_LAUNCH_EXPIRED,
 * FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND when the source was taken out of the configuration,
 * FHIR_EHR_E_EHR_USER_OF_ANOTHER when the EHR user is linked to another user; FHIR_EHR_E_REQUEST_INVALID when `user` or
 * `session` is empty.
 * Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
 * the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
 * Checks a mapping that a user wants to use in a project. `csv` has the header
 * external_source_field_name,is_record_identifier,field_name,temporal_field,preselect,event_name; a seventh column, unit,
 * may name the unit that a value must have to be preselected.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is a JSON document:
 * `record_identifier`, `lines` (`field`, `label`, `study_field`, `event`, `temporal_field`, `preselect`, `unit`) and
 * `warnings`, what was passed over.
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_MAPPING_INVALID (it names the line, and what to write instead).
 * Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
 * the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
 * Says whether data of a source may enter a project. `environment` is the project's: `sandbox`, `test` or
 * `production`. A production project takes data of a production source only; a sandbox or test project takes data
 * of any source. Call it before you list a project for a patient of the source, and before you write the patient
 * into the project. fhir_ehr_client_patient() and fhir_ehr_client_pull() refuse by the same rule with
 * FHIR_EHR_E_ENVIRONMENT_MISMATCH.
 *
 * The access hook is not asked. Neither the store nor the network is used.
 *
 * On success *may is 1 when the source may serve the project, else 0.
 *
 * Errors: FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_REQUEST_INVALID (`environment` is none of the three).
 * Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
 * the configuration. Any thread, one at a time. In a child after a fork as in the parent.
 */
fhir_ehr_status fhir_ehr_client_source_may_serve(struct fhir_ehr_client *client,
                                                 const char *source,
                                                 size_t source_length,
                                                 const char *environment,
                                                 size_t environment_length,
                                                 int32_t *may,
                                                 struct fhir_ehr_error **error);

/**
 * Pulls a patient's values and stages them. `request` is a JSON document:
 * `user` (the application's; may be absent with `"system": true`), `system` (read with the source's system
 * account), `source`, `project` (`id`, `environment`: `sandbox`, `test` or `production`), `record` (the
 * study record), `mrn`, `mapping` (CSV as for fhir_ehr_client_check_mapping()), `dates` (a list of `field`,
 * `event` or absent, `date`: `YYYY-MM-DD` or `YYYY-MM-DD HH:MM[:SS]`), `offset` (`days`, `direction`: `"+-"`,
 * `"+"` or `"-"`; absent: 7 days on both sides), `text` (`exact` or `php14`; absent: `exact`),
 * `launch_patient` (the context's `patient` when the pull is made inside a launch: it must be the same),
 * `explain` (true: the report names the resources that gave no row, by id; absent: false).
 *
 * A value that a person has decided is never changed. When the EHR has another value now, that one waits in a row of
 * its own, with FHIR_EHR_ROW_CHANGED `true`; the decided row has FHIR_EHR_ROW_EHR_STATE `corrected`.
 *
 * On success *rows are new rows; free them with fhir_ehr_rows_free(). They are the record's rows in the staging
 * now; fhir_ehr_rows_report() says what came and what did not. Look at its `complete`: a
 * resource type that the EHR denied is no error of the call.
 *
 * Errors: nothing is staged then. FHIR_EHR_E_RECORD_BOUND when the record belongs to another patient: correct the
 * MRN, or call fhir_ehr_client_clear_pending() and pull again. FHIR_EHR_E_RECORD_MIXED. FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND,
 * FHIR_EHR_E_ENVIRONMENT_MISMATCH, FHIR_EHR_E_MAPPING_INVALID, FHIR_EHR_E_GRANT_NOT_FOUND,
 * FHIR_EHR_E_GRANT_EXPIRED, FHIR_EHR_E_REFRESH_BUSY, the token endpoint's (301 to 305), the patient's and the
 * FHIR server's (401 to 418), FHIR_EHR_E_LIMIT_EXCEEDED.
 * Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
 * the configuration. Any thread, one at a time. In a child after a fork as in the parent.
 */
fhir_ehr_status fhir_ehr_client_pull(struct fhir_ehr_client *client,
                                     const char *request,
                                     size_t request_length,
                                     struct fhir_ehr_rows **rows,
                                     struct fhir_ehr_error **error);

/**
 * Looks one patient up: for a banner, or for finding the study record. Nothing of it is staged or stored.
 * `request` is a JSON document: `user` (the application's; may be absent with `"system": true`), `system`
 * (read with the source's system account; with a project only), `source`, `mrn` or `patient_id` (exactly one
 * of them), `fields` (at most five names of demographic fields of fhir_ehr_field_catalog(); may be absent),
 * `project` (`id`, `environment`; absent or null: the patient of the user's own launch, by `patient_id`),
 * `text` (`exact` or `php14`; absent: `exact`).
 *
 * The access hook is asked FHIR_EHR_ACTION_PULL in the project; without one FHIR_EHR_ACTION_LAUNCH.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is a JSON document: `patient_id`,
 * `mrns` (the best first, by the order of the source's `mrn_systems`; may be empty), `values` (an object: field
 * to text; a field without a value is left out). It is a patient's: keep it out of logs.
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_ENVIRONMENT_MISMATCH,
 * FHIR_EHR_E_GRANT_NOT_FOUND, FHIR_EHR_E_GRANT_EXPIRED, FHIR_EHR_E_REFRESH_BUSY, the token endpoint's (301 to
 * 305), the patient's and the FHIR server's (401 to 418).
 * Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
 * the configuration. Any thread, one at a time. In a child after a fork as in the parent.
 */
fhir_ehr_status fhir_ehr_client_patient(struct fhir_ehr_client *client,
                                        const char *request,
                                        size_t request_length,
                                        struct fhir_ehr_text **text,
                                        struct fhir_ehr_error **error);

/**
 * The rows that wait for a decision or are on their way into the record, of one record, or of the whole
 * project when `record` is NULL with length 0. FHIR_EHR_ROW_EHR_STATE says what the EHR says about each of them now.
 * Of a project, records that hold two patients are left out, and records with a row that cannot be decrypted; the log hook
 * gets their number with the events `record_mixed` and `row_damaged`.
 *
 * On success *rows are new rows; free them with fhir_ehr_rows_free().
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_RECORD_MIXED and FHIR_EHR_E_ROW_DAMAGED (of one record; see
 * fhir_ehr_client_clear_pending() and fhir_ehr_client_remove_damaged()), FHIR_EHR_E_VAULT_KEY_MISSING.
 * Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
 * the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
 * Notes a user's decisions on a record's rows, all or none of them. `decisions` is a JSON document: `accept`
 * and `reject`, lists of rows; rows that are not named are left as they are. Name a row by its
 * FHIR_EHR_ROW_DECISION: then a value that a pull has corrected since it was shown is not decided on unseen
 * (FHIR_EHR_E_ROW_CONFLICT). Its FHIR_EHR_ROW_KEY names whatever value stands there.
 *
 * On success *count says how many rows were decided.
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_ROW_NOT_FOUND, FHIR_EHR_E_ADJUDICATION_AMBIGUOUS,
 * FHIR_EHR_E_ROW_CONFLICT, FHIR_EHR_E_RECORD_MIXED.
 * Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
 * the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
 * Takes acceptances of a record back: the rows wait again. It takes removals back too
 * (fhir_ehr_client_remove_saved()): their rows are saved as before. `keys` is a JSON list of keys of accepted rows
 * (FHIR_EHR_ROW_KEY). Values that were handed out cannot be taken back.
 *
 * On success *count says how many rows were taken back.
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_ROW_NOT_FOUND, FHIR_EHR_E_ROW_CONFLICT, FHIR_EHR_E_RECORD_MIXED.
 * Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
 * the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
 * Hands out the accepted values of a record: each in one call only. Save them, then call
 * fhir_ehr_client_confirm_saved(), or fhir_ehr_client_return_unsaved() to have them handed out again. A list is handed out whole,
 * with the entries that were saved before; not while it is handed out already. A value that is to be removed
 * (fhir_ehr_client_remove_saved()) is an empty `value`, or a list without the entry: write that too.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is a JSON document:
 * `save_id` (empty when there is nothing to save), `record`, `values` (`event`, `study_field`, `value`,
 * `unit` or null, `timestamp` or null, `keys`).
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_ROW_CONFLICT, FHIR_EHR_E_RECORD_MIXED.
 * Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
 * the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
 * The host has saved a set: its values are erased here and do not come back as new. Entries of lists keep their text
 * as long as they are in the record, because a list is written whole each time.
 *
 * On success *count says how many rows that were. The empty `save_id` of a set without values is no error: 0 rows.
 *
 * Errors: FHIR_EHR_E_SAVE_NOT_FOUND, FHIR_EHR_E_ROW_CONFLICT.
 * Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
 * the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
 * The host could not save a set: its values will be handed out again.
 *
 * On success *count says how many rows that were. The empty `save_id` of a set without values is no error: 0 rows.
 *
 * Errors: FHIR_EHR_E_SAVE_NOT_FOUND, FHIR_EHR_E_ROW_CONFLICT.
 * Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
 * the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
 * Deletes what has expired in the store; call it now and then, such as once a day.
 *
 * On success *count says how many records that were.
 *
 * Errors: the store's.
 * Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
 * the configuration. Any thread, one at a time. In a child after a fork as in the parent.
 */
fhir_ehr_status fhir_ehr_client_purge_expired(struct fhir_ehr_client *client,
                                              size_t *count,
                                              struct fhir_ehr_error **error);

/**
 * The rows of a record that were saved or rejected, ordered as those of fhir_ehr_client_staged(). Their values are
 * erased, except entries of lists that are in the record. FHIR_EHR_ROW_EHR_STATE says what the EHR says about
 * each of them now. A saved value that fhir_ehr_client_remove_saved() named is among the rows of
 * fhir_ehr_client_staged() until it is saved.
 *
 * On success *rows are new rows; free them with fhir_ehr_rows_free().
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_RECORD_MIXED, FHIR_EHR_E_VAULT_KEY_MISSING,
 * FHIR_EHR_E_VAULT_OPEN_FAILED.
 * Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
 * the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
 * Asks that saved values be removed from the record. `keys` is a JSON list of rows of fhir_ehr_client_decided() that are
 * `saved`, each by its FHIR_EHR_ROW_DECISION or its FHIR_EHR_ROW_KEY. The next fhir_ehr_client_values_to_save() hands
 * out their places without them: a list without the entry, or an empty value. After fhir_ehr_client_confirm_saved() they count
 * as rejected and do not come back as new. Until the hand-out, fhir_ehr_client_reopen() takes a removal back.
 *
 * On success *count says how many values will be removed.
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_ROW_NOT_FOUND (a key names no saved row, or the record holds a later
 * version of the value), FHIR_EHR_E_ADJUDICATION_AMBIGUOUS (another value is on its way into the same place),
 * FHIR_EHR_E_ROW_CONFLICT, FHIR_EHR_E_RECORD_MIXED. Nothing is changed then.
 * Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
 * the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
 * Deletes the rows of a record that wait for a decision, so that a wrong MRN can be corrected. When no value of the
 * record is saved or on its way, the record belongs to no patient then, and the next pull may be for another one. Of a
 * record that holds two patients (FHIR_EHR_E_RECORD_MIXED), accepted values that were not handed out are deleted too:
 * nothing shows whose they are. The log hook gets the event `pending_cleared`.
 *
 * On success *count says how many rows were deleted; 0 when none waited.
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_ROW_CONFLICT.
 * Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
 * the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
 * store. `record` is one study record, or NULL with length 0 for the whole project. Until then the record of such a row is
 * neither shown nor pulled into (FHIR_EHR_E_ROW_DAMAGED), and is not among the rows of the project. The next pull brings the
 * values again, as new ones: a decision that was noted in a deleted row is lost. The log hook gets the event
 * `damaged_removed`.
 *
 * On success *count says how many rows were deleted; 0 when none was damaged.
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_VAULT_KEY_MISSING, FHIR_EHR_E_VAULT_OPEN_FAILED (the key of a damaged row
 * decrypts no other row of the project, so the key may be wrong). Nothing is deleted then.
 * Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
 * the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
 * Asks a server that need not be in the configuration for its endpoints and its FHIR version (Auto-Find), for
 * an administrator who asks for it by hand. `iss` is the FHIR base URL: https, or http on the loopback
 * interface; never take it from a request that an EHR or a user's browser brings. TLS and limits are the
 * configuration's; redirects to another origin are not followed.
 *
 * The access hook is asked FHIR_EHR_ACTION_CONFIGURE with an empty project. The store is not touched.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is a JSON document:
 * `authorization_endpoint` (may be null), `token_endpoint`, `fhir_version` (`dstu2`, `r4`, or null: it says
 * none or another), `found_in` (`smart-configuration` or `metadata`), `scopes_supported` and `capabilities` (lists of
 * texts). What is in it comes from outside: escape it before it is shown.
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_URL_NOT_ALLOWED (nothing was sent),
 * FHIR_EHR_E_DISCOVERY_FAILED, the network's (401, 402, 403, 413, 414, 415).
 * Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
 * the configuration. Any thread, one at a time. In a child after a fork as in the parent.
 */
fhir_ehr_status fhir_ehr_client_discover(struct fhir_ehr_client *client,
                                         const char *user,
                                         size_t user_length,
                                         const char *iss,
                                         size_t iss_length,
                                         struct fhir_ehr_text **text,
                                         struct fhir_ehr_error **error);

/**
 * Checks whether a source answers as it is configured: fhir_ehr_client_check_source_with() with 0 as `flags`.
 */
fhir_ehr_status fhir_ehr_client_check_source(struct fhir_ehr_client *client,
                                             const char *user,
                                             size_t user_length,
                                             const char *source,
                                             size_t source_length,
                                             struct fhir_ehr_text **text,
                                             struct fhir_ehr_error **error);

/**
 * Checks whether a source answers as it is configured: its base URL and FHIR version, its endpoints, id and
 * secret of the registration for users, the system account; then redirect URIs, the names of resource types, secrets, vault
 * keys, the CA file and the store. A step that failed is no error of the call, and does not keep the next one from going on. No
 * patient is asked for. The store gets a test record, which is deleted again.
 *
 * `flags` is 0 or FHIR_EHR_CHECK_TRY_WRONG_SECRET. Sources that are not for production get a wrong secret in any case.
 *
 * The access hook is asked FHIR_EHR_ACTION_CONFIGURE with an empty project.
 *
 * On success *text is a new text; free it with fhir_ehr_text_free(). It is a JSON list of objects: `name`
 * (`metadata`, `endpoints`, `client`, `system_account`, `redirect_uris`, `resources`, `secrets`, `vault`, `ca_file`, `store`,
 * `not_checked`; later versions may have more), `finding` (a stable id, see docs/administrator.md), `status` (`ok`, `failed`,
 * `warning`, `unknown`: it cannot be determined, `skipped`), `text` (plain sentences), `hint` (or null), and where something is to
 * be fixed `owner` (who can fix it) and `error` (the stable name), else null.
 *
 * Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND; FHIR_EHR_E_REQUEST_INVALID for a flag that is not known.
 * Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
 * the configuration. Any thread, one at a time. In a child after a fork as in the parent.
 */
fhir_ehr_status fhir_ehr_client_check_source_with(struct fhir_ehr_client *client,
                                                  const char *user,
                                                  size_t user_length,
                                                  const char *source,
                                                  size_t source_length,
                                                  uint32_t flags,
                                                  struct fhir_ehr_text **text,
                                                  struct fhir_ehr_error **error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* FHIR_EHR_H */
