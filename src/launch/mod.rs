//! Launches and sign-ins: the authorize request, the pending launch, the callback, the hand-over.

mod authorize;
mod callback_issuer;
mod context;
mod flow;
mod handoff;
mod launch_log;
mod launch_query;
mod pending;
mod record;
mod server;
mod sign_out;
mod unverified;
mod view;

pub use authorize::AuthorizeForm;
pub use context::LaunchContext;
pub(crate) use flow::SignInFlow;
pub use flow::{LaunchResult, SignIn};
pub(crate) use handoff::{Handoffs, check_urls};
pub(crate) use launch_log::list;
pub use launch_query::{CallbackResult, LaunchQuery};
pub use record::{LaunchHandoff, LaunchKind, LaunchLogEntry, LaunchOutcome, ViewEnd};
pub use sign_out::UserRemoval;
pub(crate) use sign_out::{remove_user, sign_out, sign_out_system};
pub(crate) use unverified::parse_query;
pub use view::LaunchView;
pub(crate) use view::{check as check_view, leave as leave_view};
