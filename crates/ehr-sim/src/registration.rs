//! Client registrations: what an application registers in a vendor's console.

use serde::Deserialize;
use serde_json::Value;

/// How a client authenticates at the token endpoint. The names are those of OpenID Connect Core, section 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// A public client sends its `client_id` only.
    None,
    /// HTTP Basic.
    ClientSecretBasic,
    /// `client_id` and `client_secret` in the body.
    ClientSecretPost,
    /// A signed assertion in the body (RFC 7523).
    PrivateKeyJwt,
}

impl AuthMethod {
    /// The name in discovery documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }
}

/// The scope syntax that a client is registered for (O11, E8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScopeVersion {
    /// `user/Patient.read`
    V1,
    /// `user/Patient.rs`
    V2,
}

/// The EHR user that a hospital maps a system account to (E5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BackgroundUser {
    /// The client is mapped to a user who may read everything.
    #[default]
    Mapped,
    /// No user is mapped. At Epic, token requests are refused with `invalid_client`.
    Missing,
    /// The user has no access. The client gets a token, and each FHIR request is refused with 403.
    Denied,
}

/// One client registration. `Registration::default()` is a public client without redirect URIs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Registration {
    /// The client id.
    pub client_id: String,
    /// The name on the consent page and in the console. The default is the client id.
    pub name: String,
    /// The secrets. All of them are valid, so that a client can change from one to the next.
    pub secrets: Vec<String>,
    /// The public keys, as a JWK set.
    pub jwks: Option<Value>,
    /// The URL of the JWK set. The simulator fetches it, again for each `kid` that it does not know.
    pub jwks_url: Option<String>,
    /// The algorithms of assertions. The default is ES384 and RS384.
    pub algs: Vec<String>,
    /// The permitted authentication methods. By default: Basic and post if there is a secret, `private_key_jwt` if
    /// there are keys, none if there is neither.
    pub auth_methods: Vec<AuthMethod>,
    /// The redirect URIs. They are compared as strings (E3, O9).
    pub redirect_uris: Vec<String>,
    /// An `http` redirect URI with a loopback address may have any port (RFC 8252, 7.3).
    pub loopback_any_port: bool,
    /// The client is a system account: it may use `client_credentials`, and users cannot sign in to it.
    pub system: bool,
    /// The scope syntax. The default is both.
    pub scope_version: Option<ScopeVersion>,
    /// The scopes that can be granted. The default is all.
    pub scopes: Vec<String>,
    /// The application type in the console is "Online": `offline_access` is dropped without an error (O6).
    pub online_only: bool,
    /// The ids of the tenants that enabled the client. The default is all. The tenant of `/fhir` is `ehr-sim`.
    pub tenants: Option<Vec<String>>,
    /// How long the client is unknown after its registration, in seconds of the simulator's clock (E1).
    pub active_after_seconds: u64,
    /// The EHR user of a system account.
    pub background_user: BackgroundUser,
}

impl Registration {
    /// The permitted authentication methods.
    #[must_use]
    pub fn methods(&self) -> Vec<AuthMethod> {
        if !self.auth_methods.is_empty() {
            return self.auth_methods.clone();
        }
        let mut methods = Vec::new();
        if !self.secrets.is_empty() {
            methods.extend([AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost]);
        }
        if self.jwks.is_some() || self.jwks_url.is_some() {
            methods.push(AuthMethod::PrivateKeyJwt);
        }
        if methods.is_empty() {
            methods.push(AuthMethod::None);
        }
        methods
    }

    /// Whether the client authenticates by nothing.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.methods() == [AuthMethod::None]
    }

    /// Whether assertions may have this algorithm.
    #[must_use]
    pub fn allows_alg(&self, alg: &str) -> bool {
        self.algs.is_empty() || self.algs.iter().any(|allowed| allowed == alg)
    }

    /// Whether a tenant enabled the client.
    #[must_use]
    pub fn is_enabled_for(&self, tenant: &str) -> bool {
        self.tenants.as_ref().is_none_or(|tenants| tenants.iter().any(|allowed| allowed == tenant))
    }

    /// The name on pages.
    #[must_use]
    pub fn display_name(&self) -> &str {
        if self.name.is_empty() { &self.client_id } else { &self.name }
    }
}
