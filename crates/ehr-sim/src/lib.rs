//! A simulated EHR: a FHIR server, an authorization server and a launch page in one process, with faults on demand.
//!
//! It behaves like an Oracle Health, an Epic or a SMART sandbox server wherever these differ for a client. It answers
//! "ehr-sim does not implement ..." to everything that it does not simulate. Numbers such as O8 and E6 in comments name
//! a vendor's quirk, which docs/quirks.md explains.

mod auth;
mod brands;
mod clock;
mod config;
mod console;
mod control;
mod date;
mod ehr;
mod fault_list;
mod faults;
mod fetch;
mod fhir;
mod http;
mod issued;
mod jose;
mod launch;
mod openid;
mod options;
mod page;
mod patient_list;
mod personality;
mod random;
mod received;
mod registration;
mod request_log;
mod resources;
mod router;
mod rule_switches;
mod serve;
mod server_keys;
mod server_options;
mod simulator;
mod users;

pub use fault_list::{FAULTS, FaultDoc};
pub use options::{DataSource, FhirRelease, LaunchOptions, Login, Options, Personality, Tenant};
pub use received::ReceivedRequest;
pub use registration::{AuthMethod, BackgroundUser, Registration, ScopeVersion};
pub use request_log::RequestLog;
pub use rule_switches::{RuleSwitch, rule_switches};
pub use server_options::{
    BasicEncoding, DiscoveryOptions, FhirUserForm, IdTokenAlgorithm, Phase, PkcePolicy, RequiredHeader,
};
pub use simulator::{Simulator, StartError};
