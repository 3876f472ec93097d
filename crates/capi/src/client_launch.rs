//! After a launch: its view, handoffs to other applications, and the memory of launches.

use crate::{
    cast::{self, OutParam},
    client::{Client, State, with_client},
    documents::{self, to_text},
    error::Error,
    status::Status,
    text::Text,
};
use libc::c_char;

/// Says whether the view of a launch is open: whether the application may still show the patient for whom the EHR opened it.
/// `user` is the user of the request, and `launch_id` is the one of the `signed_in` document of
/// fhir_ehr_client_handle_launch(). The access token is refreshed if it is about to expire, so call this for each page of the
/// view.
///
/// With a refresh token the view ends `view_seconds` after the launch, otherwise with the access token. It ends earlier when
/// the EHR refuses a refresh and after fhir_ehr_client_end_launch_view(). For another user it is not open.
///
/// The access hook is asked about FHIR_EHR_ACTION_LAUNCH with an empty project.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (launch_view.schema.json). `ended_by` is
/// null, `time`, `left`, `another_user`, `refused`, `source_changed` or `unknown`.
///
/// ```json
/// {"open": true, "ends_at": 1790003600, "ended_by": null}
/// ```
///
/// ```json
/// {"open": false, "ends_at": null, "ended_by": "refused"}
/// ```
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND. When the access token has expired and the token endpoint
/// does not answer, its error (301, 302, 304, 305, 308); the view is then neither open nor ended.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_launch_view(
    client: *mut Client,
    user: *const c_char,
    user_length: usize,
    launch_id: *const c_char,
    launch_id_length: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (text, user, launch_id) = unsafe {
            (
                OutParam::new(text, "text")?,
                cast::text(user, user_length, "user")?,
                cast::text(launch_id, launch_id_length, "launch_id")?,
            )
        };
        let view = state.inner()?.launch_view(user, launch_id)?;
        text.write_boxed(to_text(&view)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Ends the view of a launch, when its user leaves it or signs out of the application. The view of another user stays as it
/// is. Ending a view that has ended is no error.
///
/// The access hook is asked about FHIR_EHR_ACTION_LAUNCH with an empty project.
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_end_launch_view(
    client: *mut Client,
    user: *const c_char,
    user_length: usize,
    launch_id: *const c_char,
    launch_id_length: usize,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (user, launch_id) = unsafe {
            (cast::text(user, user_length, "user")?, cast::text(launch_id, launch_id_length, "launch_id")?)
        };
        state.inner()?.end_launch_view(user, launch_id)?;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Hands a launch with an open view off to another application. `url` is one of `handoff_urls` of the configuration, exactly
/// as it is written there.
///
/// The access hook is asked about FHIR_EHR_ACTION_LAUNCH with an empty project.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is `url` with a handle in the parameter `handoff`:
/// redirect the browser to it. The other application redeems the handle with fhir_ehr_client_redeem_handoff(), once and
/// within `handoff_seconds`. Keep the URL out of logs until then.
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_HANDOFF_URL_NOT_ALLOWED, FHIR_EHR_E_VIEW_ENDED.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_create_handoff(
    client: *mut Client,
    user: *const c_char,
    user_length: usize,
    launch_id: *const c_char,
    launch_id_length: usize,
    url: *const c_char,
    url_length: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (text, user, launch_id, url) = unsafe {
            (
                OutParam::new(text, "text")?,
                cast::text(user, user_length, "user")?,
                cast::text(launch_id, launch_id_length, "launch_id")?,
                cast::text(url, url_length, "url")?,
            )
        };
        let address = state.inner()?.create_handoff(user, launch_id, url)?;
        text.write_boxed(Text::new(address));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Redeems the handle of a handoff for the user and the launch context. `handle` is the value of the parameter `handoff` that
/// the other application received, and `secret` the secret that this application sent with it. A handle can be redeemed once.
///
/// The access hook is asked about FHIR_EHR_ACTION_LAUNCH for the user of the launch, with an empty project.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is the `signed_in` document of
/// fhir_ehr_client_handle_launch() (launch_result.schema.json). Keep it out of logs.
///
/// Errors: FHIR_EHR_E_HANDOFF_UNKNOWN, FHIR_EHR_E_HANDOFF_EXPIRED, FHIR_EHR_E_HANDOFF_FOREIGN (the handle stays valid for its
/// own application), FHIR_EHR_E_HANDOFF_URL_NOT_ALLOWED when the URL was removed from the configuration,
/// FHIR_EHR_E_VIEW_ENDED, FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SECRET_UNAVAILABLE.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_redeem_handoff(
    client: *mut Client,
    handle: *const c_char,
    handle_length: usize,
    secret: *const c_char,
    secret_length: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (text, handle, secret) = unsafe {
            (
                OutParam::new(text, "text")?,
                cast::text(handle, handle_length, "handle")?,
                cast::text(secret, secret_length, "secret")?,
            )
        };
        let sign_in = state.inner()?.redeem_handoff(handle, secret)?;
        text.write_boxed(to_text(&documents::sign_in(&sign_in))?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Lists the launches of the last days (`launch_log_days`), the newest first, at most 1,000: for each, what arrived and where
/// it was handed off. Failed launches of one day with the same error are one entry with a `count`. The list has no value of a
/// launch: no patient, no encounter and no user.
///
/// The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (launches.schema.json). Times are in seconds
/// since 1970. `kind` is `ehr`, `standalone` or null; `outcome` is `signed_in`, `login_required` or `failed`.
///
/// ```json
/// [
///   {"at": 1790000000, "source": "main", "kind": "ehr", "outcome": "signed_in", "error": null, "count": 1,
///    "access_token": true, "patient": true, "encounter": false, "ehr_user": true, "refresh_token": false,
///    "refresh_token_missing": true,
///    "handoffs": [{"url": "https://study.example.org/start", "created_at": 1790000005, "redeemed_at": null}]}
/// ]
/// ```
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_launches(
    client: *mut Client,
    user: *const c_char,
    user_length: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (text, user) = unsafe { (OutParam::new(text, "text")?, cast::text(user, user_length, "user")?) };
        let launches = state.inner()?.launches(user)?;
        text.write_boxed(to_text(&launches)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}
