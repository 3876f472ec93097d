//! Launches and sign-ins: the authorize request, the pending launch, the callback, the hand-over.

mod authorize;
mod context;
mod flow;
mod handoff;
mod launch_log;
mod launch_query;
mod pending;
mod record;
mod view;

pub use context::LaunchContext;
pub(crate) use flow::SignInFlow;
pub use flow::{LaunchResult, SignIn};
pub(crate) use handoff::{Handoffs, check_urls};
pub(crate) use launch_log::list;
pub use launch_query::{CallbackResult, LaunchQuery};
pub use record::{LaunchHandoff, LaunchKind, LaunchLogEntry, LaunchOutcome, ViewEnd};
pub use view::LaunchView;
pub(crate) use view::{check as check_view, leave as leave_view};
