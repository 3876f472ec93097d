//! The configuration: the JSON document that an administrator writes, its terms, its limits and the vendor policies.

mod credentials;
mod document;
mod endpoints;
mod limits;
mod policy;
mod terms;

pub use credentials::{Authentication, KeyRingConfig, KeyState, SigningAlgorithm, SigningKeyConfig};
pub use document::{
    Config, HandoffUrl, RedirectUri, Registration, SourceConfig, StoreConfig, TlsConfig, VaultConfig,
    VaultKeyConfig,
};
pub use endpoints::{EndpointConfig, HeaderConfig, HeaderValues};
pub use limits::Limits;
pub use policy::{AuthorizeMethod, IdTokenPolicy, PkcePolicy, Policy, UserNameSource};
pub use terms::{Environment, FhirVersion, Vendor};
