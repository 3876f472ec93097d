//! Launch: the authorize request, what is remembered meanwhile, the callback, the hand-over.

pub mod authorize;
pub mod context;
pub mod flow;
pub mod launch_query;
pub mod pending;
