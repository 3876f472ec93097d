//! FHIR data types: JSON that keeps the digits of numbers, pages, outcomes, next links, patients, references, times.

pub mod answer;
pub mod bundle;
pub mod coding;
pub mod json;
pub mod number;
pub mod outcome;
pub mod paging;
pub mod patient;
pub mod patient_ids;
pub mod reference;
pub mod time;

pub use json::Json;

/// A FHIR code in lower case, without the blanks that real data contains ("entered-in-error ").
pub fn token(value: &Json) -> String {
    value.text().unwrap_or_default().trim().to_ascii_lowercase()
}
