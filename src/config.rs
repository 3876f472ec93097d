//! What an administrator writes: one JSON document, described by docs/config.schema.json.

use crate::{
    error::{Code, Error, Result, escape_for_display, file_words},
    secret::Secret,
    source::policy::Policy,
    words,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The whole document.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Whose sources, users and rows these are.
    #[serde(default = "default_organization")]
    pub organization: String,
    /// What the vendors' consoles gave the application.
    pub registrations: Vec<Registration>,
    /// The FHIR servers that may be launched from and pulled from; no other is ever contacted.
    pub sources: Vec<SourceConfig>,
    /// The keys that seal what is stored.
    pub vault: VaultConfig,
    /// The embedded store; absent when the host brings its own.
    #[serde(default)]
    pub store: Option<StoreConfig>,
    /// Trust for TLS.
    #[serde(default)]
    pub tls: TlsConfig,
    /// The proxy that requests go through: `http://HOST:PORT`, `none`, or `environment` (the default): `https_proxy` and `no_proxy`
    /// of the process's environment. Loopback addresses are never reached through a proxy.
    #[serde(default)]
    pub proxy: Option<String>,
    /// Bounds in time and size.
    #[serde(default)]
    pub limits: Limits,
    /// The address of the JSON Schema, for editors; it is not read.
    #[serde(default, rename = "$schema")]
    #[schemars(rename = "$schema")]
    pub schema_address: Option<String>,
    /// The folder that relative paths count from.
    #[serde(skip)]
    pub base: Option<PathBuf>,
    /// The file that the document was read from, for errors.
    #[serde(skip)]
    pub file: Option<PathBuf>,
}

fn default_organization() -> String {
    "default".to_owned()
}

/// How far from patients' care something is. Data of a sandbox or test source never enters a
/// production project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// A vendor's public sandbox or a simulator.
    Sandbox,
    /// A hospital's test system.
    Test,
    /// Real patients.
    Production,
}

impl Environment {
    /// All environments.
    pub const ALL: [Self; 3] = [Environment::Sandbox, Environment::Test, Environment::Production];

    /// Its name in documents.
    pub fn name(self) -> &'static str {
        match self {
            Environment::Sandbox => "sandbox",
            Environment::Test => "test",
            Environment::Production => "production",
        }
    }

    /// The environment with this name in documents.
    ///
    /// # Errors
    /// [`Code::RequestInvalid`] for any other text.
    pub fn from_name(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name).ok_or_else(|| {
            Error::new(Code::RequestInvalid)
                .detail(format!("{} is no environment", escape_for_display(name)))
                .hint("use sandbox, test or production")
        })
    }
}

/// A client registration at a vendor.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// The name by which sources refer to it.
    pub id: String,
    /// The environment for which the vendor issued it.
    pub environment: Environment,
    /// The client id.
    pub client_id: String,
    /// The client secret: inline, `file:PATH`, `env:NAME` or `hook:NAME`. Empty or absent: a public client.
    #[serde(default)]
    #[schemars(with = "String")]
    pub client_secret: Secret,
    /// The exact redirect URIs the vendor knows. A loopback URI without a port stands for every port
    /// (RFC 8252 section 7.3).
    #[serde(default)]
    pub redirect_uris: Vec<String>,
}

/// One FHIR server of one tenant in one FHIR version.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    /// The name by which the host refers to it.
    pub id: String,
    /// A name for people.
    #[serde(default)]
    pub name: String,
    /// The FHIR base URL, as the EHR sends it in `iss`.
    pub iss: String,
    /// Other base URLs under which the same server calls itself: in `iss`, in next links and in references. They are compared
    /// and never requested, so they may be http.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Sandbox, test or production.
    pub environment: Environment,
    /// Which FHIR version the base URL serves.
    pub fhir_version: FhirVersion,
    /// Whose quirks it has.
    #[serde(default)]
    pub vendor: Vendor,
    /// The registration for users.
    pub registration: String,
    /// The registration of the system account, if there is one.
    #[serde(default)]
    pub system_registration: Option<String>,
    /// Where users sign in. With both endpoints stored, a launch sends no discovery request. A stored endpoint takes
    /// precedence over the published one, also alone.
    #[serde(default)]
    pub authorization_endpoint: Option<String>,
    /// Where tokens come from.
    #[serde(default)]
    pub token_endpoint: Option<String>,
    /// The identifier systems of medical record numbers here, the best first (E13: a list). Empty: the
    /// identifiers typed MR.
    #[serde(default)]
    pub mrn_systems: Vec<String>,
    /// The time zone of the site, an IANA name such as `America/New_York`: times that the EHR sends with an offset are
    /// converted to its wall clock. Absent: times count as they are sent.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Origins of the EHR's pages that may show the application in a frame, such as `https://ehr.example.org` or
    /// `https://*.example.org`.
    #[serde(default)]
    pub frame_ancestors: Vec<String>,
    /// The resource types to ask scopes for; absent: the preset's.
    #[serde(default)]
    pub resources: Option<Vec<String>>,
    /// What differs at this site from the vendor's preset (see docs/administrator.md).
    #[serde(default)]
    #[schemars(with = "Option<Policy>")]
    pub policy: Option<serde_json::Value>,
}

/// A FHIR version that is served here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FhirVersion {
    /// 1.0.2
    Dstu2,
    /// 4.0.1
    R4,
}

impl FhirVersion {
    /// The name in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            FhirVersion::Dstu2 => "dstu2",
            FhirVersion::R4 => "r4",
        }
    }
}

/// Whose preset a source starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Vendor {
    /// None: what the specifications say.
    #[default]
    Generic,
    /// The SMART Health IT sandbox.
    Smart,
    /// Oracle Health (Cerner).
    Oracle,
    /// Epic.
    Epic,
}

impl Vendor {
    /// The name in the configuration and in the presets.
    pub fn name(self) -> &'static str {
        match self {
            Vendor::Generic => "generic",
            Vendor::Smart => "smart",
            Vendor::Oracle => "oracle",
            Vendor::Epic => "epic",
        }
    }
}

/// The key ring.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VaultConfig {
    /// The id of the key that seals new records.
    pub current: String,
    /// All keys that may open records.
    pub keys: Vec<VaultKeyConfig>,
    /// The key of the keyed hashes; it stays when the others are rotated. Inline, `file:`, `env:` or `hook:`.
    #[schemars(with = "String")]
    pub index_key: Secret,
}

/// One key of the ring.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VaultKeyConfig {
    /// Its name in sealed records.
    pub id: String,
    /// 32 bytes in base64. Inline, `file:`, `env:` or `hook:`.
    #[schemars(with = "String")]
    pub key: Secret,
}

/// The embedded store.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// The SQLite file.
    pub sqlite: PathBuf,
}

/// Trust for TLS.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// A PEM file of certificate authorities to trust instead of the system's.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
}

/// Bounds in time and size; docs/defaults.md is made from these.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Seconds for the TCP and TLS handshakes of one connection.
    pub connect_seconds: u64,
    /// Seconds for one request, from sending to the last byte of the answer.
    pub request_seconds: u64,
    /// Seconds for a whole pull; time spent in hooks does not count.
    pub pull_seconds: u64,
    /// Bytes of one answer after decompression.
    pub response_bytes: usize,
    /// Bytes of all answers of one pull.
    pub pull_bytes: usize,
    /// Pages of one search.
    pub pages: usize,
    /// Rows of one pull.
    pub rows: usize,
    /// Requests under way at once in one pull.
    pub concurrency: usize,
    /// How often a read that failed in a way that passes is sent again.
    pub retries: u32,
    /// The longest wait between two tries; a server that asks for more gets no further try now.
    pub retry_wait_seconds: u64,
    /// Seconds between sending the browser away and its return.
    pub launch_seconds: i64,
    /// Days that a staged row waits for adjudication.
    pub staged_days: i64,
    /// Seconds for which a token request keeps others from the same sign-in after its process was killed. A live process
    /// renews its lease, so that a slow token endpoint may take longer.
    pub refresh_lease_seconds: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connect_seconds: 5,
            request_seconds: 30,
            pull_seconds: 120,
            response_bytes: 32 * 1024 * 1024,
            pull_bytes: 512 * 1024 * 1024,
            pages: 200,
            rows: 50_000,
            concurrency: 4,
            retries: 2,
            retry_wait_seconds: 10,
            launch_seconds: 600,
            staged_days: 90,
            refresh_lease_seconds: 10,
        }
    }
}

impl Limits {
    /// Lowers `connect_seconds`, `request_seconds` and `pull_seconds` to at most `max_seconds`, and `response_bytes` to at
    /// most `max_bytes`. 0 means no cap. A limit that is lower already stays as it is.
    pub fn cap(&mut self, max_seconds: u64, max_bytes: u64) {
        if max_seconds > 0 {
            for seconds in [&mut self.connect_seconds, &mut self.request_seconds, &mut self.pull_seconds] {
                *seconds = max_seconds.min(*seconds);
            }
        }
        if max_bytes > 0 {
            let max_bytes = usize::try_from(max_bytes).unwrap_or(usize::MAX);
            self.response_bytes = max_bytes.min(self.response_bytes);
        }
    }

    /// Whether each bound is one that can be kept.
    fn check(&self) -> std::result::Result<(), String> {
        const DAY: u64 = 86_400;
        // A store counts whole seconds, so the first second of a lease may be over at once. Of what is left
        // the holder needs enough to renew the lease in time.
        const LEAST_LEASE: u64 = 3;
        let whole = |number: i64| u64::try_from(number).unwrap_or(0);
        let times = [
            ("connect_seconds", self.connect_seconds, 1, DAY),
            ("request_seconds", self.request_seconds, 1, DAY),
            ("pull_seconds", self.pull_seconds, 1, DAY),
            ("retry_wait_seconds", self.retry_wait_seconds, 0, DAY),
            ("retries", self.retries.into(), 0, 20),
            ("concurrency", self.concurrency as u64, 1, 64),
            ("response_bytes", self.response_bytes as u64, 1024, u64::MAX),
            ("pull_bytes", self.pull_bytes as u64, 1024, u64::MAX),
            ("pages", self.pages as u64, 1, u64::MAX),
            ("rows", self.rows as u64, 1, u64::MAX),
            ("launch_seconds", whole(self.launch_seconds), 10, DAY),
            ("staged_days", whole(self.staged_days), 1, 36_500),
            ("refresh_lease_seconds", whole(self.refresh_lease_seconds), LEAST_LEASE, DAY),
        ];
        for (name, value, least, most) in times {
            if !(least..=most).contains(&value) {
                return Err(format!("limits.{name} must be from {least} to {most}"));
            }
        }
        Ok(())
    }
}

impl Config {
    /// Reads the document of a file; relative paths in it count from the file's folder.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] with the place in the document.
    pub fn from_file(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(|cause| {
            Error::new(Code::ConfigInvalid).detail(format!(
                "file {}: {}",
                path.display(),
                file_words(cause.kind())
            ))
        })?;
        let mut config = Self::read(&text).map_err(|what| {
            Error::new(Code::ConfigInvalid).detail(format!("file {}: {what}", path.display()))
        })?;
        config.base = path.parent().map(Path::to_path_buf);
        config.file = Some(path.to_path_buf());
        Ok(config)
    }

    /// Reads the document from text.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] with the path of the member and its line; what is there is not repeated, it
    /// may be a secret.
    pub fn from_json(text: &str) -> Result<Self> {
        Self::read(text).map_err(|what| Error::new(Code::ConfigInvalid).detail(what))
    }

    fn read(text: &str) -> std::result::Result<Self, String> {
        let config: Config = serde_json::from_str(text).map_err(|cause| words::json_words(text, &cause))?;
        config.limits.check()?;
        Ok(config)
    }

    /// The JSON Schema of the document.
    pub fn schema() -> serde_json::Value {
        schemars::schema_for!(Config).to_value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_has_one_name_in_documents_and_calls() {
        for environment in Environment::ALL {
            assert_eq!(serde_json::to_value(environment).unwrap(), environment.name());
            assert_eq!(Environment::from_name(environment.name()).unwrap(), environment);
        }
        for wrong in ["", "Sandbox", "production ", "live"] {
            assert_eq!(Environment::from_name(wrong).unwrap_err().code(), Code::RequestInvalid, "{wrong}");
        }
    }

    #[test]
    fn caps_lower_limits_and_raise_none() {
        let capped = |seconds, bytes| {
            let mut limits =
                Limits { connect_seconds: 5, request_seconds: 30, pull_seconds: 120, ..Limits::default() };
            limits.response_bytes = 1000;
            limits.cap(seconds, bytes);
            (limits.connect_seconds, limits.request_seconds, limits.pull_seconds, limits.response_bytes)
        };
        assert_eq!(capped(0, 0), (5, 30, 120, 1000));
        assert_eq!(capped(10, 0), (5, 10, 10, 1000));
        assert_eq!(capped(1, 999), (1, 1, 1, 999));
        assert_eq!(capped(u64::MAX, u64::MAX), (5, 30, 120, 1000));
    }

    #[test]
    fn bounds_that_cannot_be_kept_are_refused() {
        assert!(Limits::default().check().is_ok());
        // A token request may be longer than its lease: the lease is renewed meanwhile.
        let short = Limits { refresh_lease_seconds: 3, request_seconds: 600, ..Limits::default() };
        assert!(short.check().is_ok());
        for limits in [
            Limits { retries: u32::MAX, ..Limits::default() },
            Limits { launch_seconds: i64::MAX, ..Limits::default() },
            Limits { staged_days: 0, ..Limits::default() },
            Limits { refresh_lease_seconds: 2, ..Limits::default() },
            Limits { refresh_lease_seconds: -1, ..Limits::default() },
        ] {
            assert!(limits.check().unwrap_err().starts_with("limits."), "{limits:?}");
        }
    }

    #[test]
    fn an_error_names_the_place_and_never_the_content() {
        let error = Config::from_json(r#"{"registrations": [{"client_secret": 12345678}]}"#).unwrap_err();
        assert_eq!(error.code(), Code::ConfigInvalid);
        assert!(error.message().contains("line 1"), "{error}");
        assert!(!error.message().contains("12345678"), "{error}");
        let error = Config::from_json(r#"{"registrationz": []}"#).unwrap_err();
        assert!(
            error.message().contains("unknown field `registrationz`; did you mean `registrations`?"),
            "{error}"
        );
        let error =
            Config::from_json(r#"{"$schema": "https://example.org/config.schema.json"}"#).unwrap_err();
        assert!(error.message().contains("the field `registrations` is missing"), "{error}");
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), r#"{"registrations": [{"id": 1}]}"#).unwrap();
        let error = Config::from_file(file.path()).unwrap_err().message();
        assert!(
            error.contains(&format!("(file {}: registrations[0].id: ", file.path().display())),
            "{error}"
        );
    }
}
