//! The status that a function returns.

use fhir_ehr::Code;

/// What a function returns: 0 on success, otherwise one of FHIR_EHR_E_....
pub type Status = i32;

/// The status of an error code.
pub(crate) fn status_of(code: Code) -> Status {
    Status::try_from(code.number()).unwrap_or(Status::MAX)
}
