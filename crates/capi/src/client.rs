//! The client: a core with the hooks of a host, and one function for each thing a host does.

use crate::{
    cast::{self, Out},
    core::Core,
    documents,
    error::Error,
    guard::{self, After, Gate, Status},
    hooks::{AccessHooks, Host, KeyHooks, LogHooks, StoreHooks},
    rows::Rows,
    text::Text,
};
use fhir_ehr::{
    client::{Client as Inner, Core as InnerCore, EverybodyMay, Hooks},
    error::{Code, Error as CoreError, Result},
    secret::Keys,
    staging::adjudicate::SaveSet,
    store::Store,
};
use libc::c_char;
use std::sync::Arc;

/// A core with the hooks of a host, for one request or for all of them. One thread at a time is inside;
/// another waits until it is out. A hook that calls its own client is told FHIR_EHR_E_BUSY.
pub struct Client(Gate<State>);

struct State {
    core: Arc<InnerCore>,
    store: Option<StoreHooks>,
    /// `Some(None)`: the host has said that everybody may.
    access: Option<Option<AccessHooks>>,
    keys: Option<KeyHooks>,
    log: Option<LogHooks>,
    /// Made at the first call that needs it; from then on the hooks stay.
    ready: Option<Inner>,
}

impl State {
    fn ready(&mut self) -> Result<&Inner> {
        if self.ready.is_none() {
            self.ready = Some(Inner::over(self.core.clone(), self.hooks()?)?);
        }
        self.ready.as_ref().ok_or_else(|| Code::Internal.into())
    }

    fn hooks(&self) -> Result<Hooks> {
        let store: Box<dyn Store> = match self.store {
            Some(table) => Box::new(Host(table)),
            None => Box::new(self.core.embedded_store()?),
        };
        let mut hooks = Hooks::over(store);
        hooks.access = match self.access {
            Some(Some(table)) => Box::new(Host(table)),
            Some(None) => Box::new(EverybodyMay),
            None => {
                return Err(CoreError::new(Code::AccessRefused)
                    .detail("the host has not said who may do what")
                    .hint(
                        "call fhir_ehr_client_set_access(), with NULL if the application has asked already",
                    ));
            }
        };
        hooks.keys = self.keys.map(|table| Box::new(Host(table)) as Box<dyn Keys>);
        hooks.log = self.log.map(|table| Box::new(Host(table)) as Box<dyn fhir_ehr::log::Log>);
        Ok(hooks)
    }

    /// Before the first call only.
    fn settable(&self) -> Result<()> {
        match self.ready {
            None => Ok(()),
            Some(_) => Err(cast::invalid("hooks are set before the first call, not after it")),
        }
    }
}

/// Goes through the gate, and frees the client afterwards if a hook has asked for it.
///
/// # Safety
/// `client` is NULL or a live client, `error` NULL or writable.
unsafe fn inside(
    client: *mut Client,
    error: *mut *mut Error,
    work: impl FnOnce(&mut State) -> Result<()>,
) -> Status {
    let work = || {
        // SAFETY: the caller's promise.
        let gate = unsafe { cast::lend(client, "client")? };
        let (done, after) = gate.0.pass(work);
        if after == After::Free {
            // SAFETY: the host has given the handle back from within a hook of this call.
            unsafe { cast::free(client) };
        }
        done
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

/// Makes a client over a core. Nothing is opened, read or sent; hooks come next, then calls.
///
/// Without fhir_ehr_client_set_store() records are kept in the SQLite file of the configuration. Who may do
/// what must be said with fhir_ehr_client_set_access(). The vault's keys are read at the first call, so that
/// a changed key file is noticed by the next client.
///
/// Errors: FHIR_EHR_E_REQUEST_INVALID.
///
/// On success *client is a new client; free it with fhir_ehr_client_free(). The core may be given back
/// before. Any thread. After a fork the child may go on with it, unless another thread was inside (then:
/// FHIR_EHR_E_BUSY).
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_new(
    core: *const Core,
    client: *mut *mut Client,
    error: *mut *mut Error,
) -> Status {
    let work = || {
        // SAFETY: the caller's promise.
        let (core, client) = unsafe { (cast::lend(core, "core")?, Out::new(client, "client")?) };
        let core = core.inner();
        client.give(Client(Gate::new(State {
            core,
            store: None,
            access: None,
            keys: None,
            log: None,
            ready: None,
        })));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

/// Keeps records in a store of the host; NULL: in the SQLite file of the configuration.
///
/// The table is copied; what its functions and `user_data` point to must live as long as the client. Hooks
/// are called on the thread that called the client, during that call only, and never while the client
/// waits for the network. A hook must return: no longjmp, no C++ exception may cross the library.
///
/// Errors: FHIR_EHR_E_REQUEST_INVALID: a function is NULL that is wanted, `struct_size` is not right, a longer
/// table holds hooks that this library does not know, or the client was called already. FHIR_EHR_E_BUSY.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_set_store(
    client: *mut Client,
    table: *const StoreHooks,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        let table = if table.is_null() {
            None
        } else {
            // SAFETY: the caller's promise.
            let table = unsafe { cast::table(table, "table")? };
            StoreHooks::check(&table)?;
            Some(table)
        };
        state.settable()?;
        state.store = table;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Says who may do what; NULL: everybody everything, for an application that has asked already. It must be
/// called: a client that was not told refuses (FHIR_EHR_E_ACCESS_REFUSED).
///
/// The table is copied; what its functions and `user_data` point to must live as long as the client. Hooks
/// are called on the thread that called the client, during that call only, and never while the client
/// waits for the network. A hook must return: no longjmp, no C++ exception may cross the library.
///
/// Errors: FHIR_EHR_E_REQUEST_INVALID: a function is NULL that is wanted, `struct_size` is not right, a longer
/// table holds hooks that this library does not know, or the client was called already. FHIR_EHR_E_BUSY.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_set_access(
    client: *mut Client,
    table: *const AccessHooks,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        let table = if table.is_null() {
            None
        } else {
            // SAFETY: the caller's promise.
            let table = unsafe { cast::table(table, "table")? };
            AccessHooks::check(&table)?;
            Some(table)
        };
        state.settable()?;
        state.access = Some(table);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Sets the key service for secrets that the configuration writes as `hook:NAME`; NULL: none.
///
/// The table is copied; what its functions and `user_data` point to must live as long as the client. Hooks
/// are called on the thread that called the client, during that call only, and never while the client
/// waits for the network. A hook must return: no longjmp, no C++ exception may cross the library.
///
/// Errors: FHIR_EHR_E_REQUEST_INVALID: a function is NULL that is wanted, `struct_size` is not right, a longer
/// table holds hooks that this library does not know, or the client was called already. FHIR_EHR_E_BUSY.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_set_keys(
    client: *mut Client,
    table: *const KeyHooks,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        let table = if table.is_null() {
            None
        } else {
            // SAFETY: the caller's promise.
            let table = unsafe { cast::table(table, "table")? };
            KeyHooks::check(&table)?;
            Some(table)
        };
        state.settable()?;
        state.keys = table;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Sets who hears what happens; NULL: nobody.
///
/// The table is copied; what its functions and `user_data` point to must live as long as the client. Hooks
/// are called on the thread that called the client, during that call only, and never while the client
/// waits for the network. A hook must return: no longjmp, no C++ exception may cross the library.
///
/// Errors: FHIR_EHR_E_REQUEST_INVALID: a function is NULL that is wanted, `struct_size` is not right, a longer
/// table holds hooks that this library does not know, or the client was called already. FHIR_EHR_E_BUSY.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_set_log(
    client: *mut Client,
    table: *const LogHooks,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        let table = if table.is_null() {
            None
        } else {
            // SAFETY: the caller's promise.
            let table = unsafe { cast::table(table, "table")? };
            LogHooks::check(&table)?;
            Some(table)
        };
        state.settable()?;
        state.log = table;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Handles the one address that the EHR launches and the authorization server returns to.
///
/// `query` is the request's query string as it came, without `?`; `session` a text that names the browser's
/// session and that the host alone knows; `redirect_uri` this very address, fixed by the host and never taken
/// from the request.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is a JSON document whose
/// `outcome` says what to do:
/// `redirect`: send the browser to `address`;
/// `signed_in`: `user` is signed in at `source_id`, with `context` (`patient`, `encounter`, `ehr_user`,
/// `need_patient_banner`, `smart_style_url`, `intent`, `tenant`, `granted_scopes`, `missing_scopes`,
/// `expires_at`); give the browser a new session and an address without the query;
/// `login_wanted`: ask for the application's own login, then call fhir_ehr_client_finish_login() with
/// `handover`, which stays on the host's side; `ehr_user` is the EHR's name for the user, or null.
///
/// Errors: FHIR_EHR_E_LAUNCH_AMBIGUOUS, FHIR_EHR_E_LAUNCH_EMPTY, FHIR_EHR_E_SOURCE_NOT_FOUND,
/// FHIR_EHR_E_REDIRECT_URI_NOT_REGISTERED, FHIR_EHR_E_STATE_MISSING, FHIR_EHR_E_STATE_UNKNOWN,
/// FHIR_EHR_E_STATE_FOREIGN, FHIR_EHR_E_LAUNCH_EXPIRED, FHIR_EHR_E_AUTHORIZATION_DENIED,
/// FHIR_EHR_E_AUTHORIZATION_FAILED, FHIR_EHR_E_DISCOVERY_FAILED, the token endpoint's (301 to 305),
/// FHIR_EHR_E_ACCESS_REFUSED.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_arrive(
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
        let arrived = state.ready()?.arrive(query, session, redirect_uri)?;
        text.give(Text::new(documents::arrived(&arrived).to_string()));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Begins a sign-in from the application, for a user that it has logged in.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is the address to send the
/// browser to; the browser comes back to fhir_ehr_client_arrive().
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_REDIRECT_URI_NOT_REGISTERED,
/// FHIR_EHR_E_DISCOVERY_FAILED.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_sign_in(
    client: *mut Client,
    source_id: *const c_char,
    source_id_length: usize,
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
        let (text, source_id, user, session, redirect_uri) = unsafe {
            (
                Out::new(text, "text")?,
                cast::text(source_id, source_id_length, "source_id")?,
                cast::text(user, user_length, "user")?,
                cast::text(session, session_length, "session")?,
                cast::text(redirect_uri, redirect_uri_length, "redirect_uri")?,
            )
        };
        let address = state.ready()?.sign_in(source_id, user, session, redirect_uri)?;
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
/// fhir_ehr_client_arrive() with the outcome `signed_in`.
///
/// Errors: FHIR_EHR_E_HANDOVER_UNKNOWN, FHIR_EHR_E_STATE_FOREIGN, FHIR_EHR_E_LAUNCH_EXPIRED,
/// FHIR_EHR_E_ACCESS_REFUSED.
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
        text.give(Text::new(documents::signed_in(&signed_in).to_string()));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Checks a mapping that a user wants to use in a project. `csv` has the header
/// external_source_field_name,is_record_identifier,field_name,temporal_field,preselect,event_name.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is a JSON document:
/// `record_identifier`, `lines` (`field`, `label`, `field_name`, `event`, `temporal_field`, `preselect`) and
/// `tolerated`, what was passed over.
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_MAPPING_INVALID (it names the line, and what to write instead).
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_mapping(
    client: *mut Client,
    user: *const c_char,
    user_length: usize,
    project: *const c_char,
    project_length: usize,
    csv: *const c_char,
    csv_length: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (text, user, project, csv) = unsafe {
            (
                Out::new(text, "text")?,
                cast::text(user, user_length, "user")?,
                cast::text(project, project_length, "project")?,
                cast::text(csv, csv_length, "csv")?,
            )
        };
        let mapping = state.ready()?.mapping(user, project, csv)?;
        text.give(Text::new(documents::mapping(&mapping).to_string()));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Pulls a patient's values and stages them. `request` is a JSON document:
/// `user` (the application's; may be absent with `"system": true`), `system` (read with the source's system
/// account), `source_id`, `project` (`id`, `environment`: `sandbox`, `test` or `production`), `record` (the
/// study record), `mrn`, `mapping` (CSV as for fhir_ehr_client_mapping()), `dates` (a list of `field`,
/// `event` or absent, `date`: `YYYY-MM-DD` or `YYYY-MM-DD HH:MM[:SS]`), `offset` (`days`, `side`: `"+-"`,
/// `"+"` or `"-"`; absent: 1 day on both sides), `text` (`exact` or `php14`; absent: `exact`),
/// `launch_patient` (the context's `patient` when the pull is made inside a launch: it must be the same).
///
/// On success *rows are new rows; free them with fhir_ehr_rows_free(). They are the rows as they stand
/// in the staging now; fhir_ehr_rows_report() tells what came and what did not. Look at its `complete`: a
/// resource type that the EHR denied is no error of the call.
///
/// Errors: nothing is staged then. FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND,
/// FHIR_EHR_E_ENVIRONMENT_MISMATCH, FHIR_EHR_E_MAPPING_INVALID, FHIR_EHR_E_GRANT_NOT_FOUND,
/// FHIR_EHR_E_GRANT_EXPIRED, FHIR_EHR_E_REFRESH_BUSY, the token endpoint's (301 to 305), the patient's and the
/// FHIR server's (401 to 415), FHIR_EHR_E_LIMIT_EXCEEDED.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_pull(
    client: *mut Client,
    request: *const c_char,
    request_length: usize,
    rows: *mut *mut Rows,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (rows, request) =
            unsafe { (Out::new(rows, "rows")?, cast::text(request, request_length, "request")?) };
        let request = documents::pull_request(request)?;
        let pulled = state.ready()?.pull(&request)?;
        let report = documents::pulled(&pulled).to_string();
        rows.give(Rows::new(pulled.rows, report));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// The rows that wait for a decision or are on their way into the record, of one record, or of the whole
/// project when `record` is NULL with length 0.
///
/// On success *rows are new rows; free them with fhir_ehr_rows_free().
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_VAULT_KEY_MISSING, FHIR_EHR_E_VAULT_OPEN_FAILED.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_staged(
    client: *mut Client,
    user: *const c_char,
    user_length: usize,
    project: *const c_char,
    project_length: usize,
    record: *const c_char,
    record_length: usize,
    rows: *mut *mut Rows,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (rows, user, project, record) = unsafe {
            (
                Out::new(rows, "rows")?,
                cast::text(user, user_length, "user")?,
                cast::text(project, project_length, "project")?,
                cast::text_or_none(record, record_length, "record")?,
            )
        };
        let staged = state.ready()?.staged(user, project, record)?;
        rows.give(Rows::new(staged, "{}".to_owned()));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Notes a user's decisions on a record's rows, all or none of them. `decisions` is a JSON document: `accept`
/// and `reject`, lists of rows; rows that are not named are left as they are. Name a row by its
/// FHIR_EHR_ROW_DECISION: then a value that a pull has corrected since it was shown is not decided on unseen
/// (FHIR_EHR_E_ROW_CONFLICT). Its FHIR_EHR_ROW_KEY names whatever value stands there.
///
/// On success *count says how many rows were decided.
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_ROW_NOT_FOUND, FHIR_EHR_E_ADJUDICATION_AMBIGUOUS,
/// FHIR_EHR_E_ROW_CONFLICT.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_adjudicate(
    client: *mut Client,
    user: *const c_char,
    user_length: usize,
    project: *const c_char,
    project_length: usize,
    record: *const c_char,
    record_length: usize,
    decisions: *const c_char,
    decisions_length: usize,
    count: *mut usize,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (count, user, project, record, decisions) = unsafe {
            (
                Out::new(count, "count")?,
                cast::text(user, user_length, "user")?,
                cast::text(project, project_length, "project")?,
                cast::text(record, record_length, "record")?,
                cast::text(decisions, decisions_length, "decisions")?,
            )
        };
        let decisions = documents::decisions(decisions)?;
        count.put(state.ready()?.adjudicate(user, project, record, &decisions)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Takes acceptances of a record back: the rows wait again. `keys` is a JSON list of keys of accepted rows
/// (FHIR_EHR_ROW_KEY).
///
/// On success *count says how many rows wait again.
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_ROW_NOT_FOUND, FHIR_EHR_E_ROW_CONFLICT.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_reopen(
    client: *mut Client,
    user: *const c_char,
    user_length: usize,
    project: *const c_char,
    project_length: usize,
    record: *const c_char,
    record_length: usize,
    keys: *const c_char,
    keys_length: usize,
    count: *mut usize,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (count, user, project, record, keys) = unsafe {
            (
                Out::new(count, "count")?,
                cast::text(user, user_length, "user")?,
                cast::text(project, project_length, "project")?,
                cast::text(record, record_length, "record")?,
                cast::text(keys, keys_length, "keys")?,
            )
        };
        let keys = documents::keys(keys)?;
        count.put(state.ready()?.reopen(user, project, record, &keys)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Hands out the accepted values of a record: each in one call only. Save them, then call
/// fhir_ehr_client_saved(), or fhir_ehr_client_not_saved() to have them handed out again.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is a JSON document:
/// `save_id` (empty when there is nothing to save), `record`, `values` (`event`, `field_name`, `value`,
/// `timestamp` or null, `keys`).
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_ROW_CONFLICT.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_values_to_save(
    client: *mut Client,
    user: *const c_char,
    user_length: usize,
    project: *const c_char,
    project_length: usize,
    record: *const c_char,
    record_length: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (text, user, project, record) = unsafe {
            (
                Out::new(text, "text")?,
                cast::text(user, user_length, "user")?,
                cast::text(project, project_length, "project")?,
                cast::text(record, record_length, "record")?,
            )
        };
        let set: SaveSet = state.ready()?.values_to_save(user, project, record)?;
        text.give(Text::new(serde_json::to_string(&set).map_err(|_| Code::Internal)?));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// The host has saved a set: its values are erased here and do not come back as new.
///
/// On success *count says how many rows that were.
///
/// Errors: FHIR_EHR_E_SAVE_NOT_FOUND, FHIR_EHR_E_ROW_CONFLICT.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_saved(
    client: *mut Client,
    project: *const c_char,
    project_length: usize,
    record: *const c_char,
    record_length: usize,
    save_id: *const c_char,
    save_id_length: usize,
    count: *mut usize,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (count, project, record, save_id) = unsafe {
            (
                Out::new(count, "count")?,
                cast::text(project, project_length, "project")?,
                cast::text(record, record_length, "record")?,
                cast::text(save_id, save_id_length, "save_id")?,
            )
        };
        count.put(state.ready()?.saved(project, record, save_id)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// The host could not save a set: its values will be handed out again.
///
/// On success *count says how many rows that were.
///
/// Errors: FHIR_EHR_E_SAVE_NOT_FOUND, FHIR_EHR_E_ROW_CONFLICT.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_not_saved(
    client: *mut Client,
    project: *const c_char,
    project_length: usize,
    record: *const c_char,
    record_length: usize,
    save_id: *const c_char,
    save_id_length: usize,
    count: *mut usize,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (count, project, record, save_id) = unsafe {
            (
                Out::new(count, "count")?,
                cast::text(project, project_length, "project")?,
                cast::text(record, record_length, "record")?,
                cast::text(save_id, save_id_length, "save_id")?,
            )
        };
        count.put(state.ready()?.not_saved(project, record, save_id)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Deletes what has expired in the store; call it now and then, such as once a day.
///
/// On success *count says how many records that were.
///
/// Errors: the store's.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_purge_expired(
    client: *mut Client,
    count: *mut usize,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let count = unsafe { Out::new(count, "count")? };
        count.put(state.ready()?.purge_expired()?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Frees a client. For NULL it does nothing.
///
/// Called by a hook of this very client, it is freed when the call that invoked the hook ends. While another
/// thread is inside, it waits for it. It does not wait for the network. In a child it touches none of the
/// parent's connections.
///
/// # Safety
/// `client` is NULL or a client that was not freed; it is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_free(client: *mut Client) {
    // SAFETY: the caller gives the handle back.
    unsafe {
        if cast::lend_or(client, false, |client| client.0.may_free()) {
            cast::free(client);
        }
    }
}
