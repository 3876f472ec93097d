//! fhir_ehr in C: SMART on FHIR launch, tokens, a pull of one patient's values, encrypted staging and
//! adjudication. Link with -lfhir_ehr (pkg-config: fhir_ehr). docs/conventions.md says the same at length.
//!
//! HANDLES. Each type without members is a handle: made by a function that gives it out (`..._new`), freed
//! by its `..._free`, which does nothing for NULL. Texts, rows and errors never change; read them from any
//! thread.
//!
//! CALLS. A function that can fail returns a fhir_ehr_status: 0, or the number of the error, one of
//! FHIR_EHR_E_.... Its last parameter takes an error object that says more; pass NULL if you do not want it.
//! Results go to out-parameters: written when the status is 0, and only then. So is *error: only when it is not.
//! Free the error with fhir_ehr_error_free().
//!
//! TEXT IN is a pointer and a length in bytes, UTF-8; no NUL is needed behind it. NULL with length 0 is the
//! empty text, and where it is said, an absent one. Text that is not UTF-8 is FHIR_EHR_E_REQUEST_INVALID.
//! The library keeps no pointer of yours after a call.
//! TEXT OUT is a fhir_ehr_text: data with a NUL behind it, and a length that counts. What an accessor gives
//! belongs to its handle. No memory of malloc crosses in either direction: never call free() on ours.
//!
//! NUMBERS. Inputs are integers of fixed width; each value that is not named here is
//! FHIR_EHR_E_REQUEST_INVALID. Constants are added, never changed.
//!
//! HOOKS are tables of functions of yours. A table begins with `struct_size`, which you set to its sizeof,
//! and `user_data`, which each function gets. A hook returns FHIR_EHR_HOOK_DONE, FHIR_EHR_HOOK_NO or, if it
//! failed, another value; it hands bytes and records back through its sink. Hooks are called on the thread
//! that called the client, during that call only, and never while it waits for the network. What a hook is
//! given is valid until it returns. A hook must return: no longjmp and no exception may cross the library.
//! A hook may use other clients; calling its own is FHIR_EHR_E_BUSY; freeing its own takes effect when the call
//! ends.
//!
//! THREADS. The library starts none that runs your or its code; looking up a host's name uses one for a
//! moment. A core may be used by many threads at once. A client lets one in at a time; others wait.
//!
//! FORK. Handles may be used on both sides of a fork: the child forgets the parent's connections and makes
//! its own. It must not fork inside a hook and return from the hook in both processes.
//!
//! PANICS, which are defects of ours, cross nowhere and print nothing: the call returns FHIR_EHR_E_INTERNAL, the
//! client returns it from then on, and its `_free` works.
//!
//! UNLOADING. fhir_ehr_version() and fhir_ehr_abi_level() are pure: a module may call them at its start
//! and unload the library again. Any other call keeps the library mapped until the process ends.
//!
//! VERSIONS. The SONAME is libfhir_ehr.so.1. What is here stays; functions, constants, members of
//! documents and of tables' ends are added. Ignore members and values that you do not know.

// A panic is never the way to tell an error. (Tests may.)
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cast;
pub mod client;
pub mod client_admin;
pub mod client_decided;
pub mod client_sign_in;
pub mod client_study;
pub mod codes;
pub mod core;
mod documents;
pub mod error;
pub mod guard;
pub mod hooks;
mod pin;
pub mod row_members;
pub mod rows;
pub mod sink;
pub mod tables;
#[cfg(feature = "test-hooks")]
pub mod test_hooks;
pub mod text;
pub mod version;
