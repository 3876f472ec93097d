//! The client: a core with the hooks of a host. What a host does with it stands in
//! `client_sign_in` and `client_study`.

use crate::{
    cast::{self, Out},
    core::Core,
    error::Error,
    guard::{self, After, Gate, Status},
    hooks::{
        Host, access::AccessHooks, log::LogHooks, secret_provider::SecretProviderHooks, store::StoreHooks,
    },
};
use fhir_ehr::{
    AllowAll, Client as Inner, Code, Core as InnerCore, Error as CoreError, Hooks, Result, SecretProvider,
    Store,
};
use std::sync::Arc;

/// A core with the hooks of a host, for one request or for all of them. One thread at a time is inside;
/// another waits until it is out. A hook that calls its own client is told FHIR_EHR_E_BUSY.
pub struct Client(Gate<State>);

pub(crate) struct State {
    core: Arc<InnerCore>,
    store: Option<StoreHooks>,
    /// `Some(None)`: the host has said that everybody may.
    access: Option<Option<AccessHooks>>,
    secrets: Option<SecretProviderHooks>,
    log: Option<LogHooks>,
    /// Made at the first call that needs it; from then on the hooks stay.
    ready: Option<Inner>,
}

impl State {
    pub(crate) fn ready(&mut self) -> Result<&Inner> {
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
        let mut hooks = Hooks::new(store, Box::new(AllowAll));
        hooks.access = match self.access {
            Some(Some(table)) => Box::new(Host(table)),
            Some(None) => Box::new(AllowAll),
            None => {
                return Err(CoreError::new(Code::AccessRefused)
                    .detail("the host has not said who may do what")
                    .hint(
                        "call fhir_ehr_client_set_access(), with NULL if the application has asked already",
                    ));
            }
        };
        hooks.secrets = self.secrets.map(|table| Box::new(Host(table)) as Box<dyn SecretProvider>);
        hooks.log = self.log.map(|table| Box::new(Host(table)) as Box<dyn fhir_ehr::Log>);
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
pub(crate) unsafe fn inside(
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
            secrets: None,
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
pub unsafe extern "C" fn fhir_ehr_client_set_secret_provider(
    client: *mut Client,
    table: *const SecretProviderHooks,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        let table = if table.is_null() {
            None
        } else {
            // SAFETY: the caller's promise.
            let table = unsafe { cast::table(table, "table")? };
            SecretProviderHooks::check(&table)?;
            Some(table)
        };
        state.settable()?;
        state.secrets = table;
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
