//! The host's word on who may do what, asked before anything is done.

use crate::error::{Code, Error, Result, escape_for_display};

/// What a user wants to do; asked of the host before anything is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Sign in from the EHR or to it.
    Launch,
    /// Change which field goes where.
    Map,
    /// Pull a patient's values.
    Pull,
    /// See staged values, decide on them and save them.
    Adjudicate,
    /// Look at the connection to a source, or change it.
    Configure,
}

/// The host's word on who may do what.
pub trait Access: Send + Sync {
    /// Whether the user may do this in the project; the project is empty for a launch, and
    /// for the connection to a source.
    ///
    /// # Errors
    /// When the host cannot tell; nothing is done then.
    fn allows(&self, user: &str, project: &str, action: Action) -> Result<bool>;
}

/// Everybody may do everything: for a command line whose user has the configuration anyway.
#[derive(Debug, Default, Clone, Copy)]
pub struct AllowAll;

impl Access for AllowAll {
    fn allows(&self, _user: &str, _project: &str, _action: Action) -> Result<bool> {
        Ok(true)
    }
}

/// Asks the host.
///
/// # Errors
/// [`Code::AccessRefused`], or the hook's own.
pub fn require(access: &dyn Access, user: &str, project: &str, action: Action) -> Result<()> {
    if access.allows(user, project, action)? {
        return Ok(());
    }
    let (user, action) = (escape_for_display(user), format!("{action:?}").to_lowercase());
    Err(Error::new(Code::AccessRefused).detail(format!("user {user}, {action}")))
}
