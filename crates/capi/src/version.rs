//! The versions: pure functions, the only ones that a module may call when it is loaded.

use libc::c_char;

/// The ABI level of this header. It grows by one with each release that adds to the header. The loaded library has
/// its own level, fhir_ehr_abi_level(), which must be this one or greater.
pub const FHIR_EHR_ABI_LEVEL: u32 = 1;

/// The version of the loaded library, such as "0.1.0".
///
/// The text is constant and valid while the library is loaded; do not free it. A pure function: it takes no lock, reads
/// no file and uses no thread-local, so the library can be unloaded after it.
#[unsafe(no_mangle)]
pub extern "C" fn fhir_ehr_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The ABI level of the loaded library. Check at load time that it is at least FHIR_EHR_ABI_LEVEL, the level that your
/// program was compiled with.
///
/// A pure function, as fhir_ehr_version().
#[unsafe(no_mangle)]
pub extern "C" fn fhir_ehr_abi_level() -> u32 {
    FHIR_EHR_ABI_LEVEL
}
