//! The host's log.

use super::{HookTable, HostHooks, missing};
use crate::cast::{HookText, SizedStruct};
use fhir_ehr::{Log, LogLevel, Result};
use libc::{c_char, c_void};

/// For the log hook: a normal event.
pub const FHIR_EHR_LEVEL_INFO: u32 = 1;
/// For the log hook: something was refused or is incomplete.
pub const FHIR_EHR_LEVEL_WARNING: u32 = 2;
/// For the log hook: something failed that should not fail.
pub const FHIR_EHR_LEVEL_ERROR: u32 = 3;

/// The log hook: receives events. docs/events.md lists them. An event contains no token, secret, MRN, patient data or
/// URL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct LogHooks {
    /// sizeof(fhir_ehr_log).
    pub struct_size: usize,
    /// Passed to every function; the library does not read it.
    pub user_data: *mut c_void,
    /// One event: `level` is one of FHIR_EHR_LEVEL_..., `name` a word such as `pull_ended`, `fields` a JSON object whose
    /// values are strings. The return value is ignored.
    pub event: Option<
        unsafe extern "C" fn(
            user_data: *mut c_void,
            level: u32,
            name: *const c_char,
            name_length: usize,
            fields: *const c_char,
            fields_length: usize,
        ) -> i32,
    >,
}

// SAFETY: a size, an address and an optional function pointer: zero is a value of each.
unsafe impl SizedStruct for LogHooks {}

impl HookTable for LogHooks {
    fn check(&self) -> Result<()> {
        self.event.map_or_else(|| Err(missing("event")), |_| Ok(()))
    }
}

impl Log for HostHooks<LogHooks> {
    fn event(&self, level: LogLevel, name: &str, fields: &[(&str, &str)]) {
        let Some(hook) = self.0.event else { return };
        let level = match level {
            LogLevel::Info => FHIR_EHR_LEVEL_INFO,
            LogLevel::Warning => FHIR_EHR_LEVEL_WARNING,
            _ => FHIR_EHR_LEVEL_ERROR,
        };
        let object: serde_json::Map<String, serde_json::Value> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        let fields = HookText::new(&serde_json::Value::Object(object).to_string());
        let name = HookText::new(name);
        // SAFETY: the host's function, with texts that live until it returns.
        unsafe {
            hook(self.0.user_data, level, name.data(), name.length(), fields.data(), fields.length());
        }
    }
}
