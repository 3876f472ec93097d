//! For the administrator: the discovery of a server's endpoints, the check of a source, and the keys to publish.

use crate::{
    cast::{self, OutParam},
    client::{Client, State, with_client},
    documents::{self, to_text},
    error::Error,
    status::Status,
    text::Text,
};
use fhir_ehr::CheckOptions;
use libc::c_char;

/// Finds the endpoints and the FHIR version of a server, for an administrator who adds it to the configuration. `iss` is
/// the FHIR base URL: https, or http on the loopback interface. An administrator must have typed it; never take it from a
/// launch or any other request. TLS settings and limits are those of the configuration. Redirects to another origin are
/// not followed. The store is not used.
///
/// The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (discovery.schema.json). The server wrote
/// these texts: escape them before you show them. `fhir_version` is null when the server names no version that this
/// library supports.
///
/// ```json
/// {
///   "authorization_endpoint": "https://ehr.example.org/authorize",
///   "token_endpoint": "https://ehr.example.org/token", "introspection_endpoint": null, "revocation_endpoint": null,
///   "management_endpoint": null, "registration_endpoint": null, "jwks_uri": "https://ehr.example.org/jwks",
///   "issuer": "https://ehr.example.org", "fhir_version": "r4",
///   "found_in": "smart-configuration", "scopes_supported": ["openid", "launch"],
///   "capabilities": ["launch-ehr", "launch-standalone"], "code_challenge_methods": ["S256"], "vendor": "oracle"
/// }
/// ```
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_URL_NOT_ALLOWED (nothing was sent), FHIR_EHR_E_DISCOVERY_FAILED, those of
/// the network (401, 402, 403, 413, 414, 415).
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_discover(
    client: *mut Client,
    user: *const c_char,
    user_length: usize,
    iss: *const c_char,
    iss_length: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (text, user, iss) = unsafe {
            (
                OutParam::new(text, "text")?,
                cast::text(user, user_length, "user")?,
                cast::text(iss, iss_length, "iss")?,
            )
        };
        let discovery = state.inner()?.discover(user, iss)?;
        text.write_boxed(to_text(&documents::discovery(&discovery))?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Requests the endpoints that a source publishes now, and stores them as approved. From then on, a launch or a token request fails
/// with FHIR_EHR_E_ENDPOINTS_CHANGED when the server publishes another endpoint, and nothing is sent there. Call it again after your
/// EHR team has confirmed a change.
///
/// The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (approved_endpoints.schema.json).
///
/// ```json
/// {
///   "found_in": "smart-configuration",
///   "endpoints": {
///     "authorization_endpoint": "https://ehr.example.org/authorize",
///     "token_endpoint": "https://ehr.example.org/token", "issuer": "https://ehr.example.org"
///   }
/// }
/// ```
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_DISCOVERY_FAILED, those of the network and of the
/// store.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_approve_endpoints(
    client: *mut Client,
    user: *const c_char,
    user_length: usize,
    source: *const c_char,
    source_length: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (text, user, source) = unsafe {
            (
                OutParam::new(text, "text")?,
                cast::text(user, user_length, "user")?,
                cast::text(source, source_length, "source")?,
            )
        };
        let approved = state.inner()?.approve_endpoints(user, source)?;
        text.write_boxed(to_text(&documents::approved_endpoints(&approved))?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// For fhir_ehr_client_check_source_with(): also sends a production source a secret (for a public client: a client id)
/// that is certainly wrong, and compares the answers. The EHR may count failed attempts.
pub const FHIR_EHR_CHECK_TRY_WRONG_SECRET: u32 = 1;

/// Checks a source: fhir_ehr_client_check_source_with() with 0 as `flags`.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_check_source(
    client: *mut Client,
    user: *const c_char,
    user_length: usize,
    source: *const c_char,
    source_length: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        fhir_ehr_client_check_source_with(client, user, user_length, source, source_length, 0, text, error)
    }
}

/// Checks that a source works as it is configured: base URL and FHIR version, endpoints, client id and secret, system
/// account, redirect URIs, names of resource types, secrets, vault keys, CA file and store. It requests no patient data.
/// It writes a test record to the store and deletes it. A failed step is not an error of the call, and the next steps run
/// anyway.
///
/// `flags` is 0 or FHIR_EHR_CHECK_TRY_WRONG_SECRET. A source that is not a production source gets a wrong secret in any
/// case.
///
/// The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (check_steps.schema.json). `finding` is a
/// stable id; docs/administrator.md lists them. `owner` (who can fix it) and `error` (the name of the error it leads to)
/// are null unless there is something to fix.
///
/// ```json
/// [
///   {"name": "metadata", "finding": "metadata_ok", "status": "ok", "text": "FHIR R4.", "hint": null,
///    "owner": null, "error": null},
///   {"name": "client", "finding": "client_rejected", "status": "failed",
///    "text": "The EHR does not accept the client id or the secret.", "hint": "Ask your EHR team.",
///    "owner": "ehr_team", "error": "invalid_client"}
/// ]
/// ```
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND; FHIR_EHR_E_REQUEST_INVALID for an unknown flag.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_check_source_with(
    client: *mut Client,
    user: *const c_char,
    user_length: usize,
    source: *const c_char,
    source_length: usize,
    flags: u32,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (text, user, source) = unsafe {
            (
                OutParam::new(text, "text")?,
                cast::text(user, user_length, "user")?,
                cast::text(source, source_length, "source")?,
            )
        };
        if flags & !FHIR_EHR_CHECK_TRY_WRONG_SECRET != 0 {
            return Err(cast::invalid("flags has a flag that this version does not support"));
        }
        let try_wrong_secret = flags & FHIR_EHR_CHECK_TRY_WRONG_SECRET != 0;
        let options = CheckOptions { try_wrong_secret, ..CheckOptions::default() };
        let steps = state.inner()?.check_source_with(user, source, options)?;
        text.write_boxed(to_text(&steps)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// The JWKS document of a key ring, to serve at the URL that is registered at the EHRs. Serve it without a login, with the
/// media type `application/json` and with `cache_control` as the header `Cache-Control`. It contains public keys only: the
/// current key, and the next and retired ones. `key_ring` is the name of the ring in the configuration.
///
/// The access hook is not asked. Neither the store nor the network is used. The secret provider is asked for keys that the
/// configuration writes as `hook:NAME`.
///
/// On success *json and *cache_control are new texts; free both with fhir_ehr_text_free().
///
/// Errors: FHIR_EHR_E_REQUEST_INVALID (the configuration has no such key ring), FHIR_EHR_E_SECRET_UNAVAILABLE,
/// FHIR_EHR_E_CONFIG_INVALID (a key cannot be used).
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_jwks(
    client: *mut Client,
    key_ring: *const c_char,
    key_ring_length: usize,
    json: *mut *mut Text,
    cache_control: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (json, cache_control, key_ring) = unsafe {
            (
                OutParam::new(json, "json")?,
                OutParam::new(cache_control, "cache_control")?,
                cast::text(key_ring, key_ring_length, "key_ring")?,
            )
        };
        let document = state.inner()?.jwks(key_ring)?;
        let (body, header) = (Text::new(document.json), Text::new(document.cache_control));
        json.write_boxed(body);
        cache_control.write_boxed(header);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}
