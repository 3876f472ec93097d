//! For the administrator: the links from EHR users to users of the application.

use crate::{
    cast::{self, OutParam},
    client::{Client, State, with_client},
    documents::to_text,
    error::Error,
    status::Status,
    text::Text,
};
use libc::c_char;

/// Lists the links from EHR users to users of the application, by source and application user. A launch of a linked EHR user needs no
/// login.
///
/// The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (user_links.schema.json). `ehr_user` is what
/// identifies the EHR user, and `key` says where it comes from: `token_response`, `fhir_user`, `sub` or
/// `practitioner_identifier`. A link of an older version has null for `source`, `key` and `created_at` until it is used. The EHR wrote
/// some of these texts: escape them before you show them.
///
/// ```json
/// [
///   {"id": "bGluaw", "source": "main", "ehr_user": "Practitioner/4464007", "key": "fhir_user", "ehr_user_name": "Alex Doe",
///    "application_user": "alice", "created_at": 1790000000, "damaged": false}
/// ]
/// ```
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_links(
    client: *mut Client,
    user: *const c_char,
    user_length: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (text, user) = unsafe { (OutParam::new(text, "text")?, cast::text(user, user_length, "user")?) };
        let links = state.inner()?.links(user)?;
        text.write_boxed(to_text(&links)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Removes a link. `id` is the one of fhir_ehr_client_links(). The next launch of its EHR user asks for the application's login, and
/// links the EHR user to whoever logs in. The grants of the application's user and open views are kept.
///
/// The access hook is asked about FHIR_EHR_ACTION_CONFIGURE with an empty project.
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_USER_LINK_NOT_FOUND.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_unlink(
    client: *mut Client,
    user: *const c_char,
    user_length: usize,
    id: *const c_char,
    id_length: usize,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (user, id) =
            unsafe { (cast::text(user, user_length, "user")?, cast::text(id, id_length, "id")?) };
        state.inner()?.unlink(user, id)?;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}
