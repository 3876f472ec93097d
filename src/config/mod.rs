//! The configuration: the JSON document that an administrator writes, its terms, its limits and the vendor policies.

mod credentials;
mod document;
mod limits;
mod policy;
mod terms;

pub use credentials::{Authentication, KeyRingConfig, KeyState, SigningAlgorithm, SigningKeyConfig};
pub use document::{Config, Registration, SourceConfig, StoreConfig, TlsConfig, VaultConfig, VaultKeyConfig};
pub use limits::Limits;
pub use policy::Policy;
pub use terms::{Environment, FhirVersion, Vendor};
