//! Keeps the library mapped once a call has run code of it.

use once_cell::sync::OnceCell;
use std::{ffi::c_void, mem::MaybeUninit, ptr};

static PINNED: OnceCell<()> = OnceCell::new();

/// Pins this library in the process; later calls do nothing.
///
/// A name lookup of the operating system may still run in its thread when the host frees its last handle and closes the library. Without
/// the pin, `dlclose` would take the code away under that thread. Only the dynamic linker can pin a library. In a program
/// that is linked statically there is nothing to pin: `dlopen` finds the program itself, or fails.
pub(crate) fn pin_library() {
    PINNED.get_or_init(|| {
        let here = ptr::from_ref(&PINNED).cast::<c_void>();
        let mut found = MaybeUninit::<libc::Dl_info>::zeroed();
        // SAFETY: `here` is an address of this library, and `found` may be written. All zero is a value of Dl_info, so it may be
        // read whatever dladdr says. The name that it gives lives as long as the library is mapped, which is now.
        unsafe {
            libc::dladdr(here, found.as_mut_ptr());
            let name = found.assume_init().dli_fname;
            if !name.is_null() {
                libc::dlopen(name, libc::RTLD_NOW | libc::RTLD_NOLOAD | libc::RTLD_NODELETE);
            }
        }
    });
}
