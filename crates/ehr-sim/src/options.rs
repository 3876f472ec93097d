//! What can be chosen when a simulator is started or a launch is made.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

/// Whose behaviour is imitated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Personality {
    /// The SMART Health IT sandbox: tolerant, errors as text.
    #[default]
    Smart,
    /// Oracle Health (Cerner): strict Accept and `aud`, errors as `error_uri`.
    Oracle,
    /// Epic: outcomes inside search sets, mandatory categories, codes in the errors.
    Epic,
}

impl Personality {
    /// The name used on the command line and as `vendor` in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Smart => "smart",
            Self::Oracle => "oracle",
            Self::Epic => "epic",
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
            _ => Err("one of smart, oracle, epic is expected".to_owned()),
        }
    }
}

/// The FHIR version the server speaks; the data are served as they are.
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
            _ => Err("one of r4, dstu2 is expected".to_owned()),
        }
    }
}

/// Where the patients come from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum DataSource {
    /// The patients that come with this crate, for the chosen FHIR version.
    #[default]
    Own,
    /// Files, and folders read with all their subfolders.
    Paths(Vec<PathBuf>),
    /// JSON texts: Bundles or single resources.
    Resources(Vec<String>),
}

/// A person who may sign in at the simulated EHR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The EHR user name.
    pub user: String,
    /// The password; without one, any is accepted.
    pub password: Option<String>,
}

/// How a simulator is started. `Options::default()` is a SMART sandbox with R4 and the crate's own patients.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whose behaviour is imitated.
    pub personality: Personality,
    /// The FHIR version.
    pub fhir: FhirRelease,
    /// Where the patients come from.
    pub data: DataSource,
    /// The address to listen on; it must be loopback, port 0 takes a free one.
    pub listen: SocketAddr,
    /// `/auth/authorize` redirects at once, as the default user.
    pub auto_approve: bool,
    /// The patient a standalone launch gets with `auto_approve`; by default the first one.
    pub default_patient: Option<String>,
    /// Where the launch buttons send the browser.
    pub app_launch_urls: Vec<String>,
    /// What those applications are called, in the same order; by default "Application 1" and so on.
    pub app_names: Vec<String>,
    /// Registered redirect URIs, besides `http://127.0.0.1/callback` with any port.
    pub redirect_uris: Vec<String>,
    /// How long an access token lives; by default what the personality does (O1, E7).
    pub access_token_lifetime: Option<Duration>,
    /// Each refresh gives a new refresh token and spends the old one.
    pub rotate_refresh_tokens: bool,
    /// Entries of a page, whatever `_count` says.
    pub page_size: Option<usize>,
    /// Faults from the start, in the syntax of `--fault`.
    pub faults: Vec<String>,
    /// One line a request on stderr.
    pub log: bool,
    /// Who may sign in; empty means `portal` with the password `portal`. The first is the default user.
    pub logins: Vec<Login>,
    /// The secret of `app-user`; random if none.
    pub client_secret: Option<String>,
    /// The secret of `app-system`; random if none.
    pub system_secret: Option<String>,
    /// What `store.sqlite` of the configuration document says; left out if none.
    pub store_sqlite: Option<PathBuf>,
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
        }
    }
}

/// What the EHR knows when it opens the application: the context behind a launch token.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LaunchOptions {
    /// The id of the patient in context.
    pub patient: String,
    /// The id of the encounter in context.
    pub encounter: Option<String>,
    /// The EHR user name; by default the default user.
    pub user: Option<String>,
    /// Whether the application must show the patient's name; by default it must not.
    pub need_patient_banner: bool,
}
