//! The authorization server: launches, sign-in, codes and tokens.

pub(crate) mod authorize;
mod authorize_request;
pub(crate) mod clients;
mod oauth_error;
mod pages;
pub(crate) mod scope;
pub(crate) mod state;
pub(crate) mod token;
mod token_reply;
