//! Launches and sign-ins: the authorize request, the pending launch, the callback, the hand-over.

mod authorize;
mod callback_issuer;
mod context;
mod flow;
mod launch_query;
mod pending;
mod server;
mod unverified;

pub use authorize::AuthorizeForm;
pub use context::LaunchContext;
pub(crate) use flow::SignInFlow;
pub use flow::{LaunchResult, SignIn};
pub use launch_query::{CallbackResult, LaunchQuery};
pub(crate) use unverified::parse_query;
