//! The configuration: the JSON document that an administrator writes, its terms, its limits and the vendor policies.

mod document;
mod limits;
mod policy;
mod terms;

pub use document::{
    Config, HandoffUrl, RedirectUri, Registration, SourceConfig, StoreConfig, TlsConfig, VaultConfig,
    VaultKeyConfig,
};
pub use limits::Limits;
pub use policy::Policy;
pub use terms::{Environment, FhirVersion, Vendor};
