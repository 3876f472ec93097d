//! The library as C sees it: programs in tests/c, compiled here and run against a simulated EHR.

mod fork;
mod launch;
mod limits;
mod safety;
mod support;
mod symbols;
