//! The client: a core with the hooks of a host. Its calls are in `client_sign_in`, `client_study`, `client_review`,
//! `client_decided` and `client_admin`.

use crate::{
    cast::{self, OutParam},
    core::Core,
    error::Error,
    guard::{self, AfterCall, CallLock},
    handle::{self, Boxed, Handle},
    hooks::{
        HookTable, HostHooks,
        access::{AccessHooks, NoAccessHook},
        log::LogHooks,
        secret_provider::SecretProviderHooks,
        store::StoreHooks,
    },
    status::Status,
};
use fhir_ehr::{
    Access, Client as InnerClient, Code, Core as InnerCore, Hooks, Log, Result, SecretProvider, Store,
};
use std::sync::Arc;

/// A core with the hooks of a host. Create one for each request, or one for all of them.
pub struct Client(CallLock<State>);

impl Handle for Client {
    type Ownership = Boxed;
}

pub(crate) struct State {
    core: Arc<InnerCore>,
    store: Option<StoreHooks>,
    access: Option<AccessHooks>,
    secret_provider: Option<SecretProviderHooks>,
    log: Option<LogHooks>,
    /// Created by the first call; from then on the hooks cannot change.
    inner: Option<InnerClient>,
}

impl State {
    pub(crate) fn inner(&mut self) -> Result<&InnerClient> {
        if self.inner.is_none() {
            self.inner = Some(InnerClient::with_core(self.core.clone(), self.hooks()?)?);
        }
        self.inner.as_ref().ok_or_else(|| Code::Internal.into())
    }

    fn hooks(&self) -> Result<Hooks> {
        let store: Box<dyn Store> = match self.store {
            Some(table) => Box::new(HostHooks(table)),
            None => Box::new(self.core.embedded_store()?),
        };
        let access: Box<dyn Access> = match self.access {
            Some(table) => Box::new(HostHooks(table)),
            None => Box::new(NoAccessHook),
        };
        let mut hooks = Hooks::new(store, access);
        hooks.secrets =
            self.secret_provider.map(|table| Box::new(HostHooks(table)) as Box<dyn SecretProvider>);
        hooks.log = self.log.map(|table| Box::new(HostHooks(table)) as Box<dyn Log>);
        Ok(hooks)
    }
}

/// Runs a call on a client with its lock held. If a hook of the call freed the client, frees it afterwards.
///
/// # Safety
/// `client` is NULL or a live client, `error` NULL or writable.
pub(crate) unsafe fn with_client(
    client: *mut Client,
    error: *mut *mut Error,
    work: impl FnOnce(&mut State) -> Result<()>,
) -> Status {
    let work = || {
        // SAFETY: the caller's promise.
        let lock = unsafe { &cast::borrow(client, "client")?.0 };
        let (result, after) = lock.run(work);
        if after == AfterCall::Free {
            // SAFETY: a hook of this call gave the handle back.
            unsafe { handle::free(client) };
        }
        result
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

/// Sets or removes a table of hooks; `field` says which.
///
/// # Safety
/// `client` is NULL or a live client, `table` NULL or as long as its first member says, `error` NULL or writable.
unsafe fn set_hooks<T: HookTable>(
    client: *mut Client,
    table: *const T,
    error: *mut *mut Error,
    field: fn(&mut State) -> &mut Option<T>,
) -> Status {
    let work = |state: &mut State| {
        let hooks = if table.is_null() {
            None
        } else {
            // SAFETY: the caller's promise.
            let hooks = unsafe { cast::sized_struct(table, "table")? };
            hooks.check()?;
            Some(hooks)
        };
        if state.inner.is_some() {
            return Err(cast::invalid("the client has already been used; set hooks before the first call"));
        }
        *field(state) = hooks;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Creates a client over a core. It opens, reads and sends nothing. Set the hooks next, then make calls.
///
/// The vault's keys are read by the first call, so a new client notices a changed key file. You may free the core
/// before the client.
///
/// On success *client is a new client; free it with fhir_ehr_client_free().
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
        let (core, client) = unsafe { (cast::borrow(core, "core")?, OutParam::new(client, "client")?) };
        client.write_boxed(Client(CallLock::new(State {
            core: core.inner(),
            store: None,
            access: None,
            secret_provider: None,
            log: None,
            inner: None,
        })));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

/// Keeps records in the host's own store. Without it, or with NULL, the client uses the SQLite file of the
/// configuration. See HOOKS at the top of this file.
///
/// Errors: FHIR_EHR_E_REQUEST_INVALID: a required function is NULL, `struct_size` is wrong, the table has hooks that this
/// version does not support, or the client has already been used.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_set_store(
    client: *mut Client,
    table: *const StoreHooks,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe { set_hooks(client, table, error, |state| &mut state.store) }
}

/// Sets the access hook, which decides what a user may do. NULL removes it. A client without an access hook refuses
/// every call that needs a decision, with FHIR_EHR_E_ACCESS_REFUSED; see fhir_ehr_access for a hook that allows
/// everything. See HOOKS at the top of this file.
///
/// Errors: as fhir_ehr_client_set_store().
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_set_access(
    client: *mut Client,
    table: *const AccessHooks,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe { set_hooks(client, table, error, |state| &mut state.access) }
}

/// Sets the secret provider, which returns the secrets that the configuration refers to as `hook:NAME`. NULL removes
/// it. See HOOKS at the top of this file.
///
/// Errors: as fhir_ehr_client_set_store().
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_set_secret_provider(
    client: *mut Client,
    table: *const SecretProviderHooks,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe { set_hooks(client, table, error, |state| &mut state.secret_provider) }
}

/// Sets the log hook, which receives events. NULL removes it. See HOOKS at the top of this file.
///
/// Errors: as fhir_ehr_client_set_store().
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_set_log(
    client: *mut Client,
    table: *const LogHooks,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe { set_hooks(client, table, error, |state| &mut state.log) }
}

/// Frees a client. Does nothing for NULL.
///
/// If one of the client's own hooks frees it, it is freed when the current call ends. If another thread is inside the
/// client, this function waits for that thread's call to end. It does not wait for the network.
///
/// # Safety
/// `client` is NULL or a client that was not freed; it is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_free(client: *mut Client) {
    // SAFETY: the caller owns the handle and does not use it again.
    unsafe {
        if cast::borrow_or(client, false, |client| client.0.request_free()) {
            handle::free(client);
        }
    }
}
