//! Gives the shared library its SONAME.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libfhir_ehr.so.1");
    // PHP opens extensions with RTLD_GLOBAL: two versions in one process must not take each other's functions.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-Bsymbolic-functions");
}
