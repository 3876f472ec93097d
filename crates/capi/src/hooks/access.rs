//! The host's access hook: it decides what a user may do.

use super::{FHIR_EHR_HOOK_DONE, FHIR_EHR_HOOK_NO, HookTable, HostHooks, missing};
use crate::cast::{HookText, SizedStruct};
use fhir_ehr::{Access, Action, Code, Error as CoreError, Result};
use libc::{c_char, c_void};

/// For the access hook, with an empty project: launch and sign in (fhir_ehr_client_handle_launch(),
/// fhir_ehr_client_sign_in(), fhir_ehr_client_finish_login(), and fhir_ehr_client_patient() without a project).
pub const FHIR_EHR_ACTION_LAUNCH: u32 = 1;
/// For the access hook: check or change the project's mapping (fhir_ehr_client_check_mapping()).
pub const FHIR_EHR_ACTION_MAP: u32 = 2;
/// For the access hook: pull or look up a patient for the project (fhir_ehr_client_pull(), fhir_ehr_client_patient()).
pub const FHIR_EHR_ACTION_PULL: u32 = 3;
/// For the access hook: see the project's staged and decided values, decide on them, save them and correct them.
pub const FHIR_EHR_ACTION_ADJUDICATE: u32 = 4;
/// For the access hook, with an empty project: find and check sources (fhir_ehr_client_discover(),
/// fhir_ehr_client_check_source()).
pub const FHIR_EHR_ACTION_CONFIGURE: u32 = 5;

/// The access hook: decides what a user may do. A client without one refuses every call that needs a decision, with
/// FHIR_EHR_E_ACCESS_REFUSED.
///
/// If your application has already checked what its user may do, let the hook say yes:
///
/// ```c
/// static int32_t allows(void *user_data, const char *user, size_t user_length,
///                       const char *project, size_t project_length, uint32_t action)
/// {
///     (void)user_data, (void)user, (void)user_length, (void)project, (void)project_length;
///     return action <= FHIR_EHR_ACTION_CONFIGURE ? FHIR_EHR_HOOK_DONE : FHIR_EHR_HOOK_NO;
/// }
///
/// static fhir_ehr_status set_access(fhir_ehr_client *client, fhir_ehr_error **error)
/// {
///     fhir_ehr_access access = {0};
///     access.struct_size = sizeof access;
///     access.allows = allows;
///     return fhir_ehr_client_set_access(client, &access, error);
/// }
/// ```
#[repr(C)]
#[derive(Clone, Copy)]
pub struct AccessHooks {
    /// sizeof(fhir_ehr_access).
    pub struct_size: usize,
    /// Passed to every function; the library does not read it.
    pub user_data: *mut c_void,
    /// Whether `user` may do `action`, one of FHIR_EHR_ACTION_..., in `project`. Returns FHIR_EHR_HOOK_DONE for yes,
    /// FHIR_EHR_HOOK_NO for no. Any other value means that the hook failed; the call is refused then too. Later
    /// versions may ask about more actions: return FHIR_EHR_HOOK_NO for an action that you do not know.
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

// SAFETY: a size, an address and an optional function pointer: zero is a value of each.
unsafe impl SizedStruct for AccessHooks {}

impl HookTable for AccessHooks {
    fn check(&self) -> Result<()> {
        self.allows.map_or_else(|| Err(missing("allows")), |_| Ok(()))
    }
}

impl Access for HostHooks<AccessHooks> {
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
        let (user, project) = (HookText::new(user), HookText::new(project));
        // SAFETY: the host's function, with texts that live until it returns.
        let answer = unsafe {
            hook(self.0.user_data, user.data(), user.length(), project.data(), project.length(), action)
        };
        match answer {
            FHIR_EHR_HOOK_DONE => Ok(true),
            FHIR_EHR_HOOK_NO => Ok(false),
            _ => Err(CoreError::new(Code::AccessRefused).detail("the access hook failed")),
        }
    }
}

/// The access decision of a client whose host has set no access hook.
pub(crate) struct NoAccessHook;

impl Access for NoAccessHook {
    fn allows(&self, _user: &str, _project: &str, _action: Action) -> Result<bool> {
        Err(CoreError::new(Code::AccessRefused).detail("no access hook is set").hint(
            "Set an access hook that decides what the application's users may do: fhir_ehr_client_set_access() in C, \
             `access:` of FhirEhr\\Client in PHP.",
        ))
    }
}
