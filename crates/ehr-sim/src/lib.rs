//! One simulated EHR: a FHIR server, an authorization server and a launch page in one process, with faults on demand.
//!
//! It behaves like an Oracle Health, an Epic or a SMART sandbox server where clients meet their differences, and says
//! "ehr-sim does not implement ..." where it does not. The numbers O1.., E1.. in comments are the quirks it imitates.

mod auth;
mod clock;
mod config;
mod control;
mod faults;
mod fhir;
mod http;
mod launch;
mod options;
mod page;
mod patient_list;
mod personality;
mod records;
mod serve;
mod simulator;
mod world;

pub use faults::{FAULTS, FaultDoc};
pub use options::{DataSource, FhirRelease, LaunchOptions, Login, Options, Personality};
pub use simulator::{Simulator, StartError};
pub use world::RequestLog;
