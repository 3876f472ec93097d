//! The library as C sees it: programs in tests/c, compiled here and run against a simulated EHR.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "what was measured or skipped is told")]

mod documents;
mod fork;
mod launch;
mod limits;
mod safety;
mod support;
mod symbols;
