//! Registration of the application at an EHR: what a person copies into the vendor's console, and dynamic client registration.

mod dynamic;
mod sheet;

pub(crate) use dynamic::register;
pub use dynamic::{ClientRegistration, RegisterRequest};
pub(crate) use sheet::sheet;
pub use sheet::{RegistrationSheet, SheetEntry};
