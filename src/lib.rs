//! The core of `fhir_ehr`: a launch from the EHR, a SMART on FHIR sign-in, a pull of one patient's values, sealed
//! staging, adjudication, and the values to save.
//!
//! [`Client`] has one method for each thing that a host application does. A host builds a [`Core`] once per process from
//! its [`Config`], then a [`Client`] from the core and its [`Hooks`].
//!
//! ```no_run
//! use fhir_ehr::{AllowAll, Client, Config, LaunchResult};
//!
//! # fn main() -> fhir_ehr::Result<()> {
//! let config = Config::from_file("config.json".as_ref())?;
//! let client = Client::with_embedded_store(config, Box::new(AllowAll))?;
//! match client.handle_launch("iss=...&launch=...", "session-1", "https://app.example/ehr.php")? {
//!     LaunchResult::Redirect(url) => println!("send the browser to {url}"),
//!     LaunchResult::SignedIn(sign_in) => println!("{} is signed in", sign_in.user),
//!     LaunchResult::LoginRequired { .. } => println!("show the application's own login"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Everything that a host uses is listed on this page. The modules are private; docs/layers.md lists their layers.

#![cfg_attr(not(feature = "test-internals"), warn(unnameable_types))]
// The modules are private, so `pub` in them says: for the other modules. What the crate exports is listed here only.
#![allow(unreachable_pub)]

mod access;
mod client;
mod clock;
mod config;
mod context;
mod discovery;
mod doctor;
mod error;
mod fhir;
mod fields;
mod grant;
mod identity;
mod jose;
mod launch;
mod learned;
mod log;
mod net;
mod pull;
mod scope;
mod secret;
mod source;
mod staging;
mod store;
mod vault;
mod words;

// The client: what a host calls.
pub use client::{Client, Core, Hooks};
// The configuration document.
pub use config::{
    Authentication, Config, Environment, FhirVersion, KeyRingConfig, KeyState, Limits, Policy, Registration,
    SigningAlgorithm, SigningKeyConfig, SourceConfig, StoreConfig, TlsConfig, VaultConfig, VaultKeyConfig,
    Vendor,
};
// Keys for private_key_jwt.
pub use jose::{JwksDocument, PrivateKey, PublicKey, PublishedKey};
pub use scope::ScopeSet;
pub use source::{Source, Sources};
// Errors, and foreign text made safe to show.
pub use error::{
    Code, Error, ErrorDocument, Owner, Result, Retry, Stage, VendorError, escape_for_display, file_words,
};
pub use words::json_words;
// The hooks: access, clock, log and secrets.
pub use access::{Access, Action, AllowAll};
pub use clock::{Clock, ManualClock, SystemClock, UnixSeconds};
pub use log::{Level, Log};
pub use secret::{ExposeSecret, Secret, SecretProvider, is_secret_reference, random_text};
// The store hook.
pub use store::{
    Lease, MAX_SEALED_BYTES, RecordIndex, RecordKind, RecordQuery, RecordWrite, SqliteStore, Store,
    StoredRecord, WriteOutcome, inconsistent_store,
};
// Launch and sign-in.
pub use launch::{CallbackResult, LaunchContext, LaunchQuery, LaunchResult, SignIn};
// Looking up a patient and pulling values.
pub use fhir::time::{Anchor, Offset, OffsetDirection};
pub use fields::{
    Field, Reader, TextMode,
    catalog::{List, fields as field_catalog, search as search_fields},
};
pub use pull::{
    Project, PullRequest, PullResult,
    lookup::{PatientRequest, PatientResult, PatientSelector},
    mapping::{Mapping, MappingLine},
    plan::RecordDate,
    report::{Report, ResourceReport, ResourceStatus},
};
// Staged rows: adjudicating and saving.
pub use staging::{
    EhrState, StagedRow, State,
    adjudicate::{Decisions, SaveSet, ValueToSave},
    commit::NotPreselected,
    damaged::DamagedRow,
    preselect::Preselect,
};
// What an administrator checks.
pub use discovery::{Discovery, DiscoveryDocument, Endpoints};
pub use doctor::{CheckOptions, CheckStatus, CheckStep};

/// What the tests and the fuzz targets of this repository use beyond the public API. It exists only with the feature
/// `test-internals`, which nothing that is shipped enables. No part of it is stable.
#[cfg(feature = "test-internals")]
#[doc(hidden)]
pub mod internals {
    pub use crate::{
        fhir::{
            Json, bundle, number, outcome,
            time::{FhirTime, Window},
        },
        fields::{Rules, catalog, read},
        jose::{VerificationKey, read_keys, verify},
        pull::mapping::HEADER,
        source::allowed_url,
        staging::state::{Effect, Phase, RowEvent, transitions},
        store::sealed_store::SealedStore,
        vault::{Place, Vault},
    };
}
