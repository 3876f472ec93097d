//! The host's hooks: tables of C functions, seen by the core as its traits. One file for each table; here is
//! what they share.

// The header has them in this order.
pub mod store;

pub mod access;
pub mod log;
pub mod secret_provider;

use fhir_ehr::{Code, Error as CoreError};

/// What a hook returns when it has done what it was asked.
pub const FHIR_EHR_HOOK_DONE: i32 = 0;
/// What a hook returns when the answer is no: `write` met another version, the lease is somebody else's,
/// the user may not. Any other value says that the hook failed.
pub const FHIR_EHR_HOOK_NO: i32 = 1;

/// A table on its way into the core, whose traits want to be shared by threads.
#[derive(Clone, Copy)]
pub(crate) struct Host<T>(pub(crate) T);

// SAFETY: a client's gate lets one thread in at a time, and hooks are called on that thread only; that
// `user_data` may be used by whichever thread calls the client is told to the host in the header.
unsafe impl<T> Send for Host<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Host<T> {}

fn missing(hook: &str) -> CoreError {
    CoreError::new(Code::RequestInvalid).detail(format!("the hook {hook} is NULL"))
}
