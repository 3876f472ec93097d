//! The library from C: these tests compile the programs in tests/c and run them against a simulated EHR.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "prints what was measured or skipped")]

mod documents;
mod fork;
mod launch;
mod limits;
mod safety;
mod support;
mod symbols;
