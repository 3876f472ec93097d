//! The conformance suite of stores: its cases, and the stores that it runs against.
#![allow(unreachable_pub, clippy::print_stderr, missing_docs, reason = "a part of a test binary")]

pub mod basic;
pub mod cluster;
pub mod driven;
pub mod embedded;
pub mod full_disk;
pub mod galera;
pub mod host_connection;
pub mod process;
pub mod server;
pub mod silent_rollback;
pub mod stress;
