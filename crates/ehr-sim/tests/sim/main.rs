//! Tests of the simulator over sockets, as its users use it.

mod binary;
mod changing;
mod corpus;
mod faults;
mod loading;
mod oauth;
mod pages;
mod paging;
mod personalities;
mod search;
mod support;
