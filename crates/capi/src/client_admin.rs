//! For the administrator: Auto-Find of a server's endpoints, and the check of a source.

use crate::{
    cast::{self, Out},
    client::{Client, State, inside},
    documents,
    error::Error,
    guard::Status,
    text::Text,
};
use fhir_ehr::CheckOptions;
use libc::c_char;

/// Asks a server that need not be in the configuration for its endpoints and its FHIR version (Auto-Find), for
/// an administrator who asks for it by hand. `iss` is the FHIR base URL: https, or http on the loopback
/// interface; never take it from a request that an EHR or a user's browser brings. TLS and limits are the
/// configuration's; redirects to another origin are not followed.
///
/// The access hook is asked FHIR_EHR_ACTION_CONFIGURE with an empty project. The store is not touched.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is a JSON document:
/// `authorization_endpoint` (may be null), `token_endpoint`, `fhir_version` (`dstu2`, `r4`, or null: it says
/// none or another), `found_in` (`smart-configuration` or `metadata`), `scopes_supported` and `capabilities` (lists of
/// texts). What is in it comes from outside: escape it before it is shown.
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_URL_NOT_ALLOWED (nothing was sent),
/// FHIR_EHR_E_DISCOVERY_FAILED, the network's (401, 402, 403, 413, 414, 415).
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
                Out::new(text, "text")?,
                cast::text(user, user_length, "user")?,
                cast::text(iss, iss_length, "iss")?,
            )
        };
        let discovery = state.ready()?.discover(user, iss)?;
        text.give(Text::new(documents::discovery(&discovery).to_string()));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Let fhir_ehr_client_check_source_with() ask a production source too with a secret (of a public client: a client id) that is
/// certainly wrong, to compare the answers. The EHR may count such requests.
pub const FHIR_EHR_CHECK_TRY_WRONG_SECRET: u32 = 1;

/// Checks whether a source answers as it is configured: fhir_ehr_client_check_source_with() with 0 as `flags`.
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

/// Checks whether a source answers as it is configured: its base URL and FHIR version, its endpoints, id and
/// secret of the registration for users, the system account; then redirect URIs, the names of resource types, secrets, vault
/// keys, the CA file and the store. A step that failed is no error of the call, and does not keep the next one from going on. No
/// patient is asked for. The store gets a test record, which is deleted again.
///
/// `flags` is 0 or FHIR_EHR_CHECK_TRY_WRONG_SECRET. Sources that are not for production get a wrong secret in any case.
///
/// The access hook is asked FHIR_EHR_ACTION_CONFIGURE with an empty project.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is a JSON list of objects: `name`
/// (`metadata`, `endpoints`, `client`, `system_account`, `redirect_uris`, `resources`, `secrets`, `vault`, `ca_file`, `store`,
/// `not_checked`; later versions may have more), `finding` (a stable id, see docs/administrator.md), `status` (`ok`, `failed`,
/// `warning`, `unknown`: it cannot be determined, `skipped`), `text` (plain sentences), `hint` (or null), and where something is to
/// be fixed `owner` (who can fix it) and `error` (the stable name), else null.
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND; FHIR_EHR_E_REQUEST_INVALID for a flag that is not known.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
                Out::new(text, "text")?,
                cast::text(user, user_length, "user")?,
                cast::text(source, source_length, "source")?,
            )
        };
        if flags & !FHIR_EHR_CHECK_TRY_WRONG_SECRET != 0 {
            return Err(cast::invalid("flags: a flag that this version does not know"));
        }
        let try_wrong_secret = flags & FHIR_EHR_CHECK_TRY_WRONG_SECRET != 0;
        let options = CheckOptions { try_wrong_secret, ..CheckOptions::default() };
        let steps = state.ready()?.check_source_with(user, source, options)?;
        text.give(Text::new(documents::steps(&steps)?.to_string()));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}
