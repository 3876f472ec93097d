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
//!     LaunchResult::Form(form) => println!("show a form that submits itself to {}", form.url),
//!     LaunchResult::SignedIn(sign_in) => println!("{} is signed in", sign_in.user),
//!     LaunchResult::LoginRequired { .. } => println!("show the application's own login"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! This page lists everything that a host uses. The modules are private; docs/layers.md lists their layers.

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
mod register;
mod scope;
mod secret;
mod source;
mod staging;
mod store;
mod vault;
mod vendor_error;
mod words;

// The client: what a host calls.
pub use client::{Client, Core, Hooks};
// The configuration document.
pub use config::{
    Authentication, AuthorizeMethod, Config, EndpointConfig, Environment, FhirVersion, HandoffUrl,
    HeaderConfig, IdTokenPolicy, KeyRingConfig, KeyState, Limits, PkcePolicy, Policy, RedirectUri,
    Registration, SigningAlgorithm, SigningKeyConfig, SourceConfig, StoreConfig, TlsConfig, UserNameSource,
    VaultConfig, VaultKeyConfig, Vendor,
};
// Keys for private_key_jwt.
pub use jose::{JwksDocument, PrivateKey, PublicKey, PublishedKey};
pub use scope::{
    Actions, IdentityScope, LaunchScope, Query as ScopeQuery, RefreshAccess, RefreshScope, ResourceScope,
    Scope, ScopeComparison, ScopeContext, ScopeKind, ScopeSet, ScopeVersion,
};
pub use source::{ConfiguredEndpoints, Source, Sources};
// Errors, and functions that make text from others safe to show.
pub use error::{
    Code, Error, ErrorDocument, Owner, Result, Retry, Stage, VendorError, describe_io_error,
    escape_for_display,
};
pub use words::describe_json_error;
// The hooks: access, clock, log and secrets.
pub use access::{Access, Action, AllowAll};
pub use clock::{Clock, ManualClock, SystemClock, UnixSeconds};
pub use log::{Log, LogLevel};
pub use secret::{ExposeSecret, Secret, SecretProvider, is_secret_reference, random_text};
// The store hook.
pub use store::{
    Lease, MAX_SEALED_BYTES, RecordIndex, RecordKind, RecordQuery, RecordWrite, SqliteStore, Store,
    StoredRecord, WriteOutcome, inconsistent_store,
};
// Launch and sign-in.
pub use grant::{
    FhirContext, GrantAction, GrantEntry, GrantLapse, GrantPage, GrantStatus, GrantTrouble, GrantWarning,
    Introspection, KeepAliveOutcome, KeepAliveResult, KeptGrant, SignedOutGrant, TokenKind, TokenRevocation,
    TroubleKind, UnreadableGrant,
};
pub use identity::{FhirUser, IdTokenResult, UserLinkEntry};
pub use launch::{
    AuthorizeForm, CallbackResult, LaunchContext, LaunchHandoff, LaunchKind, LaunchLogEntry, LaunchOutcome,
    LaunchQuery, LaunchResult, LaunchView, SignIn, UserRemoval, ViewEnd,
};
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
    minimum_scopes::MinimumScopes,
    plan::RecordDate,
    report::{PullReport, ResourceReport, ResourceStatus},
};
// Staged rows: adjudicating and saving.
pub use staging::{
    EhrState, RowState, StagedRow,
    adjudicate::{Decisions, SaveSet, ValueToSave},
    damaged::DamagedRow,
    preselect::{NotPreselected, Preselect},
};
// What an administrator registers and checks.
pub use discovery::{
    DirectoryEntry, Discovery, DiscoveryDocument, Endpoints, ServerMetadata, read_directory,
};
pub use doctor::{CheckOptions, CheckStatus, CheckStep};
pub use register::{ClientRegistration, RegisterRequest, RegistrationSheet, SheetEntry};

/// Internal items for the tests and the fuzz targets of this repository. They exist only with the feature `test-internals`,
/// which no package enables. None of them is stable.
#[cfg(feature = "test-internals")]
#[doc(hidden)]
pub mod internals {
    pub use crate::{
        discovery::{from_configuration, from_metadata},
        fhir::{
            Json, bundle, number, outcome,
            time::{FhirTime, Window},
        },
        fields::{Rules, catalog, read},
        grant::{
            read_error_uri,
            token_answer::{TokenAnswer, judge_text},
        },
        identity::accepts_id_token_payload,
        jose::{VerificationKey, read_keys, verify},
        pull::mapping::HEADER,
        scope::{check_template, split_scopes},
        source::allowed_url,
        staging::state::{Effect, Phase, RowEvent, transitions},
        store::sealed_store::{Address, SealedStore},
        vault::{Place, Vault},
    };
}
