//! The versions: pure functions, the only ones that may be called at a module's start.

use libc::c_char;

/// The version of this header's promises. The library's own is told by fhir_ehr_abi_level(); it is the same
/// or greater: functions and constants are added, never changed.
pub const FHIR_EHR_ABI_LEVEL: u32 = 1;

/// The version of the loaded library, such as "0.1.0".
///
/// The text lives as long as the library is loaded; nobody frees it. It is a pure function: no lock, no
/// thread-local, nothing read; after dlclose() nothing of the library stays in the process.
#[unsafe(no_mangle)]
pub extern "C" fn fhir_ehr_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The level of the loaded library's ABI; a program needs at least the FHIR_EHR_ABI_LEVEL it was compiled with.
///
/// A pure function, as fhir_ehr_version().
#[unsafe(no_mangle)]
pub extern "C" fn fhir_ehr_abi_level() -> u32 {
    FHIR_EHR_ABI_LEVEL
}
