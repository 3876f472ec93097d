//! The core: the checked configuration and the connections, for as long as a worker lives.

use crate::{
    cast::{self, Out, invalid},
    documents,
    error::Error,
    guard::{self, Status},
    text::Text,
};
use fhir_ehr::{Config, Core as Inner, Result};
use libc::c_char;
use ring::digest::{Context, SHA256};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// For fhir_ehr_core_scopes(): the scopes of a launch from the EHR.
pub const FHIR_EHR_SCOPES_LAUNCH: u32 = 1;
/// For fhir_ehr_core_scopes(): the scopes of a sign-in that starts in the application.
pub const FHIR_EHR_SCOPES_STANDALONE: u32 = 2;
/// For fhir_ehr_core_scopes(): the scopes of the system account.
pub const FHIR_EHR_SCOPES_SYSTEM: u32 = 3;

/// The checked configuration and the connections with their TLS roots. It lives as long as a worker and is
/// shared by the clients of many requests and by threads. It is counted: each fhir_ehr_core_new(),
/// fhir_ehr_core_from_file() and fhir_ehr_core_for() wants one fhir_ehr_core_free().
pub struct Core {
    inner: Arc<Inner>,
}

impl Core {
    fn build(config: &str, base: &str) -> Result<Arc<Self>> {
        let mut config = Config::from_json(config)?;
        config.base = (!base.is_empty()).then(|| PathBuf::from(base));
        Ok(Arc::new(Core { inner: Inner::new(config)? }))
    }

    pub(crate) fn inner(&self) -> Arc<Inner> {
        self.inner.clone()
    }
}

/// Makes a core of a configuration document.
///
/// `config` is the JSON document (its JSON Schema: fhir_ehr_config_schema()), `base` the folder that
/// relative paths in it count from; empty: the process's current folder, which a server rarely wants. The
/// document is checked; nothing is opened, read or sent yet.
///
/// Errors: FHIR_EHR_E_CONFIG_INVALID, FHIR_EHR_E_URL_NOT_ALLOWED (both name the entry, never its content),
/// FHIR_EHR_E_REQUEST_INVALID.
///
/// On success *core is a new core; free it with fhir_ehr_core_free(). Any thread. After a fork the child
/// may go on with it: it forgets the parent's connections and makes its own.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_core_new(
    config: *const c_char,
    config_length: usize,
    base: *const c_char,
    base_length: usize,
    core: *mut *mut Core,
    error: *mut *mut Error,
) -> Status {
    let work = || {
        // SAFETY: the caller's promise.
        let (core, config, base) = unsafe {
            let core = Out::new(core, "core")?;
            (core, cast::text(config, config_length, "config")?, cast::text(base, base_length, "base")?)
        };
        core.share(Core::build(config, base)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

/// Makes a core of a configuration file; relative paths in it count from the file's folder.
///
/// Errors: as fhir_ehr_core_new(); a file that cannot be read is FHIR_EHR_E_CONFIG_INVALID.
///
/// On success *core is a new core; free it with fhir_ehr_core_free(). Any thread. After a fork the child
/// may go on with it.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_core_from_file(
    path: *const c_char,
    path_length: usize,
    core: *mut *mut Core,
    error: *mut *mut Error,
) -> Status {
    let work = || {
        // SAFETY: the caller's promise.
        let (core, path) = unsafe { (Out::new(core, "core")?, cast::text(path, path_length, "path")?) };
        let config = Config::from_file(Path::new(path))?;
        core.share(Arc::new(Core { inner: Inner::new(config)? }));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

/// How many cores are kept for equal documents.
/// cbindgen:ignore
const KEPT: usize = 8;

/// The cores kept for equal documents, the last used at the end.
/// cbindgen:ignore
static SHARED: Mutex<Vec<Kept>> = Mutex::new(Vec::new());

struct Kept {
    pid: u32,
    content: [u8; 32],
    core: Arc<Core>,
}

fn shared() -> MutexGuard<'static, Vec<Kept>> {
    SHARED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Only a hash of the document is kept: it holds secrets.
fn content(config: &str, base: &str) -> Result<[u8; 32]> {
    let mut context = Context::new(&SHA256);
    context.update(&(config.len() as u64).to_be_bytes());
    context.update(config.as_bytes());
    context.update(base.as_bytes());
    context.finish().as_ref().try_into().map_err(|_| fhir_ehr::Code::Internal.into())
}

fn core_for(config: &str, base: &str) -> Result<Arc<Core>> {
    let (pid, content) = (std::process::id(), content(config, base)?);
    let mut kept = shared();
    if let Some(at) = kept.iter().position(|one| one.pid == pid && one.content == content) {
        let found = kept.remove(at);
        let core = found.core.clone();
        kept.push(found);
        return Ok(core);
    }
    drop(kept);
    let core = Core::build(config, base)?;
    let mut kept = shared();
    let (keep, mut gone): (Vec<Kept>, Vec<Kept>) = kept.drain(..).partition(|one| one.pid == pid);
    *kept = keep;
    kept.push(Kept { pid, content, core: core.clone() });
    let surplus = kept.len().saturating_sub(KEPT);
    gone.extend(kept.drain(..surplus));
    drop(kept);
    // Closing connections takes its time; nobody waits for it with the lock.
    drop(gone);
    Ok(core)
}

/// Gives the core of a configuration document, for a host that keeps it in its database: pass the current
/// text with each request, and a change is seen by all workers without a restart.
///
/// For equal `config` and `base` in one process it is the same core, with its connections; the eight last
/// used are kept. A process that was forked off makes its own. Parameters and errors as fhir_ehr_core_new().
///
/// On success *core is a core; free it with fhir_ehr_core_free(), also if it is the same as before. Any
/// thread.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_core_for(
    config: *const c_char,
    config_length: usize,
    base: *const c_char,
    base_length: usize,
    core: *mut *mut Core,
    error: *mut *mut Error,
) -> Status {
    let work = || {
        // SAFETY: the caller's promise.
        let (core, config, base) = unsafe {
            let core = Out::new(core, "core")?;
            (core, cast::text(config, config_length, "config")?, cast::text(base, base_length, "base")?)
        };
        core.share(core_for(config, base)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

/// The sources of the configuration as a JSON list of objects: `id`, `name` (the id where none is
/// configured), `iss`, `environment` (`sandbox`, `test`, `production`), `fhir_version` (`dstu2`, `r4`), `vendor`,
/// `system_account` (whether there is one), `redirect_uris` (of the registration for users),
/// `frame_ancestors` (origins that may show the application in a frame), `authorization_endpoint` and
/// `token_endpoint` (null where the configuration stores none), `mrn_systems`.
///
/// Errors: FHIR_EHR_E_REQUEST_INVALID.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). Any thread. It does no I/O.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_core_sources(
    core: *const Core,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = || {
        // SAFETY: the caller's promise.
        let (core, text) = unsafe { (cast::lend(core, "core")?, Out::new(text, "text")?) };
        text.give(Text::new(documents::sources(core.inner.sources()).to_string()));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

/// The scopes that are asked for at a source, separated by blanks. `which` is one of FHIR_EHR_SCOPES_....
///
/// Errors: FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_REQUEST_INVALID (`which` is none of them).
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). Any thread. It does no I/O.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_core_scopes(
    core: *const Core,
    source: *const c_char,
    source_length: usize,
    which: u32,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = || {
        // SAFETY: the caller's promise.
        let (core, source, text) = unsafe {
            let source = cast::text(source, source_length, "source")?;
            (cast::lend(core, "core")?, source, Out::new(text, "text")?)
        };
        let source = core.inner.sources().by_id(source)?;
        let scopes = match which {
            FHIR_EHR_SCOPES_LAUNCH => source.launch_scopes(),
            FHIR_EHR_SCOPES_STANDALONE => source.standalone_scopes(),
            FHIR_EHR_SCOPES_SYSTEM => source.system_scopes(),
            _ => return Err(invalid("which is none of FHIR_EHR_SCOPES_...")),
        };
        text.give(Text::new(scopes.to_string()));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

/// Gives a core back. Its clients go on until they are freed; its connections are closed with the last of
/// them. For NULL it does nothing.
///
/// It does not wait for the network. In a child it touches none of the parent's connections.
///
/// # Safety
/// `core` is NULL or a core that was not given back as often as it was given out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_core_free(core: *mut Core) {
    // SAFETY: the caller gives the handle back.
    unsafe { cast::free_shared(core) }
}
