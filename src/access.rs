//! The access hook: the host decides which user may do what.

use crate::error::{Code, Error, Result, escape_for_display};

/// What a user requests. The library asks the access hook before it does anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Sign in, from the EHR or from the application.
    Launch,
    /// Check a mapping of EHR fields to study fields.
    Map,
    /// Pull a patient's values.
    Pull,
    /// See staged rows, decide on them and save their values.
    Adjudicate,
    /// Check the connection to a source.
    Configure,
}

/// The access hook of a host.
pub trait Access: Send + Sync {
    /// Returns whether the user may do this in the project. The project is empty for [`Action::Launch`] and
    /// [`Action::Configure`].
    ///
    /// # Errors
    /// If the host cannot decide. The call then returns this error and does nothing.
    fn allows(&self, user: &str, project: &str, action: Action) -> Result<bool>;
}

/// Allows every user every action. It is for a command whose user can read the configuration with its keys.
#[derive(Debug, Default, Clone, Copy)]
pub struct AllowAll;

impl Access for AllowAll {
    fn allows(&self, _user: &str, _project: &str, _action: Action) -> Result<bool> {
        Ok(true)
    }
}

/// Asks the access hook.
///
/// # Errors
/// [`Code::AccessRefused`], or the hook's error.
pub fn require(access: &dyn Access, user: &str, project: &str, action: Action) -> Result<()> {
    if access.allows(user, project, action)? {
        return Ok(());
    }
    let (user, action) = (escape_for_display(user), format!("{action:?}").to_lowercase());
    Err(Error::new(Code::AccessRefused).detail(format!("user {user}, {action}")))
}
