//! fhir_ehr: launch from the EHR, SMART on FHIR sign-in, a pull of one patient's values, encrypted
//! staging, adjudication, and the values to save.
//!
//! The rooms, in the order in which data flows through them, are the modules below; no module imports from one
//! above it (docs/layers.md). [`client::Client`] is the face.

pub mod access;
pub mod client;
pub mod clock;
pub mod config;
pub mod discovery;
pub mod doctor;
pub mod error;
pub mod fhir;
pub mod fields;
pub mod grant;
pub mod identity;
pub mod launch;
pub mod log;
pub mod net;
pub mod pull;
pub mod scope;
pub mod secret;
pub mod source;
pub mod staging;
pub mod store;
pub mod vault;
pub mod words;
