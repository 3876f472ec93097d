//! Signing in: launch and callback, a sign-in that starts in the application, the application's own login.

use crate::{
    cast::{self, OutParam},
    client::{Client, State, with_client},
    documents::{self, to_text},
    error::Error,
    status::Status,
    text::Text,
};
use libc::c_char;

/// Handles the browser at the application's launch and redirect URL, which are one URL: the EHR opens it to launch the
/// application (`iss` and `launch`), and the authorization server redirects back to it (`state` with `code` or `error`).
///
/// `query` is the query string of the request as it was received, without `?`. `session` identifies the browser's session
/// and must be a secret that only the application knows, such as its session id. `redirect_uri` is this URL, one of the
/// registered ones; take it from your configuration, never from the request.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (launch_result.schema.json), and its
/// `kind` says what to do next. `redirect`: send the browser to `url`.
///
/// ```json
/// {"kind": "redirect", "url": "https://ehr.example.org/authorize?response_type=code&client_id=app"}
/// ```
///
/// `form`: the `authorize_method` of the source is `post`. Show a page with a form of method POST to `url`, with `fields` as hidden
/// fields and a button. Escape the values. If a script submits the form, your Content-Security-Policy must allow it.
///
/// ```json
/// {"kind": "form", "url": "https://ehr.example.org/authorize", "fields": {"client_id": "app", "state": "q3J0b2tlbg"}}
/// ```
///
/// `signed_in`: `user` is signed in at `source`. Give the browser a new session id and redirect it to a URL without the
/// query. `expires_at` and `view_ends_at` are in seconds since 1970; see fhir_ehr_client_launch_view(). `smart_style_url` is
/// https or on the loopback interface, but the EHR wrote it: load it only from hosts that you know. `id_token` is `verified`,
/// `missing` (the EHR granted `openid` and sent none), `not_granted`, `not_requested`, or with the policy `soft` `rejected`: then
/// `id_token_error` has the name of the error, and nothing was taken from the token. `fhir_user` is null if the EHR names none.
///
/// ```json
/// {
///   "kind": "signed_in", "launch_id": "bGF1bmNo", "user": "alice", "source": "main",
///   "context": {
///     "patient": "12724066", "encounter": null, "ehr_user": "jdoe",
///     "fhir_user": {"reference": "Practitioner/4464007", "resource_type": "Practitioner", "id": "4464007", "was_read": false,
///                   "name": null},
///     "id_token": "verified", "id_token_error": null,
///     "need_patient_banner": true, "smart_style_url": null, "intent": null, "tenant": null,
///     "fhir_context": [
///       {"reference": "ImagingStudy/123", "canonical": null, "identifier_system": null, "identifier_value": null,
///        "type": "ImagingStudy", "role": "launch"}
///     ],
///     "granted_scopes": "launch openid fhirUser patient/Observation.read",
///     "missing_scopes": ["patient/Condition.read"], "partly_granted_scopes": [], "refresh_token_missing": false,
///     "expires_at": 1790000000, "view_ends_at": 1790003600
///   }
/// }
/// ```
///
/// `login_required`: the EHR's user is not linked to a user of the application yet. Show the application's own login, then
/// call fhir_ehr_client_finish_login(). Keep `handover` in the session on the server.
///
/// ```json
/// {"kind": "login_required", "handover": "q3J0b2tlbg", "ehr_user": "Practitioner/4464007", "source": "main"}
/// ```
///
/// Errors: FHIR_EHR_E_LAUNCH_AMBIGUOUS, FHIR_EHR_E_LAUNCH_EMPTY, FHIR_EHR_E_SOURCE_NOT_FOUND,
/// FHIR_EHR_E_REDIRECT_URI_NOT_REGISTERED, FHIR_EHR_E_STATE_MISSING, FHIR_EHR_E_STATE_UNKNOWN,
/// FHIR_EHR_E_STATE_FOREIGN, FHIR_EHR_E_LAUNCH_EXPIRED, FHIR_EHR_E_AUTHORIZATION_DENIED,
/// FHIR_EHR_E_AUTHORIZATION_FAILED, FHIR_EHR_E_AUTHORIZATION_REJECTED, FHIR_EHR_E_ISSUER_MISMATCH, FHIR_EHR_E_DISCOVERY_FAILED,
/// FHIR_EHR_E_ENDPOINTS_CHANGED, FHIR_EHR_E_PKCE_NOT_SUPPORTED, those of the token
/// endpoint (301 to 305), those of the id_token (228 to 232), FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_EHR_USER_OF_ANOTHER; FHIR_EHR_E_REQUEST_INVALID when
/// `session` is blank.
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
                OutParam::new(text, "text")?,
                cast::text(query, query_length, "query")?,
                cast::text(session, session_length, "session")?,
                cast::text_or_none(redirect_uri, redirect_uri_length, "redirect_uri")?,
            )
        };
        let launch_result = state.inner()?.handle_launch(query, session, redirect_uri)?;
        text.write_boxed(to_text(&documents::launch_result(&launch_result))?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Handles a request to the launch URL of one organization, such as `/launch/ORGANIZATION`: as
/// fhir_ehr_client_handle_launch(), but an `iss` of another organization is refused before anything is sent.
/// `organization` is the name of the organization in the configuration.
///
/// On success *text is a new text; free it with fhir_ehr_text_free().
///
/// Errors: those of fhir_ehr_client_handle_launch(), FHIR_EHR_E_SOURCE_OF_OTHER_ORGANIZATION.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_handle_organization_launch(
    client: *mut Client,
    organization: *const c_char,
    organization_length: usize,
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
        let (text, organization, query, session, redirect_uri) = unsafe {
            (
                OutParam::new(text, "text")?,
                cast::text(organization, organization_length, "organization")?,
                cast::text(query, query_length, "query")?,
                cast::text(session, session_length, "session")?,
                cast::text_or_none(redirect_uri, redirect_uri_length, "redirect_uri")?,
            )
        };
        let launch_result =
            state.inner()?.handle_organization_launch(organization, query, session, redirect_uri)?;
        text.write_boxed(to_text(&documents::launch_result(&launch_result))?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Starts a sign-in from the application (standalone launch) for a user who is logged in there. `session` and
/// `redirect_uri` are those of fhir_ehr_client_handle_launch().
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is the URL to redirect the browser to. The
/// browser returns to `redirect_uri`: pass its query to fhir_ehr_client_handle_launch().
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_REDIRECT_URI_NOT_REGISTERED,
/// FHIR_EHR_E_DISCOVERY_FAILED, FHIR_EHR_E_ENDPOINTS_CHANGED, FHIR_EHR_E_PKCE_NOT_SUPPORTED; FHIR_EHR_E_REQUEST_INVALID when
/// `session` is blank, and for a source whose `authorize_method` is `post`: call fhir_ehr_client_start_sign_in().
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
                OutParam::new(text, "text")?,
                cast::text(source, source_length, "source")?,
                cast::text(user, user_length, "user")?,
                cast::text(session, session_length, "session")?,
                cast::text_or_none(redirect_uri, redirect_uri_length, "redirect_uri")?,
            )
        };
        let url = state.inner()?.sign_in(source, user, session, redirect_uri)?;
        text.write_boxed(Text::new(url));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Starts a sign-in from the application, as fhir_ehr_client_sign_in() does, for sources with any `authorize_method`.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is the `redirect` or `form` document of
/// fhir_ehr_client_handle_launch() (launch_result.schema.json).
///
/// Errors: those of fhir_ehr_client_sign_in().
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_start_sign_in(
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
                OutParam::new(text, "text")?,
                cast::text(source, source_length, "source")?,
                cast::text(user, user_length, "user")?,
                cast::text(session, session_length, "session")?,
                cast::text_or_none(redirect_uri, redirect_uri_length, "redirect_uri")?,
            )
        };
        let launch_result = state.inner()?.start_sign_in(source, user, session, redirect_uri)?;
        text.write_boxed(to_text(&documents::launch_result(&launch_result))?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Finishes a launch whose result was `login_required`, after `user` has logged in to the application. It links the EHR's
/// user to `user`: later launches need no login. `handover` comes from that result and can be used once. `session` is the
/// one of the launch.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is the `signed_in` document of
/// fhir_ehr_client_handle_launch() (launch_result.schema.json).
///
/// Errors: FHIR_EHR_E_HANDOVER_UNKNOWN, FHIR_EHR_E_STATE_FOREIGN, FHIR_EHR_E_LAUNCH_EXPIRED,
/// FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND when the source was removed from the configuration,
/// FHIR_EHR_E_EHR_USER_OF_ANOTHER when the EHR's user is linked to another user; FHIR_EHR_E_REQUEST_INVALID when `user` or
/// `session` is blank.
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
                OutParam::new(text, "text")?,
                cast::text(handover, handover_length, "handover")?,
                cast::text(session, session_length, "session")?,
                cast::text(user, user_length, "user")?,
            )
        };
        let sign_in = state.inner()?.finish_login(handover, session, user)?;
        text.write_boxed(to_text(&documents::sign_in(&sign_in))?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}
