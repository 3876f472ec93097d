//! Signing in: launch and callback, a sign-in from the application, the application's own login.

use crate::{
    cast::{self, Out},
    client::{Client, State, inside},
    documents,
    error::Error,
    guard::Status,
    text::Text,
};
use libc::c_char;

/// Handles the one address that the EHR launches and the authorization server returns to.
///
/// `query` is the request's query string as it came, without `?`; `session` a text that names the browser's
/// session and that the host alone knows; `redirect_uri` this very address, fixed by the host and never taken
/// from the request.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is a JSON document whose
/// `kind` says what to do:
/// `redirect`: send the browser to `url`;
/// `signed_in`: `user` is signed in at `source`, with `context` (`patient`, `encounter`, `ehr_user`,
/// `need_patient_banner`, `smart_style_url`, `intent`, `tenant`, `granted_scopes`, `missing_scopes`,
/// `expires_at`); give the browser a new session and an address without the query;
/// `login_required`: ask for the application's own login, then call fhir_ehr_client_finish_login() with
/// `handover`, which stays on the host's side; `ehr_user` is the EHR's name for the user, or null.
///
/// Errors: FHIR_EHR_E_LAUNCH_AMBIGUOUS, FHIR_EHR_E_LAUNCH_EMPTY, FHIR_EHR_E_SOURCE_NOT_FOUND,
/// FHIR_EHR_E_REDIRECT_URI_NOT_REGISTERED, FHIR_EHR_E_STATE_MISSING, FHIR_EHR_E_STATE_UNKNOWN,
/// FHIR_EHR_E_STATE_FOREIGN, FHIR_EHR_E_LAUNCH_EXPIRED, FHIR_EHR_E_AUTHORIZATION_DENIED,
/// FHIR_EHR_E_AUTHORIZATION_FAILED, FHIR_EHR_E_AUTHORIZATION_REJECTED, FHIR_EHR_E_DISCOVERY_FAILED, the token endpoint's (301 to 305),
/// FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_EHR_USER_OF_ANOTHER; FHIR_EHR_E_REQUEST_INVALID when `session` is empty or blank.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_handle_launch(
    client: *mut Client,
    query: *const c_char,
    query_length: usize,
    session: *const c_char,
    session_length: usize,
    redirect_uri: *const c_char,
    redirect_uri_length: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (text, query, session, redirect_uri) = unsafe {
            (
                Out::new(text, "text")?,
                cast::text(query, query_length, "query")?,
                cast::text(session, session_length, "session")?,
                cast::text(redirect_uri, redirect_uri_length, "redirect_uri")?,
            )
        };
        let launch_result = state.ready()?.handle_launch(query, session, redirect_uri)?;
        text.give(Text::new(documents::launch_result(&launch_result).to_string()));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Begins a sign-in from the application, for a user that it has logged in.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is the address to send the
/// browser to; the browser comes back to fhir_ehr_client_handle_launch().
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_REDIRECT_URI_NOT_REGISTERED,
/// FHIR_EHR_E_DISCOVERY_FAILED; FHIR_EHR_E_REQUEST_INVALID when `session` is empty or blank.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_sign_in(
    client: *mut Client,
    source: *const c_char,
    source_length: usize,
    user: *const c_char,
    user_length: usize,
    session: *const c_char,
    session_length: usize,
    redirect_uri: *const c_char,
    redirect_uri_length: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (text, source, user, session, redirect_uri) = unsafe {
            (
                Out::new(text, "text")?,
                cast::text(source, source_length, "source")?,
                cast::text(user, user_length, "user")?,
                cast::text(session, session_length, "session")?,
                cast::text(redirect_uri, redirect_uri_length, "redirect_uri")?,
            )
        };
        let address = state.ready()?.sign_in(source, user, session, redirect_uri)?;
        text.give(Text::new(address));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Ends a launch for which the application has asked for its own login, and links the EHR's user to the
/// application's, so that later launches need none. `handover` is used up.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is the document of
/// fhir_ehr_client_handle_launch() with the outcome `signed_in`.
///
/// Errors: FHIR_EHR_E_HANDOVER_UNKNOWN, FHIR_EHR_E_STATE_FOREIGN, FHIR_EHR_E_LAUNCH_EXPIRED,
/// FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND when the source was taken out of the configuration,
/// FHIR_EHR_E_EHR_USER_OF_ANOTHER when the EHR user is linked to another user; FHIR_EHR_E_REQUEST_INVALID when `user` or
/// `session` is empty.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_finish_login(
    client: *mut Client,
    handover: *const c_char,
    handover_length: usize,
    session: *const c_char,
    session_length: usize,
    user: *const c_char,
    user_length: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (text, handover, session, user) = unsafe {
            (
                Out::new(text, "text")?,
                cast::text(handover, handover_length, "handover")?,
                cast::text(session, session_length, "session")?,
                cast::text(user, user_length, "user")?,
            )
        };
        let signed_in = state.ready()?.finish_login(handover, session, user)?;
        text.give(Text::new(documents::sign_in(&signed_in).to_string()));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}
