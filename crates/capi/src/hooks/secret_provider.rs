//! The host's secret provider.

use super::{FHIR_EHR_HOOK_DONE, HookTable, HostHooks, missing};
use crate::{
    cast::{HookText, SizedStruct},
    sink::Sink,
};
use fhir_ehr::{Code, Error as CoreError, Result, Secret, SecretProvider};
use libc::{c_char, c_void};

/// The secret provider: returns the secrets that the configuration refers to as `hook:NAME`, for instance from a key
/// management service.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecretProviderHooks {
    /// sizeof(fhir_ehr_secret_provider).
    pub struct_size: usize,
    /// Passed to every function; the library does not read it.
    pub user_data: *mut c_void,
    /// Returns the secret `name` as UTF-8 text with fhir_ehr_sink_write(). The library overwrites its copy after use. A
    /// hook that fails or returns nothing ends the current call with FHIR_EHR_E_SECRET_UNAVAILABLE.
    pub secret: Option<
        unsafe extern "C" fn(
            user_data: *mut c_void,
            name: *const c_char,
            name_length: usize,
            sink: *mut Sink,
        ) -> i32,
    >,
}

// SAFETY: a size, an address and an optional function pointer: zero is a value of each.
unsafe impl SizedStruct for SecretProviderHooks {}

impl HookTable for SecretProviderHooks {
    fn check(&self) -> Result<()> {
        self.secret.map_or_else(|| Err(missing("secret")), |_| Ok(()))
    }
}

impl SecretProvider for HostHooks<SecretProviderHooks> {
    fn secret(&self, name: &str) -> Result<Secret> {
        let hook = self.0.secret.ok_or_else(|| missing("secret"))?;
        let name = HookText::new(name);
        let mut sink = Sink::for_bytes();
        // SAFETY: the host's function, with a text and a sink that live until it returns.
        let answer = unsafe { hook(self.0.user_data, name.data(), name.length(), &raw mut sink) };
        let secret = sink.into_text().filter(|text| answer == FHIR_EHR_HOOK_DONE && !text.is_empty());
        secret.map(Secret::from).ok_or_else(|| CoreError::new(Code::SecretUnavailable))
    }
}
