//! The authorization server: launches, sign-in, codes and tokens.

pub(crate) mod assertion;
pub(crate) mod authorize;
mod authorize_request;
mod client_auth;
pub(crate) mod clients;
mod id_token;
pub(crate) mod oauth_error;
mod pages;
pub(crate) mod registry;
pub(crate) mod scope;
mod simulated_errors;
pub(crate) mod state;
pub(crate) mod token;
pub(crate) mod token_management;
mod token_reply;
