//! SMART App Launch 2.2.0 by number: a test for each requirement that applies to this library (docs/conformance.tsv has all of them).
//!
//! `requirement_NNN::holds` proves the requirement against the simulator. `requirement_NNN::fails_with_its_switch` turns on the
//! simulator's switch of that number, which breaks the rule, and proves that the same check then fails.

#![allow(unreachable_pub, missing_docs, reason = "a test binary")]

mod common;

#[macro_use]
#[path = "conformance/world.rs"]
mod world;

#[path = "conformance/assertion.rs"]
mod assertion;
#[path = "conformance/authorize.rs"]
mod authorize;
#[path = "conformance/backend.rs"]
mod backend;
#[path = "conformance/context.rs"]
mod context;
#[path = "conformance/identity.rs"]
mod identity;
#[path = "conformance/management.rs"]
mod management;
#[path = "conformance/protection.rs"]
mod protection;
#[path = "conformance/registration.rs"]
mod registration;
#[path = "conformance/scopes.rs"]
mod scopes;
#[path = "conformance/token.rs"]
mod token;
