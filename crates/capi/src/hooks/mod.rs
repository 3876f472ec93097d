//! The host's hooks: tables of C functions, which the core sees as its traits. Each table has a file of its own; this
//! one has what they share.

// The header has them in this order.
pub mod store;

pub mod access;
pub mod log;
pub mod secret_provider;

use crate::cast::SizedStruct;
use fhir_ehr::{Code, Error as CoreError, Result};

/// Returned by a hook that has done what it was asked to do.
pub const FHIR_EHR_HOOK_DONE: i32 = 0;
/// Returned by a hook for a normal refusal: `write` found another version, another holder has the lease, the user is
/// not allowed. Any other value means that the hook failed.
pub const FHIR_EHR_HOOK_NO: i32 = 1;

/// A table of hooks.
pub(crate) trait HookTable: SizedStruct {
    /// Refuses a table in which a required function is NULL.
    fn check(&self) -> Result<()>;
}

/// A hook table, which the core uses as one of its traits. Those traits require that threads can share it.
#[derive(Clone, Copy)]
pub(crate) struct HostHooks<T>(pub(crate) T);

// SAFETY: a client's lock lets one thread in at a time, and hooks are called on that thread only. The header says that
// any thread which calls the client may use `user_data`.
unsafe impl<T> Send for HostHooks<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for HostHooks<T> {}

fn missing(hook: &str) -> CoreError {
    CoreError::new(Code::RequestInvalid).detail(format!("the hook {hook} is required but NULL"))
}
