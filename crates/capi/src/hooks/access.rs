//! The host's word on who may do what.

use super::{FHIR_EHR_HOOK_DONE, FHIR_EHR_HOOK_NO, Host, missing};
use crate::cast::{Table, Terminated};
use fhir_ehr::{Access, Action, Code, Error as CoreError, Result};
use libc::{c_char, c_void};

/// In the access hook: sign in from the EHR or to it; the project is empty.
pub const FHIR_EHR_ACTION_LAUNCH: u32 = 1;
/// In the access hook: change which field goes where.
pub const FHIR_EHR_ACTION_MAP: u32 = 2;
/// In the access hook: pull a patient's values.
pub const FHIR_EHR_ACTION_PULL: u32 = 3;
/// In the access hook: see staged values, decide on them and save them.
pub const FHIR_EHR_ACTION_ADJUDICATE: u32 = 4;
/// In the access hook: look at the connection to a source, or change it; the project is empty.
pub const FHIR_EHR_ACTION_CONFIGURE: u32 = 5;

/// The host's word on who may do what.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct AccessHooks {
    /// sizeof(fhir_ehr_access).
    pub struct_size: usize,
    /// Given to each function; the library does not look at it.
    pub user_data: *mut c_void,
    /// FHIR_EHR_HOOK_DONE: the user may; FHIR_EHR_HOOK_NO: the user may not; else it cannot be told, and
    /// nothing is done. `action` is one of FHIR_EHR_ACTION_...; later versions may ask for more actions:
    /// answer FHIR_EHR_HOOK_NO to those you do not know.
    pub allows: Option<
        unsafe extern "C" fn(
            user_data: *mut c_void,
            user: *const c_char,
            user_length: usize,
            project: *const c_char,
            project_length: usize,
            action: u32,
        ) -> i32,
    >,
}

// SAFETY: a size, an address and an optional function pointer: all zero is a value of each.
unsafe impl Table for AccessHooks {}

impl AccessHooks {
    pub(crate) fn check(&self) -> Result<()> {
        self.allows.map_or_else(|| Err(missing("allows")), |_| Ok(()))
    }
}

impl Access for Host<AccessHooks> {
    fn allows(&self, user: &str, project: &str, action: Action) -> Result<bool> {
        let hook = self.0.allows.ok_or_else(|| missing("allows"))?;
        let action = match action {
            Action::Launch => FHIR_EHR_ACTION_LAUNCH,
            Action::Map => FHIR_EHR_ACTION_MAP,
            Action::Pull => FHIR_EHR_ACTION_PULL,
            Action::Adjudicate => FHIR_EHR_ACTION_ADJUDICATE,
            Action::Configure => FHIR_EHR_ACTION_CONFIGURE,
            _ => return Ok(false),
        };
        let (user, project) = (Terminated::new(user), Terminated::new(project));
        // SAFETY: the host's function, with texts that live until it returns.
        let said = unsafe {
            hook(self.0.user_data, user.data(), user.length(), project.data(), project.length(), action)
        };
        match said {
            FHIR_EHR_HOOK_DONE => Ok(true),
            FHIR_EHR_HOOK_NO => Ok(false),
            _ => Err(CoreError::new(Code::AccessRefused).detail("the access hook failed")),
        }
    }
}
