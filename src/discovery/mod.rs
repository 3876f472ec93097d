//! The endpoints of an EHR: the documents that name them, how long they are kept, and which of them are approved.

mod approval;
mod cache;
mod directory;
mod documents;
mod endpoints;
mod key_cache;
mod server;
mod server_keys;
mod vendor;

pub use approval::approved;
pub use cache::{DiscoveryCache, Resolver};
pub use directory::{DirectoryEntry, read_directory};
pub use documents::version_of;
#[cfg(feature = "test-internals")]
pub use documents::{from_configuration, from_metadata};
pub use endpoints::{Discovery, DiscoveryDocument, Endpoints, ServerMetadata};
pub use server::{Server, explore};
pub use server_keys::{KeyLocation, without_slash};
