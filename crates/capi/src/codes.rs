//! The numbers of the errors. Generated from src/error_codes.tsv of the core with `make header`; do not edit.

/// The configuration document is not valid.
pub const FHIR_EHR_E_CONFIG_INVALID: i32 = 101;

/// FHIR source not found
pub const FHIR_EHR_E_SOURCE_NOT_FOUND: i32 = 102;

/// A secret named in the configuration could not be read.
pub const FHIR_EHR_E_SECRET_UNAVAILABLE: i32 = 103;

/// This address is not allowed. Use https; http is allowed only on the loopback interface.
pub const FHIR_EHR_E_URL_NOT_ALLOWED: i32 = 104;

/// Data from a sandbox or test source cannot go into a production project.
pub const FHIR_EHR_E_ENVIRONMENT_MISMATCH: i32 = 105;

/// The redirect URI is not listed in redirect_uris of the registration.
pub const FHIR_EHR_E_REDIRECT_URI_NOT_REGISTERED: i32 = 106;

/// The EHR of this launch belongs to another organization than the launch URL. Open the application with the launch URL of the EHR's organization.
pub const FHIR_EHR_E_SOURCE_OF_OTHER_ORGANIZATION: i32 = 107;

/// The project may not pull from this source.
pub const FHIR_EHR_E_SOURCE_NOT_OF_PROJECT: i32 = 108;

/// The project does not allow the system account.
pub const FHIR_EHR_E_SYSTEM_ACCOUNT_NOT_ENABLED: i32 = 109;

/// The handoff URL is not listed in handoff_urls of the configuration.
pub const FHIR_EHR_E_HANDOFF_URL_NOT_ALLOWED: i32 = 110;

/// A scope in the configuration is not allowed.
pub const FHIR_EHR_E_SCOPE_REFUSED: i32 = 111;

/// The request mixes parts of a launch and parts of a callback. Open the application from the EHR again.
pub const FHIR_EHR_E_LAUNCH_AMBIGUOUS: i32 = 201;

/// The request is neither a launch (iss and launch) nor a callback (state with code or error). Open the application from the EHR.
pub const FHIR_EHR_E_LAUNCH_EMPTY: i32 = 202;

/// The EHR's answer has no state parameter, so it cannot be matched to a launch.
pub const FHIR_EHR_E_STATE_MISSING: i32 = 203;

/// The state parameter is unknown or was already used.
pub const FHIR_EHR_E_STATE_UNKNOWN: i32 = 204;

/// The state parameter belongs to another browser session.
pub const FHIR_EHR_E_STATE_FOREIGN: i32 = 205;

/// The sign-in took too long, and the launch has expired.
pub const FHIR_EHR_E_LAUNCH_EXPIRED: i32 = 206;

/// The user or the EHR denied access.
pub const FHIR_EHR_E_AUTHORIZATION_DENIED: i32 = 207;

/// The EHR's authorization server refused the request.
pub const FHIR_EHR_E_AUTHORIZATION_FAILED: i32 = 208;

/// The EHR's authorization endpoints could not be found.
pub const FHIR_EHR_E_DISCOVERY_FAILED: i32 = 209;

/// The sign-in that waited for the application's login has expired or was already used.
pub const FHIR_EHR_E_HANDOVER_UNKNOWN: i32 = 211;

/// The EHR's authorization server rejects the request of this application. Signing in again does not help. Correct the registration or the configuration.
pub const FHIR_EHR_E_AUTHORIZATION_REJECTED: i32 = 212;

/// The EHR user is linked to another user of this application. Nothing was stored.
pub const FHIR_EHR_E_EHR_USER_OF_ANOTHER: i32 = 213;

/// The view of this launch has ended. Open the application from the EHR again.
pub const FHIR_EHR_E_VIEW_ENDED: i32 = 220;

/// The handoff is unknown or was already redeemed.
pub const FHIR_EHR_E_HANDOFF_UNKNOWN: i32 = 221;

/// The handoff was not redeemed in time.
pub const FHIR_EHR_E_HANDOFF_EXPIRED: i32 = 222;

/// The handoff belongs to another application, or its secret is wrong. Nothing was handed out.
pub const FHIR_EHR_E_HANDOFF_FOREIGN: i32 = 223;

/// An endpoint of the EHR changed since it was approved. Nothing was sent there.
pub const FHIR_EHR_E_ENDPOINTS_CHANGED: i32 = 224;

/// The EHR's answer names another authorization server than the one where this sign-in started. The code was not sent to any server.
pub const FHIR_EHR_E_ISSUER_MISMATCH: i32 = 225;

/// The source requires PKCE, but the EHR does not advertise PKCE with S256.
pub const FHIR_EHR_E_PKCE_NOT_SUPPORTED: i32 = 226;

/// The EHR did not register this application.
pub const FHIR_EHR_E_CLIENT_REGISTRATION_FAILED: i32 = 227;

/// The source requires an id_token, but the EHR sent none. Nothing was stored.
pub const FHIR_EHR_E_ID_TOKEN_MISSING: i32 = 228;

/// The EHR's id_token is not valid, so the sign-in was refused. Nothing was stored.
pub const FHIR_EHR_E_ID_TOKEN_INVALID: i32 = 229;

/// The EHR's id_token names an issuer that is not known for this source. Nothing was stored.
pub const FHIR_EHR_E_ID_TOKEN_ISSUER_UNKNOWN: i32 = 230;

/// The public keys that verify the EHR's id_token could not be read. Nothing was stored.
pub const FHIR_EHR_E_ID_TOKEN_KEYS_UNAVAILABLE: i32 = 231;

/// The EHR signed its id_token with a key that it does not publish. Nothing was stored. A new key may be published late: sign in again in some minutes.
pub const FHIR_EHR_E_ID_TOKEN_KEY_UNKNOWN: i32 = 232;

/// There is no user link with this id.
pub const FHIR_EHR_E_USER_LINK_NOT_FOUND: i32 = 233;

/// The EHR's token endpoint is not available or sent an unusable answer. The sign-in is kept. Retry later.
pub const FHIR_EHR_E_TOKEN_UNAVAILABLE: i32 = 301;

/// The answer of the EHR's token endpoint is not valid.
pub const FHIR_EHR_E_TOKEN_RESPONSE_INVALID: i32 = 302;

/// The EHR no longer accepts this sign-in.
pub const FHIR_EHR_E_INVALID_GRANT: i32 = 303;

/// The EHR does not accept the client id or its credentials.
pub const FHIR_EHR_E_INVALID_CLIENT: i32 = 304;

/// The EHR's token endpoint rejected the request.
pub const FHIR_EHR_E_TOKEN_REJECTED: i32 = 305;

/// There is no usable sign-in. Open the application from the EHR (EHR launch) or sign in from the application (standalone launch), then pull again.
pub const FHIR_EHR_E_GRANT_NOT_FOUND: i32 = 306;

/// The sign-in has expired, and the EHR gave no refresh token.
pub const FHIR_EHR_E_GRANT_EXPIRED: i32 = 307;

/// Another process is refreshing this sign-in and did not finish in time.
pub const FHIR_EHR_E_REFRESH_BUSY: i32 = 308;

/// The EHR issued new tokens, but the store could not save them. The user must sign in again.
pub const FHIR_EHR_E_GRANT_LOST: i32 = 309;

/// The EHR rejects this sign-in. It has probably expired or was revoked.
pub const FHIR_EHR_E_GRANT_REJECTED: i32 = 310;

/// The EHR does not accept the system account or its token. Ask the EHR team to check its registration.
pub const FHIR_EHR_E_SYSTEM_ACCOUNT_REJECTED: i32 = 311;

/// The source has no system account. Add system_registration to the source in the configuration.
pub const FHIR_EHR_E_SYSTEM_ACCOUNT_MISSING: i32 = 312;

/// The token endpoint redirects to another address. The client secret and the tokens were not sent there. Ask the EHR team for the current address and store it as token_endpoint.
pub const FHIR_EHR_E_TOKEN_ENDPOINT_REDIRECTS: i32 = 313;

/// The answer to a token refresh was lost, so the EHR may have used up the refresh token. The user must sign in again.
pub const FHIR_EHR_E_GRANT_SUSPECT: i32 = 314;

/// The EHR has suspended or revoked this sign-in. It gives the same answer for both.
pub const FHIR_EHR_E_GRANT_SUSPENDED: i32 = 315;

/// The EHR does not revoke this token. It remains valid at the EHR until it expires.
pub const FHIR_EHR_E_REVOCATION_NOT_SUPPORTED: i32 = 319;

/// The EHR did not confirm that the token is revoked.
pub const FHIR_EHR_E_REVOCATION_FAILED: i32 = 320;

/// The EHR does not give information about tokens of this application.
pub const FHIR_EHR_E_INTROSPECTION_NOT_SUPPORTED: i32 = 321;

/// The EHR's answer about a token is not valid.
pub const FHIR_EHR_E_INTROSPECTION_FAILED: i32 = 322;

/// The EHR's server could not be reached.
pub const FHIR_EHR_E_NETWORK_UNREACHABLE: i32 = 401;

/// The EHR's server did not answer in time.
pub const FHIR_EHR_E_NETWORK_TIMEOUT: i32 = 402;

/// The EHR's answer is larger than the limit.
pub const FHIR_EHR_E_RESPONSE_TOO_LARGE: i32 = 403;

/// The EHR's answer is not FHIR JSON.
pub const FHIR_EHR_E_RESPONSE_NOT_FHIR: i32 = 404;

/// The EHR does not allow this sign-in to read this data.
pub const FHIR_EHR_E_FHIR_DENIED: i32 = 405;

/// The EHR rejects the access token, even after a refresh.
pub const FHIR_EHR_E_FHIR_UNAUTHORIZED: i32 = 406;

/// The EHR reports an error for this request.
pub const FHIR_EHR_E_FHIR_ERROR: i32 = 407;

/// The EHR's server is overloaded or failing.
pub const FHIR_EHR_E_FHIR_UNAVAILABLE: i32 = 408;

/// No patient has this medical record number at this source.
pub const FHIR_EHR_E_PATIENT_NOT_FOUND: i32 = 409;

/// More than one patient has this medical record number at this source.
pub const FHIR_EHR_E_PATIENT_AMBIGUOUS: i32 = 410;

/// The EHR sent data of another patient. Nothing from this pull was kept.
pub const FHIR_EHR_E_PATIENT_MISMATCH: i32 = 411;

/// The address of the next page is not allowed for this source.
pub const FHIR_EHR_E_NEXT_LINK_REFUSED: i32 = 412;

/// The EHR redirected the request to an address that is not allowed. The token was not sent there.
pub const FHIR_EHR_E_REDIRECT_REFUSED: i32 = 413;

/// No trusted TLS connection to the EHR's server could be established.
pub const FHIR_EHR_E_TLS_FAILED: i32 = 414;

/// The connection to the EHR's server was interrupted.
pub const FHIR_EHR_E_NETWORK_INTERRUPTED: i32 = 415;

/// The EHR answered a search with something other than search results.
pub const FHIR_EHR_E_SEARCH_NOT_ANSWERED: i32 = 416;

/// The EHR's answer to the patient search is not complete, so it does not show whether the patient exists.
pub const FHIR_EHR_E_PATIENT_SEARCH_INCOMPLETE: i32 = 417;

/// The EHR no longer uses the chart with this medical record number.
pub const FHIR_EHR_E_PATIENT_CHART_REPLACED: i32 = 418;

/// The address of the next page contains a user name or password, so it was not requested.
pub const FHIR_EHR_E_NEXT_LINK_CREDENTIALS: i32 = 419;

/// The link to the next page leads to a page that was already read.
pub const FHIR_EHR_E_NEXT_LINK_LOOP: i32 = 420;

/// The EHR's server redirected the request too many times.
pub const FHIR_EHR_E_REDIRECT_LOOP: i32 = 421;

/// The EHR did not grant the scope for this data, so the request was not sent.
pub const FHIR_EHR_E_SCOPE_NOT_GRANTED: i32 = 422;

/// The EHR refuses the request because its headers are too large.
pub const FHIR_EHR_E_REQUEST_HEADERS_TOO_LARGE: i32 = 423;

/// The mapping is not valid.
pub const FHIR_EHR_E_MAPPING_INVALID: i32 = 501;

/// The request is not valid.
pub const FHIR_EHR_E_REQUEST_INVALID: i32 = 502;

/// The application does not allow this user to do this in this project.
pub const FHIR_EHR_E_ACCESS_REFUSED: i32 = 503;

/// This pull exceeds a limit.
pub const FHIR_EHR_E_LIMIT_EXCEEDED: i32 = 504;

/// The search has more pages than limits.pages allows. Raise the limit or map fewer fields.
pub const FHIR_EHR_E_PAGE_LIMIT_REACHED: i32 = 505;

/// A stored record was encrypted with a key that is not in the key ring. Add that key to vault.keys.
pub const FHIR_EHR_E_VAULT_KEY_MISSING: i32 = 601;

/// A stored record cannot be decrypted. The key is wrong, or the record was changed or moved.
pub const FHIR_EHR_E_VAULT_OPEN_FAILED: i32 = 602;

/// No such staged row is waiting for adjudication.
pub const FHIR_EHR_E_ROW_NOT_FOUND: i32 = 603;

/// A value of this record was changed after it was shown, so no decision was saved. Show the values again, then retry.
pub const FHIR_EHR_E_ROW_CONFLICT: i32 = 604;

/// Two accepted values would go into the same field of the record. Accept only one of them.
pub const FHIR_EHR_E_ADJUDICATION_AMBIGUOUS: i32 = 605;

/// No values with this save id are waiting for confirmation.
pub const FHIR_EHR_E_SAVE_NOT_FOUND: i32 = 606;

/// The vault's index key is not the one that this store was created with. Without that key, nothing in the store can be found. Restore the original index_key.
pub const FHIR_EHR_E_INDEX_KEY_CHANGED: i32 = 607;

/// This record belongs to another patient.
pub const FHIR_EHR_E_RECORD_BOUND: i32 = 608;

/// This record holds values of more than one patient, so none of them is shown or handed out.
pub const FHIR_EHR_E_RECORD_MIXED: i32 = 609;

/// A stored row cannot be decrypted because it was changed or moved in the store. List the damaged rows, remove them, and pull again.
pub const FHIR_EHR_E_ROW_DAMAGED: i32 = 610;

/// The store cannot be reached. Each change was saved completely or not at all.
pub const FHIR_EHR_E_STORE_UNAVAILABLE: i32 = 701;

/// Another process changed the stored record first. Retry.
pub const FHIR_EHR_E_STORE_CONFLICT: i32 = 702;

/// The file is not a fhir_ehr store, or a newer version created it.
pub const FHIR_EHR_E_STORE_FOREIGN: i32 = 703;

/// The store returned an impossible result, so the call was stopped.
pub const FHIR_EHR_E_STORE_INCONSISTENT: i32 = 704;

/// The client is in use by the call that invoked this hook. Do not call it from the hook.
pub const FHIR_EHR_E_BUSY: i32 = 901;

/// An internal error occurred in fhir_ehr. Please report it.
pub const FHIR_EHR_E_INTERNAL: i32 = 902;
