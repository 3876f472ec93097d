//! The host's key service.

use super::{FHIR_EHR_HOOK_DONE, Host, missing};
use crate::{
    cast::{Table, Terminated},
    sink::Sink,
};
use fhir_ehr::{Code, Error as CoreError, Result, Secret, SecretProvider};
use libc::{c_char, c_void};

/// The host's key service: asked for secrets that the configuration writes as `hook:NAME`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecretProviderHooks {
    /// sizeof(fhir_ehr_secret_provider).
    pub struct_size: usize,
    /// Given to each function; the library does not look at it.
    pub user_data: *mut c_void,
    /// Gives the secret's UTF-8 text back with fhir_ehr_sink_write(); the library overwrites its copy after
    /// use. A failed hook, or one that gives nothing, ends the call with FHIR_EHR_E_SECRET_UNAVAILABLE.
    pub secret: Option<
        unsafe extern "C" fn(
            user_data: *mut c_void,
            name: *const c_char,
            name_length: usize,
            sink: *mut Sink,
        ) -> i32,
    >,
}

// SAFETY: a size, an address and an optional function pointer: all zero is a value of each.
unsafe impl Table for SecretProviderHooks {}

impl SecretProviderHooks {
    pub(crate) fn check(&self) -> Result<()> {
        self.secret.map_or_else(|| Err(missing("secret")), |_| Ok(()))
    }
}

impl SecretProvider for Host<SecretProviderHooks> {
    fn secret(&self, name: &str) -> Result<Secret> {
        let hook = self.0.secret.ok_or_else(|| missing("secret"))?;
        let name = Terminated::new(name);
        let mut sink = Sink::for_bytes();
        // SAFETY: the host's function, with a text and a sink that live until it returns.
        let said = unsafe { hook(self.0.user_data, name.data(), name.length(), &raw mut sink) };
        let secret = sink.into_text().filter(|text| said == FHIR_EHR_HOOK_DONE && !text.is_empty());
        secret.map(Secret::from).ok_or_else(|| CoreError::new(Code::SecretUnavailable))
    }
}
