//! Sign-outs, and the stored grants for the administrator: the list, what the EHR says about a token, and the keep-alive call.

use crate::{
    cast::{self, OutParam},
    client::{Client, State, with_client},
    documents::to_text,
    error::Error,
    status::Status,
    text::Text,
};
use libc::c_char;

/// Signs a user out of a source, by the user's own request: removes the user's stored grants there, ends the views and the sign-ins
/// that are under way, and revokes the tokens at the EHR. Grants of other users are not touched. An EHR that does not answer keeps
/// no grant in use; the call waits at most 10 seconds for it.
///
/// The access hook is asked about FHIR_EHR_ACTION_LAUNCH with an empty project.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (signed_out.schema.json): one entry for each grant
/// that was removed. `refresh_token` and `access_token` are `absent`, `expired`, `revoked`, `not_supported` (the EHR does not revoke
/// such tokens) or `not_revoked` (the EHR did not confirm it). With `retry_until`, fhir_ehr_client_keep_alive() retries the revocation.
///
/// ```json
/// [
///   {"source": "main", "patient_bound": false, "refresh_token": "revoked", "access_token": "not_supported",
///    "access_token_valid_until": 1790000570, "error": "revocation_not_supported",
///    "message": "The EHR does not revoke this token. It remains valid at the EHR until it expires.", "retry_until": null}
/// ]
/// ```
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_REQUEST_INVALID when `user` is empty, those of the
/// store.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_sign_out(
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
        text.write_boxed(to_text(&state.inner()?.sign_out(user, source)?)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Signs another user out of a source, for an administrator: as fhir_ehr_client_sign_out().
///
/// The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (signed_out.schema.json).
///
/// Errors: those of fhir_ehr_client_sign_out().
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_sign_out_user(
    client: *mut Client,
    administrator: *const c_char,
    administrator_length: usize,
    user: *const c_char,
    user_length: usize,
    source: *const c_char,
    source_length: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (text, administrator, user, source) = unsafe {
            (
                OutParam::new(text, "text")?,
                cast::text(administrator, administrator_length, "administrator")?,
                cast::text(user, user_length, "user")?,
                cast::text(source, source_length, "source")?,
            )
        };
        text.write_boxed(to_text(&state.inner()?.sign_out_user(administrator, user, source)?)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Removes the stored token of a source's system account, for an administrator, and revokes it at the EHR. The next call that needs
/// a token requests another one.
///
/// The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (signed_out.schema.json).
///
/// Errors: those of fhir_ehr_client_sign_out().
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_sign_out_system_account(
    client: *mut Client,
    administrator: *const c_char,
    administrator_length: usize,
    source: *const c_char,
    source_length: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (text, administrator, source) = unsafe {
            (
                OutParam::new(text, "text")?,
                cast::text(administrator, administrator_length, "administrator")?,
                cast::text(source, source_length, "source")?,
            )
        };
        text.write_boxed(to_text(&state.inner()?.sign_out_system_account(administrator, source)?)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Removes what is stored about the sign-ins of a user who leaves, for an administrator: the grants at all sources, which are
/// revoked, the links from EHR users to the user, the views, and the sign-ins that are under way. Staged rows and decisions stay.
///
/// The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (user_removal.schema.json). `grants` is as in
/// fhir_ehr_client_sign_out(); `links` is the number of links.
///
/// ```json
/// {"grants": [], "links": 1}
/// ```
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_REQUEST_INVALID when `user` is empty, those of the store.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_remove_user(
    client: *mut Client,
    administrator: *const c_char,
    administrator_length: usize,
    user: *const c_char,
    user_length: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (text, administrator, user) = unsafe {
            (
                OutParam::new(text, "text")?,
                cast::text(administrator, administrator_length, "administrator")?,
                cast::text(user, user_length, "user")?,
            )
        };
        text.write_boxed(to_text(&state.inner()?.remove_user(administrator, user)?)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Lists the stored grants, one page of them, for an administrator: who is signed in at which source, until when, and who must act.
/// `after` is NULL for the first page, and then the `next` of the page before. `limit` is from 1 to 1,000. The list has no token and
/// no id of a patient. Nothing is sent.
///
/// The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (grants.schema.json). Times are in seconds since
/// 1970. `status` is `active`, `no_refresh_token`, `expired`, `suspect`, `suspended` or `revoked`; `lapse` is what ends the sign-in;
/// `action` is `none`, `sign_in`, `ask_ehr_team` or `check_configuration`. `unreadable` has the records that cannot be decrypted.
///
/// ```json
/// {
///   "grants": [
///     {"source": "main", "user": "alice", "system_account": false, "patient_bound": false, "status": "active",
///      "signed_in_at": 1790000000, "refreshed_at": null, "access_token_expires_at": 1790000570, "refresh_token": true,
///      "lapse": "unused", "lapses_at": 1797776000, "trouble_since": null, "action": "none", "advice": null, "warnings": []}
///   ],
///   "unreadable": [], "next": null
/// }
/// ```
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_REQUEST_INVALID for another `limit`, those of the store.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_grants(
    client: *mut Client,
    administrator: *const c_char,
    administrator_length: usize,
    after: *const c_char,
    after_length: usize,
    limit: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (text, administrator, after) = unsafe {
            (
                OutParam::new(text, "text")?,
                cast::text(administrator, administrator_length, "administrator")?,
                cast::text_or_none(after, after_length, "after")?,
            )
        };
        text.write_boxed(to_text(&state.inner()?.grants(administrator, after, limit)?)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Asks the EHR about the stored tokens of a user at a source (RFC 7662), for an administrator. `user` is NULL for the system
/// account. The result has no token, and nothing about the patient or the user.
///
/// The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (introspections.schema.json). The EHR wrote the texts:
/// escape them before you show them.
///
/// ```json
/// [
///   {"token": "access_token", "patient_bound": false, "active": true, "scope": "user/Patient.read", "client_id": "app",
///    "own_client": true, "token_type": "Bearer", "expires_at": 1790000570, "issued_at": null, "issuer": null}
/// ]
/// ```
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_GRANT_NOT_FOUND,
/// FHIR_EHR_E_INTROSPECTION_NOT_SUPPORTED, FHIR_EHR_E_INTROSPECTION_FAILED, FHIR_EHR_E_INVALID_CLIENT,
/// FHIR_EHR_E_TOKEN_UNAVAILABLE, those of discovery, the network and the store.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_introspect(
    client: *mut Client,
    administrator: *const c_char,
    administrator_length: usize,
    user: *const c_char,
    user_length: usize,
    source: *const c_char,
    source_length: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (text, administrator, user, source) = unsafe {
            (
                OutParam::new(text, "text")?,
                cast::text(administrator, administrator_length, "administrator")?,
                cast::text_or_none(user, user_length, "user")?,
                cast::text(source, source_length, "source")?,
            )
        };
        text.write_boxed(to_text(&state.inner()?.introspect(administrator, user, source)?)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Refreshes the offline sign-ins that no one has used for `keep_alive_days` of their source, and retries the revocations of earlier
/// sign-outs that failed. Call it once a day. The failure of one sign-in does not stop the others.
///
/// The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (keep_alive.schema.json). `outcome` is `refreshed`,
/// `failed`, `skipped` (the server had failed for others) or `ended` (the user must sign in again).
///
/// ```json
/// {
///   "grants": [
///     {"source": "main", "user": "alice", "patient_bound": false, "outcome": "refreshed", "last_used_at": 1787000000,
///      "error": null, "message": null}
///   ],
///   "not_due": 3, "unreadable": 0, "revocations_finished": 0, "revocations_unfinished": 0
/// }
/// ```
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, those of the store.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_keep_alive(
    client: *mut Client,
    administrator: *const c_char,
    administrator_length: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (text, administrator) = unsafe {
            (OutParam::new(text, "text")?, cast::text(administrator, administrator_length, "administrator")?)
        };
        text.write_boxed(to_text(&state.inner()?.keep_alive(administrator)?)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}
