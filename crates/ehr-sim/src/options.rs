//! The options of a simulator and of a launch.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use crate::{
    registration::Registration,
    server_options::{
        BasicEncoding, DiscoveryOptions, FhirUserForm, IdTokenAlgorithm, PkcePolicy, RequiredHeader,
    },
};

/// The EHR whose behavior is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Personality {
    /// The SMART Health IT sandbox: tolerant, with errors as text.
    #[default]
    Smart,
    /// Oracle Health (Cerner): strict Accept and `aud`, errors as `error_uri`.
    Oracle,
    /// Epic: outcomes inside search sets, required categories, vendor codes in errors.
    Epic,
    /// No vendor: the specifications as they are written. PKCE is required, HTTP Basic is form-encoded, and the callback
    /// has the parameter `iss`.
    Generic,
}

impl Personality {
    /// The name used on the command line and as `vendor` in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Smart => "smart",
            Self::Oracle => "oracle",
            Self::Epic => "epic",
            Self::Generic => "generic",
        }
    }
}

impl std::str::FromStr for Personality {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "smart" => Ok(Self::Smart),
            "oracle" => Ok(Self::Oracle),
            "epic" => Ok(Self::Epic),
            "generic" => Ok(Self::Generic),
            _ => Err("expected smart, oracle, epic or generic".to_owned()),
        }
    }
}

/// The FHIR version of the server. The data is not converted to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FhirRelease {
    /// FHIR 4.0.1
    #[default]
    R4,
    /// FHIR 1.0.2
    Dstu2,
}

impl FhirRelease {
    /// The name used on the command line and as `fhir_version` in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::R4 => "r4",
            Self::Dstu2 => "dstu2",
        }
    }
}

impl std::str::FromStr for FhirRelease {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "r4" => Ok(Self::R4),
            "dstu2" => Ok(Self::Dstu2),
            _ => Err("expected r4 or dstu2".to_owned()),
        }
    }
}

/// Where the resources come from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum DataSource {
    /// The patients in this crate, in the chosen FHIR version.
    #[default]
    Embedded,
    /// Files, and folders with their subfolders.
    Paths(Vec<PathBuf>),
    /// JSON texts: bundles or single resources.
    Resources(Vec<String>),
}

/// A user who can sign in to the simulated EHR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The EHR user name.
    pub user: String,
    /// The password. If there is none, any password is accepted.
    pub password: Option<String>,
}

/// One more hospital on the same simulator. Its FHIR base URLs are `/ID/r4` and `/ID/dstu2`, and its authorization server
/// is at `/ID/auth`. Its tokens are valid at its own base URLs only.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tenant {
    /// The id: letters, digits, `-` and `_`.
    pub id: String,
    /// The resources of the R4 server; no such server if there are none.
    pub r4: Option<DataSource>,
    /// The resources of the DSTU2 server; no such server if there are none.
    pub dstu2: Option<DataSource>,
}

/// The options of a simulator. `Options::default()` is a SMART sandbox with R4 and the patients in this crate.
#[derive(Debug, Clone)]
pub struct Options {
    /// The EHR whose behavior is simulated.
    pub personality: Personality,
    /// The FHIR version.
    pub fhir: FhirRelease,
    /// Where the resources come from.
    pub data: DataSource,
    /// The address to listen on. It must be a loopback address. Port 0 selects a free port.
    pub listen: SocketAddr,
    /// `/auth/authorize` approves at once, as the default user, without showing pages.
    pub auto_approve: bool,
    /// The id of the patient of a standalone launch with `auto_approve`. The default is the first patient.
    pub default_patient: Option<String>,
    /// The launch URLs of the applications.
    pub app_launch_urls: Vec<String>,
    /// The names of the applications, in the same order. The default is "Application 1" and so on.
    pub app_names: Vec<String>,
    /// Registered redirect URIs. `http://127.0.0.1/callback` with any port is always registered.
    pub redirect_uris: Vec<String>,
    /// The lifetime of access tokens. The default is that of the personality (O1, E7).
    pub access_token_lifetime: Option<Duration>,
    /// Each refresh returns a new refresh token. A second use of an old one revokes the grant.
    pub rotate_refresh_tokens: bool,
    /// The largest number of entries on a page of a search.
    pub page_size: Option<usize>,
    /// Faults that are set at the start, in the syntax of `--fault`.
    pub faults: Vec<String>,
    /// Print one line for each request on stderr.
    pub log: bool,
    /// The users who can sign in. The first is the default user. If there are none: `portal` with the password `portal`.
    pub logins: Vec<Login>,
    /// The secret of the client `app-user`. The default is a random one.
    pub client_secret: Option<String>,
    /// The secret of the client `app-system`. The default is a random one.
    pub system_secret: Option<String>,
    /// The member `store.sqlite` of the configuration document. If it is `None`, the document has no such member.
    pub store_sqlite: Option<PathBuf>,
    /// A second secret of the client `app-user`, valid at the same time.
    pub client_secret_next: Option<String>,
    /// More client registrations. One with the id of a built-in client replaces it.
    pub registrations: Vec<Registration>,
    /// How long a client that is registered in the console or dynamically is unknown (E1).
    pub activation_delay: Duration,
    /// More hospitals.
    pub tenants: Vec<Tenant>,
    /// What the server does with PKCE. The default is that of the personality.
    pub pkce: Option<PkcePolicy>,
    /// Whether the callback has the parameter `iss` (RFC 9207). The default is that of the personality.
    pub response_iss: Option<bool>,
    /// How HTTP Basic credentials are written. The default is that of the personality.
    pub basic_encoding: Option<BasicEncoding>,
    /// The base URL in all documents and checks, if a proxy is in front of the simulator: `https://localhost:8443`.
    pub public_url: Option<String>,
    /// The URLs in the discovery documents, and what these leave out.
    pub discovery: DiscoveryOptions,
    /// Headers that a gateway requires.
    pub required_headers: Vec<RequiredHeader>,
    /// `fhirContext` has its references as strings, as in SMART 2.0, not as objects.
    pub fhir_context_strings: bool,
    /// The members that token answers leave out, such as `scope` or `patient`.
    pub token_answer_without: Vec<String>,
    /// The switches that are on from the start: numbers of requirements of SMART App Launch 2.2.0. [`crate::rule_switches`] lists them.
    pub broken_rules: Vec<u16>,
    /// Keep complete requests for [`crate::Simulator::received`].
    pub keep_requests: bool,
    /// The scopes for resources that each user grants, if not all, separated by spaces. They can be parts of a requested scope, such
    /// as `user/Observation.rs?category=laboratory`.
    pub user_grants: Option<String>,
    /// The algorithm of the keys that sign id_tokens. The default is that of the personality.
    pub id_token_algorithm: Option<IdTokenAlgorithm>,
    /// How id_tokens name the FHIR resource of the user. The default is that of the personality.
    pub fhir_user: Option<FhirUserForm>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            personality: Personality::default(),
            fhir: FhirRelease::default(),
            data: DataSource::default(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            auto_approve: false,
            default_patient: None,
            app_launch_urls: Vec::new(),
            app_names: Vec::new(),
            redirect_uris: Vec::new(),
            access_token_lifetime: None,
            rotate_refresh_tokens: false,
            page_size: None,
            faults: Vec::new(),
            log: false,
            logins: Vec::new(),
            client_secret: None,
            system_secret: None,
            store_sqlite: None,
            client_secret_next: None,
            registrations: Vec::new(),
            activation_delay: Duration::ZERO,
            tenants: Vec::new(),
            pkce: None,
            response_iss: None,
            basic_encoding: None,
            public_url: None,
            discovery: DiscoveryOptions::default(),
            required_headers: Vec::new(),
            fhir_context_strings: false,
            token_answer_without: Vec::new(),
            broken_rules: Vec::new(),
            keep_requests: false,
            user_grants: None,
            id_token_algorithm: None,
            fhir_user: None,
        }
    }
}

/// The context of an EHR launch, which the application gets for its launch token.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LaunchOptions {
    /// The id of the patient in context.
    pub patient: String,
    /// The id of the encounter in context.
    pub encounter: Option<String>,
    /// The EHR user name. The default is the default user.
    pub user: Option<String>,
    /// Whether the application must show a patient banner. The default is that it need not.
    pub need_patient_banner: bool,
    /// `fhirContext`: references such as `ImagingStudy/1`, or JSON objects, which are sent as they are.
    pub fhir_context: Vec<String>,
    /// `intent`: the task that the user has chosen, such as `reconcile-medications`.
    pub intent: Option<String>,
}
