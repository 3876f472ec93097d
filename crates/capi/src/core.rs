//! The core: the checked configuration and the connections, for as long as a worker lives.

use crate::{
    cast::{self, OutParam, invalid},
    documents::{self, to_text},
    error::Error,
    guard,
    handle::{self, Handle, Shared},
    status::Status,
    text::Text,
};
use fhir_ehr::{Config, Core as InnerCore, Mapping, Result};
use libc::c_char;
use ring::digest::{Context, SHA256};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// For fhir_ehr_core_scopes(): the scopes of a launch from the EHR (EHR launch).
pub const FHIR_EHR_SCOPES_LAUNCH: u32 = 1;
/// For fhir_ehr_core_scopes(): the scopes of a sign-in that starts in the application (standalone launch).
pub const FHIR_EHR_SCOPES_STANDALONE: u32 = 2;
/// For fhir_ehr_core_scopes(): the scopes of the system account.
pub const FHIR_EHR_SCOPES_SYSTEM: u32 = 3;

/// The checked configuration, and the connections to the EHRs with their TLS roots. Keep one for as long as a worker
/// process lives; the clients of many requests and threads share it. Each fhir_ehr_core_new(),
/// fhir_ehr_core_from_file() and fhir_ehr_core_for() needs its own fhir_ehr_core_free().
pub struct Core {
    inner: Arc<InnerCore>,
}

impl Handle for Core {
    type Ownership = Shared;
}

/// Caps for the limits of a configuration; 0: no cap. See [`fhir_ehr::Limits::cap`].
#[derive(Clone, Copy, Default)]
struct Caps {
    seconds: u64,
    bytes: u64,
}

impl Core {
    fn build(config: &str, base: &str, caps: Caps) -> Result<Arc<Self>> {
        let mut config = Config::from_json(config)?;
        config.limits.cap(caps.seconds, caps.bytes);
        config.base = (!base.is_empty()).then(|| PathBuf::from(base));
        Ok(Arc::new(Core { inner: InnerCore::new(config)? }))
    }

    pub(crate) fn inner(&self) -> Arc<InnerCore> {
        self.inner.clone()
    }
}

/// Creates a core from a configuration document (config.schema.json). `base` is the folder that relative paths in the
/// document start from; empty: the current folder of the process, which is rarely right in a server. The document is
/// checked. Nothing is opened, read or sent yet.
///
/// On success *core is a new core; free it with fhir_ehr_core_free().
///
/// Errors: FHIR_EHR_E_CONFIG_INVALID, FHIR_EHR_E_URL_NOT_ALLOWED. The message names the entry and does not repeat its
/// content.
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
            let core = OutParam::new(core, "core")?;
            (core, cast::text(config, config_length, "config")?, cast::text(base, base_length, "base")?)
        };
        core.write_shared(Core::build(config, base, Caps::default())?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

/// Creates a core from a configuration file. Relative paths in it start from the file's folder.
///
/// On success *core is a new core; free it with fhir_ehr_core_free().
///
/// Errors: as fhir_ehr_core_new(); FHIR_EHR_E_CONFIG_INVALID also when the file cannot be read.
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
        let (core, path) = unsafe { (OutParam::new(core, "core")?, cast::text(path, path_length, "path")?) };
        let config = Config::from_file(Path::new(path))?;
        core.write_shared(Arc::new(Core { inner: InnerCore::new(config)? }));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

/// How many cores fhir_ehr_core_for() keeps.
/// cbindgen:ignore
const CACHED_CORES: usize = 8;

/// The cores of fhir_ehr_core_for(), the most recently used one last.
/// cbindgen:ignore
static CORE_CACHE: Mutex<Vec<CachedCore>> = Mutex::new(Vec::new());

struct CachedCore {
    pid: u32,
    digest: [u8; 32],
    core: Arc<Core>,
}

fn core_cache() -> MutexGuard<'static, Vec<CachedCore>> {
    CORE_CACHE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The cache keeps a hash instead of the document, which may contain secrets.
fn digest(config: &str, base: &str, caps: Caps) -> Result<[u8; 32]> {
    let mut context = Context::new(&SHA256);
    for number in [caps.seconds, caps.bytes, config.len() as u64] {
        context.update(&number.to_be_bytes());
    }
    context.update(config.as_bytes());
    context.update(base.as_bytes());
    context.finish().as_ref().try_into().map_err(|_| fhir_ehr::Code::Internal.into())
}

fn core_for(config: &str, base: &str, caps: Caps) -> Result<Arc<Core>> {
    let (pid, digest) = (std::process::id(), digest(config, base, caps)?);
    let mut cache = core_cache();
    if let Some(at) = cache.iter().position(|cached| cached.pid == pid && cached.digest == digest) {
        let found = cache.remove(at);
        let core = found.core.clone();
        cache.push(found);
        return Ok(core);
    }
    drop(cache);
    let core = Core::build(config, base, caps)?;
    let mut cache = core_cache();
    let (keep, mut evicted): (Vec<CachedCore>, Vec<CachedCore>) =
        cache.drain(..).partition(|cached| cached.pid == pid);
    *cache = keep;
    cache.push(CachedCore { pid, digest, core: core.clone() });
    let surplus = cache.len().saturating_sub(CACHED_CORES);
    evicted.extend(cache.drain(..surplus));
    drop(cache);
    // Closing connections takes time, so it happens without the lock.
    drop(evicted);
    Ok(core)
}

/// Returns the core of a configuration document, for a host that keeps the document in its database. Pass the current
/// document with each request: all workers notice a change without a restart.
///
/// Within one process, the same `config`, `base`, `max_seconds` and `max_bytes` return the same core with its open
/// connections. The eight most recently used cores are kept. A forked child creates its own. `config`, `base` and the
/// errors are those of fhir_ehr_core_new().
///
/// `max_seconds` and `max_bytes` are caps that the server's administrator sets outside the configuration; 0: no cap.
/// `max_seconds` caps the limits `connect_seconds`, `request_seconds` and `pull_seconds`; `max_bytes` caps
/// `response_bytes`. A lower limit in the configuration stays as it is.
///
/// On success *core is a core; free it with fhir_ehr_core_free(), even if it is the same one as before.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_core_for(
    config: *const c_char,
    config_length: usize,
    base: *const c_char,
    base_length: usize,
    max_seconds: u64,
    max_bytes: u64,
    core: *mut *mut Core,
    error: *mut *mut Error,
) -> Status {
    let work = || {
        // SAFETY: the caller's promise.
        let (core, config, base) = unsafe {
            let core = OutParam::new(core, "core")?;
            (core, cast::text(config, config_length, "config")?, cast::text(base, base_length, "base")?)
        };
        core.write_shared(core_for(config, base, Caps { seconds: max_seconds, bytes: max_bytes })?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

/// The sources of the configuration, as JSON (sources.schema.json). `name` is the id where no name is configured. The
/// endpoints are null where the configuration has none: they are discovered. `frame_ancestors` are the origins that
/// may show the application in a frame.
///
/// ```json
/// [{
///   "id": "main", "name": "Main hospital", "iss": "https://fhir.example.org/r4",
///   "organization": "default", "environment": "production", "fhir_version": "r4", "vendor": "oracle", "system_account": false,
///   "redirect_uris": ["https://research.example.org/ehr.php"],
///   "frame_ancestors": ["https://ehr.example.org"],
///   "authorization_endpoint": null, "token_endpoint": null,
///   "mrn_systems": ["urn:oid:1.2.3"], "time_zone": "America/New_York"
/// }]
/// ```
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). No I/O.
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
        let (core, text) = unsafe { (cast::borrow(core, "core")?, OutParam::new(text, "text")?) };
        text.write_boxed(to_text(&documents::sources(core.inner.sources()))?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

/// The scopes that the library requests from a source, separated by spaces: the list to give your EHR team for the
/// registration. `which` is one of FHIR_EHR_SCOPES_....
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). No I/O.
///
/// Errors: FHIR_EHR_E_SOURCE_NOT_FOUND; FHIR_EHR_E_REQUEST_INVALID for any other `which`.
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
            (cast::borrow(core, "core")?, source, OutParam::new(text, "text")?)
        };
        let source = core.inner.sources().by_id(source)?;
        let scopes = match which {
            FHIR_EHR_SCOPES_LAUNCH => source.launch_scopes(),
            FHIR_EHR_SCOPES_STANDALONE => source.standalone_scopes(),
            FHIR_EHR_SCOPES_SYSTEM => source.system_scopes(),
            _ => return Err(invalid("which is not one of FHIR_EHR_SCOPES_...")),
        };
        text.write_boxed(Text::new(scopes.to_string()));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

/// What a person copies into the vendor's console to register the application for a source. `launch_url` is the URL at which the
/// EHR opens the application. `jwks_url` is where the application publishes its public keys; NULL if it has none.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (registration_sheet.schema.json). Show `label` and
/// `values` of each entry. `notes` are sentences about this vendor, and `warnings` about unusual scopes of the source. No I/O.
///
/// ```json
/// {
///   "source": "main", "vendor": "oracle", "environment": "production",
///   "entries": [
///     {"name": "launch_url", "label": "Launch URL", "values": ["https://app.example.org/ehr.php"]},
///     {"name": "scopes_launch", "label": "Scopes of an EHR launch", "values": ["launch", "user/Patient.read"]}
///   ],
///   "notes": ["Register the application for SMART v1."], "warnings": []
/// }
/// ```
///
/// Errors: FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_URL_NOT_ALLOWED.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_core_registration_sheet(
    core: *const Core,
    source: *const c_char,
    source_length: usize,
    launch_url: *const c_char,
    launch_url_length: usize,
    jwks_url: *const c_char,
    jwks_url_length: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = || {
        // SAFETY: the caller's promise.
        let (text, core, source, launch_url, jwks_url) = unsafe {
            (
                OutParam::new(text, "text")?,
                cast::borrow(core, "core")?,
                cast::text(source, source_length, "source")?,
                cast::text(launch_url, launch_url_length, "launch_url")?,
                cast::text_or_none(jwks_url, jwks_url_length, "jwks_url")?,
            )
        };
        text.write_boxed(to_text(&core.inner.registration_sheet(source, launch_url, jwks_url)?)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

/// The fewest scopes with which a mapping can be pulled from a source, and what the scopes of the source do not cover. `mapping` is
/// the mapping as CSV.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (minimum_scopes.schema.json). Show `warnings`. No
/// I/O.
///
/// ```json
/// {
///   "source": "main", "resource_types": ["Patient", "Condition"],
///   "scopes_launch": ["openid", "fhirUser", "launch", "user/Patient.read", "user/Condition.read", "online_access"],
///   "scopes_standalone": ["openid", "fhirUser", "user/Patient.read", "user/Condition.read", "online_access"],
///   "scopes_system": [], "not_covered": ["Condition"], "partly_covered": [], "unused": [],
///   "warnings": ["The scopes of the source do not cover Condition, which the mapping needs."]
/// }
/// ```
///
/// Errors: FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_MAPPING_INVALID.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_core_minimum_scopes(
    core: *const Core,
    source: *const c_char,
    source_length: usize,
    mapping: *const c_char,
    mapping_length: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = || {
        // SAFETY: the caller's promise.
        let (text, core, source, mapping) = unsafe {
            (
                OutParam::new(text, "text")?,
                cast::borrow(core, "core")?,
                cast::text(source, source_length, "source")?,
                cast::text(mapping, mapping_length, "mapping")?,
            )
        };
        text.write_boxed(to_text(&core.inner.minimum_scopes(source, &Mapping::from_csv(mapping)?)?)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

/// Frees a core. Does nothing for NULL.
///
/// Clients of the core keep working; its connections close when the last of them is freed. This function does not wait
/// for the network.
///
/// # Safety
/// `core` is NULL or a core that was freed less often than it was returned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_core_free(core: *mut Core) {
    // SAFETY: the caller owns the handle and does not use it again.
    unsafe { handle::free(core) }
}
