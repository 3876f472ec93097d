//! Tests of the simulator over sockets, as its users use it.

mod binary;
mod changing;
mod client_auth;
mod console;
mod context;
mod corpus;
mod discovery;
mod faults;
mod keys;
mod loading;
mod oauth;
mod pages;
mod paging;
mod personalities;
mod registrations;
mod search;
mod support;
mod system_account;
mod tenants;
