//! A simulated EHR: a FHIR server, an authorization server and a launch page in one process, with faults on demand.
//!
//! It behaves like an Oracle Health, an Epic or a SMART sandbox server wherever these differ for a client. It answers
//! "ehr-sim does not implement ..." to everything that it does not simulate. Numbers such as O8 and E6 in comments name
//! a vendor's quirk, which docs/quirks.md explains.

mod auth;
mod clock;
mod config;
mod control;
mod date;
mod ehr;
mod faults;
mod fhir;
mod http;
mod launch;
mod options;
mod page;
mod patient_list;
mod personality;
mod random;
mod request_log;
mod resources;
mod router;
mod serve;
mod simulator;

pub use faults::{FAULTS, FaultDoc};
pub use options::{DataSource, FhirRelease, LaunchOptions, Login, Options, Personality};
pub use request_log::RequestLog;
pub use simulator::{Simulator, StartError};
