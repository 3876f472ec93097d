//! The configuration document: JSON that an administrator writes, described by docs/config.schema.json.

use super::{
    credentials::{self, Authentication, KeyRingConfig, SigningAlgorithm},
    endpoints::{EndpointConfig, HeaderConfig},
    limits::Limits,
    policy::Policy,
    terms::{Environment, FhirVersion, Vendor},
};
use crate::{
    error::{Code, Error, Result, describe_io_error},
    secret::{ExposeSecret, Secret},
    words,
};
use schemars::JsonSchema;
use serde::Deserialize;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The whole configuration document.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The organization that owns the sources, users and rows.
    #[serde(default = "default_organization")]
    pub organization: String,
    /// The client registrations from the vendors' consoles.
    pub registrations: Vec<Registration>,
    /// The keys that sign for registrations with `private_key_jwt`.
    #[serde(default)]
    pub key_rings: Vec<KeyRingConfig>,
    /// The FHIR servers that may launch the application and that it pulls from. The library contacts no others.
    pub sources: Vec<SourceConfig>,
    /// The keys that encrypt stored records.
    pub vault: VaultConfig,
    /// The embedded store. Absent if the host provides its own.
    #[serde(default)]
    pub store: Option<StoreConfig>,
    /// The certificate authorities to trust.
    #[serde(default)]
    pub tls: TlsConfig,
    /// The proxy that requests go through: `http://HOST:PORT`, `none`, or `environment` (the default): `https_proxy` and `no_proxy`
    /// of the process's environment. Requests to loopback addresses never use a proxy.
    #[serde(default)]
    pub proxy: Option<String>,
    /// The URLs of other applications to which a launch may be handed off.
    #[serde(default)]
    pub handoff_urls: Vec<HandoffUrl>,
    /// Limits of time and size.
    #[serde(default)]
    pub limits: Limits,
    /// The URL of the JSON Schema, for editors. The library does not read it.
    #[serde(default, rename = "$schema")]
    #[schemars(rename = "$schema")]
    pub schema_address: Option<String>,
    /// The folder where relative paths start.
    #[serde(skip)]
    pub base: Option<PathBuf>,
    /// The file that the document was read from, for errors.
    #[serde(skip)]
    pub file: Option<PathBuf>,
}

fn default_organization() -> String {
    "default".to_owned()
}

/// A client registration at a vendor.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// The name that sources use for it.
    pub id: String,
    /// The environments for which the vendor issued it. Some vendors issue one client id for sandbox and production. Sources
    /// of other environments cannot name it.
    pub environments: Vec<Environment>,
    /// The client id.
    pub client_id: String,
    /// The client secret: inline, `file:PATH`, `env:NAME` or `hook:NAME`. Empty or absent: a public client.
    #[serde(default)]
    #[schemars(with = "String")]
    pub client_secret: Secret,
    /// The secret that will replace `client_secret`. If the server answers `invalid_client` to one of the two, the library sends
    /// the request once more with the other, and then uses the one that was accepted.
    #[serde(default)]
    #[schemars(with = "String")]
    pub client_secret_next: Secret,
    /// How the client authenticates at the token endpoint. Absent: `private_key_jwt` with a `key_ring`, `client_secret_basic` with a
    /// `client_secret`, otherwise `none`.
    #[serde(default)]
    pub authentication: Option<Authentication>,
    /// The name of the key ring for `private_key_jwt`.
    #[serde(default)]
    pub key_ring: Option<String>,
    /// The algorithm of the key to use, if the key ring has current keys for both. Absent: the first current key.
    #[serde(default)]
    pub signing_algorithm: Option<SigningAlgorithm>,
    /// A client certificate for TLS on token requests (mTLS, RFC 8705), with its chain, as PEM: `file:PATH`, `env:NAME` or
    /// `hook:NAME`.
    #[serde(default)]
    #[schemars(with = "String")]
    pub client_certificate: Secret,
    /// The private key of `client_certificate`, as PEM without a password: `file:PATH`, `env:NAME` or `hook:NAME`.
    #[serde(default)]
    #[schemars(with = "String")]
    pub client_key: Secret,
    /// The exact redirect URIs at the vendor's console. A loopback URI without a port matches every port
    /// (RFC 8252 section 7.3). They may differ from the launch URL.
    #[serde(default)]
    pub redirect_uris: Vec<RedirectUri>,
}

/// A redirect URI of a registration: the URI, or an object that limits it to sources of one environment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RedirectUri {
    /// For sources of every environment of the registration.
    All(String),
    /// For sources of one environment only.
    Environment {
        /// The URI.
        uri: String,
        /// The environment.
        environment: Environment,
    },
}

impl RedirectUri {
    /// The URI.
    pub fn uri(&self) -> &str {
        match self {
            RedirectUri::All(uri) | RedirectUri::Environment { uri, .. } => uri,
        }
    }

    /// Whether sources of this environment may use it.
    pub fn serves(&self, environment: Environment) -> bool {
        match self {
            RedirectUri::All(_) => true,
            RedirectUri::Environment { environment: only, .. } => *only == environment,
        }
    }
}

impl Registration {
    /// The configured authentication, or the one that its credentials imply.
    pub fn authentication(&self) -> Authentication {
        match self.authentication {
            Some(configured) => configured,
            None if self.key_ring.is_some() => Authentication::PrivateKeyJwt,
            None if !self.client_secret.expose_secret().is_empty() => Authentication::ClientSecretBasic,
            None => Authentication::None,
        }
    }

    /// Checks that the credentials fit the authentication. The error names the member and never a secret.
    fn check_credentials(&self, rings: &[KeyRingConfig]) -> std::result::Result<(), String> {
        let has_secret = !self.client_secret.expose_secret().is_empty();
        let has_next = !self.client_secret_next.expose_secret().is_empty();
        match self.authentication() {
            Authentication::ClientSecretBasic | Authentication::ClientSecretPost if !has_secret => {
                return Err("client_secret: it is missing, but authentication requires it".to_owned());
            }
            Authentication::PrivateKeyJwt if self.key_ring.is_none() => {
                return Err("key_ring: it is missing, but authentication requires it".to_owned());
            }
            _ => {}
        }
        if self.client_certificate.expose_secret().is_empty() != self.client_key.expose_secret().is_empty() {
            return Err("client_key: client_certificate and client_key are needed together".to_owned());
        }
        if has_next && !has_secret {
            return Err("client_secret_next: it needs client_secret, the secret that is valid now".to_owned());
        }
        let Some(name) = &self.key_ring else { return Ok(()) };
        let ring = rings.iter().find(|ring| ring.name == *name);
        let ring = ring.ok_or_else(|| "key_ring: no key ring has this name".to_owned())?;
        match ring.current(self.signing_algorithm) {
            Some(_) => Ok(()),
            None => Err("key_ring: the key ring has no key with the state \"current\" for this registration"
                .to_owned()),
        }
    }
}

/// One FHIR server of one tenant in one FHIR version.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    /// The name that the host uses for it.
    pub id: String,
    /// The name that users see.
    #[serde(default)]
    pub name: String,
    /// The FHIR base URL, as the EHR sends it in `iss`.
    pub iss: String,
    /// Other base URLs that the same server uses for itself: in `iss`, in next links and in references. They are compared
    /// and never requested, so they may use http.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The organization that the tenant belongs to. Absent: the `organization` of the document. A launch URL can name it, and
    /// a record never joins charts of two organizations, even if both have the same MRN.
    #[serde(default)]
    pub organization: Option<String>,
    /// Sandbox, test or production.
    pub environment: Environment,
    /// The FHIR version of the base URL.
    pub fhir_version: FhirVersion,
    /// The vendor whose quirks it has.
    #[serde(default)]
    pub vendor: Vendor,
    /// The registration for users.
    pub registration: String,
    /// The registration of the system account, if there is one.
    #[serde(default)]
    pub system_registration: Option<String>,
    /// Whether requests to the FHIR server also use a `client_certificate` (mTLS). Requests for the system account use the one
    /// of `system_registration`. Requests for users and discovery requests use the one of `registration`.
    #[serde(default)]
    pub fhir_client_certificate: bool,
    /// The authorization endpoint, where users sign in. With both endpoints stored, a launch sends no discovery request. A stored
    /// endpoint takes precedence over the published one, even if only one is stored.
    #[serde(default)]
    pub authorization_endpoint: Option<String>,
    /// The token endpoint.
    #[serde(default)]
    pub token_endpoint: Option<String>,
    /// Other endpoints to use instead of the published ones.
    #[serde(default)]
    pub endpoints: EndpointConfig,
    /// HTTP headers that the source or a gateway in front of it requires.
    #[serde(default)]
    pub headers: HeaderConfig,
    /// The identifier systems of medical record numbers, in order of preference (E13: a list). Empty: identifiers of
    /// type MR.
    #[serde(default)]
    pub mrn_systems: Vec<String>,
    /// The time zone of the site, an IANA name such as `America/New_York`: times that the EHR sends with an offset are
    /// converted to its wall clock. Absent: times are used as sent.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Origins of the EHR's pages that may show the application in a frame, such as `https://ehr.example.org` or
    /// `https://*.example.org`.
    #[serde(default)]
    pub frame_ancestors: Vec<String>,
    /// The resource types to request scopes for. Absent: the preset's.
    #[serde(default)]
    pub resources: Option<Vec<String>>,
    /// The differences of this site from the vendor's preset (see docs/administrator.md).
    #[serde(default)]
    #[schemars(with = "Option<Policy>")]
    pub policy: Option<serde_json::Value>,
}

/// The URL of another application to which a launch may be handed off.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HandoffUrl {
    /// The exact URL: https, or http on the loopback interface.
    pub url: String,
    /// The secret with which this application redeems handoffs. Inline, `file:`, `env:` or `hook:`.
    #[schemars(with = "String")]
    pub secret: Secret,
}

/// The key ring.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VaultConfig {
    /// The id of the key that encrypts new records.
    pub current: String,
    /// All keys that can decrypt records.
    pub keys: Vec<VaultKeyConfig>,
    /// The key of the keyed hashes. Never change it, even if you add other keys. Inline, `file:`, `env:` or `hook:`.
    #[schemars(with = "String")]
    pub index_key: Secret,
}

/// One key of the ring.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VaultKeyConfig {
    /// The name of the key in encrypted records.
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

/// The certificate authorities to trust.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// A PEM file of certificate authorities to trust instead of the system's.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
}

impl Config {
    /// Reads the document from a file. Relative paths start at the file's folder.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] with the place in the document.
    pub fn from_file(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(|cause| {
            Error::new(Code::ConfigInvalid).detail(format!(
                "file {}: {}",
                path.display(),
                describe_io_error(cause.kind())
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
    /// [`Code::ConfigInvalid`] with the path of the member and its line. The error does not repeat the value, because it
    /// may be a secret.
    pub fn from_json(text: &str) -> Result<Self> {
        Self::read(text).map_err(|what| Error::new(Code::ConfigInvalid).detail(what))
    }

    fn read(text: &str) -> std::result::Result<Self, String> {
        let config: Config =
            serde_json::from_str(text).map_err(|cause| words::describe_json_error(text, &cause))?;
        config.limits.check()?;
        credentials::check(&config.key_rings)?;
        for (number, registration) in config.registrations.iter().enumerate() {
            let in_registration = |what: String| format!("registrations[{number}].{what}");
            registration.check_credentials(&config.key_rings).map_err(in_registration)?;
        }
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
    fn an_error_names_the_place_and_contains_no_value() {
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
