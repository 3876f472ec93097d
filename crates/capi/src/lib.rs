//! fhir_ehr for C: SMART on FHIR launch, sign-in, a pull of one patient's data, encrypted staging, review and saving.
//! Link with -lfhir_ehr (pkg-config: fhir_ehr). docs/c-abi.md has a first program and a list of all functions;
//! docs/conventions.md explains the rules below in more detail.
//!
//! HANDLES. A type without members is a handle: fhir_ehr_core, fhir_ehr_client, fhir_ehr_rows, fhir_ehr_text,
//! fhir_ehr_error. A function returns it through an out-parameter, and you free it with its `..._free`, which does
//! nothing for NULL. What an accessor returns (fhir_ehr_text_data(), fhir_ehr_rows_get(), ...) belongs to the handle
//! and is valid until the handle is freed. Never call free() on anything from this library.
//!
//! CALLS. A function that can fail returns a fhir_ehr_status: 0 on success, otherwise an error number, one of
//! FHIR_EHR_E_.... Its last parameter receives an error object with details; free it with fhir_ehr_error_free(), or
//! pass NULL if you do not need it. The other out-parameters are written only on success, and *error only on failure.
//! There is no partial success: a failed call has changed nothing, unless its description says otherwise.
//!
//! ```c
//! static int open_core(fhir_ehr_core **core)
//! {
//!     static const char path[] = "/etc/fhir_ehr/config.json";
//!     fhir_ehr_error *error = NULL;
//!
//!     if (fhir_ehr_core_from_file(path, sizeof path - 1, core, &error) != 0) {
//!         fprintf(stderr, "%s %s\n", fhir_ehr_error_message(error), fhir_ehr_error_hint(error));
//!         fhir_ehr_error_free(error);
//!         return 0;
//!     }
//!     return 1;
//! }
//! ```
//!
//! ERRORS. Each function lists its own errors. In addition, every function that returns a status can return
//! FHIR_EHR_E_REQUEST_INVALID (a required pointer is NULL, a text is not UTF-8, an integer is not one of the named
//! values, a document has an unknown or missing member) and FHIR_EHR_E_INTERNAL (a bug; see PANICS). Every function
//! of a client can return FHIR_EHR_E_BUSY (see HOOKS and FORK) and the errors of the configuration (101, 103), the
//! key ring (601, 602, 607) and the store (701 to 704).
//!
//! TEXT IN is a pointer and a length in bytes, UTF-8. It needs no terminating NUL. NULL with length 0 is the empty text
//! or, where the function says so, an absent one. The library copies what it needs and keeps none of your pointers.
//! TEXT OUT is a fhir_ehr_text: UTF-8 with a terminating NUL that its length does not count.
//!
//! DOCUMENTS are JSON. Each has a JSON Schema (draft 2020-12), installed in share/fhir_ehr/schemas and kept in
//! docs/schemas of the source; the function that takes or returns the document names the file. In a document that you
//! pass, an unknown member is an error. In a document that you get, ignore members that you do not know: later versions
//! add some.
//!
//! NUMBERS. Inputs are integers of fixed width, never C enums. Constants are added, never changed.
//!
//! HOOKS. A hook table is a struct of your functions. Start with `= {0}`, set `struct_size` to its sizeof, and set
//! `user_data` to a pointer that every function of the table receives. The library copies the table; what its pointers
//! point to must stay valid until the client is freed. Set hooks after fhir_ehr_client_new() and before the first
//! other call on the client.
//! A hook returns FHIR_EHR_HOOK_DONE on success, FHIR_EHR_HOOK_NO for a normal refusal, and any other value when it
//! failed. It returns bytes and records through its sink. What a hook receives is valid until it returns.
//! The library calls hooks on the thread that called the client, only during that call, and never while it waits for
//! the network. A hook must return: no longjmp and no C++ exception may cross the library. A hook may use other
//! clients. A call on its own client returns FHIR_EHR_E_BUSY; if it frees its own client, the client is freed when the
//! current call ends.
//!
//! THREADS. Any thread may call any function. Many threads may use one core, and read one rows, text or error handle.
//! A client serves one thread at a time; other threads wait. The library runs your code and its own on the calling
//! thread only; while it looks up a host name, a thread of the operating system's resolver may exist.
//!
//! FORK. Handles work in the parent and in the child. The child opens its own connections and does not touch the
//! parent's. If another thread was inside a client when the process forked, that client returns FHIR_EHR_E_BUSY in the
//! child. A hook must not fork and then return in both processes.
//!
//! PANICS. A panic is a bug in this library. It never reaches your code and prints nothing: the call returns
//! FHIR_EHR_E_INTERNAL, and so does every later call on that client. You can still free the client.
//!
//! UNLOADING. A module may call fhir_ehr_version() and fhir_ehr_abi_level() when it is loaded, and unload the library
//! afterwards. Any other call keeps the library mapped until the process ends.
//!
//! VERSIONS. The SONAME is libfhir_ehr.so.1. Everything in this header stays: later versions add functions, constants,
//! document members, and hooks at the end of the tables. Ignore values and members that you do not know.

// A panic is never used to report an error. (Tests may panic.)
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cast;
pub mod client;
pub mod client_admin;
pub mod client_decided;
pub mod client_grants;
pub mod client_launch;
pub mod client_links;
pub mod client_review;
pub mod client_sign_in;
pub mod client_study;
pub mod codes;
pub mod core;
pub mod documents;
pub mod error;
pub mod guard;
pub mod handle;
pub mod hooks;
mod panic;
mod pin;
pub mod record;
pub mod row_members;
pub mod rows;
pub mod sink;
pub mod static_documents;
pub mod status;

#[cfg(feature = "test-hooks")]
pub mod test_hooks;
pub mod text;
pub mod version;
