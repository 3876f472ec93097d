//! The sources: FHIR servers of the configuration with their registrations, policies and endpoints.

mod address;
mod build;
mod credentials;
mod endpoints;
mod frame_ancestors;
mod headers;
pub(crate) mod registration;
pub(crate) mod resource_types;
mod scopes;

use crate::{
    config::{
        Config, Environment, FhirVersion, HeaderConfig, KeyRingConfig, Policy, RedirectUri, Registration,
        Vendor,
    },
    error::{Code, Error, Result, escape_for_display},
};
pub use address::allowed_url;
pub(crate) use address::base_url;
use address::{lookup_form, without_slash};
use build::SourceBuilder;
pub use credentials::Credentials;
pub(crate) use credentials::ring_config;
pub use endpoints::ConfiguredEndpoints;
pub(crate) use headers::Phase;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::{path::PathBuf, sync::Arc};
use url::Url;

/// One FHIR server of the configuration, checked and with its complete policy.
#[derive(Clone, Debug)]
pub struct Source {
    /// The id that the host uses for it.
    pub id: String,
    /// The name that users see: the configured one, or the id.
    pub name: String,
    /// The organization that the tenant belongs to.
    pub organization: String,
    /// Sandbox, test or production.
    pub environment: Environment,
    /// The FHIR version of the base URL.
    pub fhir_version: FhirVersion,
    /// The vendor of the EHR.
    pub vendor: Vendor,
    /// The base URL as configured.
    pub iss: String,
    /// The base URL with a slash at its end, so that relative addresses can be joined to it.
    pub base: Url,
    /// Other base URLs of the same server.
    pub aliases: Vec<Url>,
    /// The authorization endpoint, if the configuration stores it.
    pub authorization_endpoint: Option<Url>,
    /// The token endpoint, if the configuration stores it.
    pub token_endpoint: Option<Url>,
    /// Other endpoints, where the configuration sets them.
    pub endpoints: ConfiguredEndpoints,
    header_config: HeaderConfig,
    /// The identifier systems of MRNs, in order of preference. Empty: identifiers of type MR.
    pub mrn_systems: Vec<String>,
    /// The time zone of the site. `None`: times are used as the EHR sends them.
    pub time_zone: Option<TimeZone>,
    /// Origins of pages that may show the application in a frame.
    pub frame_ancestors: Vec<String>,
    /// The vendor's preset with the changes of this site.
    pub policy: Policy,
    /// Whether requests to the FHIR server use the client certificate of the registration.
    fhir_client_certificate: bool,
    /// The registration for users.
    pub registration: Registration,
    /// The registration of the system account.
    pub system_registration: Option<Registration>,
    key_rings: Arc<[KeyRingConfig]>,
    /// The folder where relative paths of secrets start.
    secret_base: Option<PathBuf>,
}

/// The server that issued a grant or a user name. An administrator may change the server of a source. Tokens
/// of one server must never be sent to another one, so grants and user links are stored with their issuer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuer {
    /// The base URL of the FHIR server, without a slash at its end.
    pub iss: String,
    /// The origin of the token endpoint.
    pub token_origin: String,
}

/// All sources of the configuration.
#[derive(Clone, Debug)]
pub struct Sources(Vec<Source>);

impl Sources {
    /// Checks the configured sources and builds their policies.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`], [`Code::UrlNotAllowed`], or [`Code::ScopeRefused`] for a scope that allows to write or is malformed, with
    /// the name of the entry.
    pub fn build(config: &Config) -> Result<Self> {
        let named = |error: Error| match &config.file {
            Some(file) => error.within(&format!("file {}", file.display())),
            None => error,
        };
        Self::build_all(config).map_err(named)
    }

    fn build_all(config: &Config) -> Result<Self> {
        for (number, ring) in config.key_rings.iter().enumerate() {
            let place = format!("key_rings[{number}].jwks_url");
            ring.jwks_url.as_deref().map(allowed_url).transpose().map_err(|error| error.within(&place))?;
        }
        let key_rings: Arc<[KeyRingConfig]> = config.key_rings.clone().into();
        let sources: Vec<Source> = config
            .sources
            .iter()
            .enumerate()
            .map(|(number, source)| SourceBuilder { config, key_rings: &key_rings, number, source }.build())
            .collect::<Result<_>>()?;
        for (position, source) in sources.iter().enumerate() {
            let twice = sources[..position].iter().any(|other| {
                other.id == source.id || source.bases().any(|base| other.bases().any(|known| known == base))
            });
            if twice {
                let detail = format!("source {}: its id, iss or an alias is used twice", source.id);
                return Err(Error::new(Code::ConfigInvalid).detail(detail));
            }
        }
        Ok(Sources(sources))
    }

    /// Finds the source with this `iss` or alias.
    ///
    /// # Errors
    /// [`Code::SourceNotFound`]. The hint has the configuration entry that would add the source. The library never sends a
    /// request to an unknown `iss`.
    pub fn by_iss(&self, iss: &str) -> Result<&Source> {
        let found = self.0.iter().find(|source| source.is_own_iss(iss));
        found.ok_or_else(|| {
            let iss = escape_for_display(iss);
            Error::new(Code::SourceNotFound).detail(format!("for iss {iss}")).hint(format!(
                "If you know this server, add to \"sources\": {{\"id\": \"...\", \"iss\": \"{iss}\", \
                 \"environment\": \"test\", \"fhir_version\": \"r4\", \"vendor\": \"generic\", \"registration\": \"...\"}}"
            ))
        })
    }

    /// Finds the source of an `iss` at the launch URL of an organization.
    ///
    /// # Errors
    /// As [`Sources::by_iss`], and [`Code::SourceOfOtherOrganization`].
    pub(crate) fn by_iss_in(&self, iss: &str, organization: Option<&str>) -> Result<&Source> {
        let source = self.by_iss(iss)?;
        source.check_organization(organization)?;
        Ok(source)
    }

    /// Finds the source with this id.
    ///
    /// # Errors
    /// [`Code::SourceNotFound`].
    pub fn by_id(&self, id: &str) -> Result<&Source> {
        self.0.iter().find(|source| source.id == id).ok_or_else(|| {
            let known: Vec<&str> = self.0.iter().map(|source| source.id.as_str()).collect();
            Error::new(Code::SourceNotFound)
                .detail(format!("for id {}", escape_for_display(id)))
                .hint(format!("Use one of the configured ids: {}", known.join(", ")))
        })
    }

    /// All sources.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.0.iter()
    }
}

impl Source {
    fn bases(&self) -> impl Iterator<Item = &Url> {
        std::iter::once(&self.base).chain(&self.aliases)
    }

    /// Checks that data of this source may enter a project of this environment. A production project accepts data of a
    /// production source only. A sandbox or test project accepts data of any source.
    ///
    /// # Errors
    /// [`Code::EnvironmentMismatch`] if it may not.
    pub(crate) fn check_environment(&self, project: Environment) -> Result<()> {
        if project == Environment::Production && self.environment != Environment::Production {
            let detail = format!("source {} is a {} source", self.id, self.environment.name());
            return Err(Error::new(Code::EnvironmentMismatch)
                .detail(detail)
                .hint("Use a production source, or a sandbox or test project."));
        }
        Ok(())
    }

    /// Checks that a launch URL of an organization is used for a source of this organization. `None`: the launch URL names
    /// no organization.
    ///
    /// # Errors
    /// [`Code::SourceOfOtherOrganization`].
    pub(crate) fn check_organization(&self, organization: Option<&str>) -> Result<()> {
        match organization {
            Some(name) if name != self.organization => {
                let name = escape_for_display(name);
                let detail = format!("source {} at the launch URL of {name}", self.id);
                Err(Error::new(Code::SourceOfOtherOrganization).detail(detail))
            }
            _ => Ok(()),
        }
    }

    /// The issuer of grants from this source with this token endpoint.
    pub(crate) fn issuer(&self, token_endpoint: &Url) -> Issuer {
        Issuer {
            iss: without_slash(&self.base).to_owned(),
            token_origin: token_endpoint.origin().ascii_serialization(),
        }
    }

    /// Whether the source still has the base URL of this issuer. Aliases do not count, because tokens are sent to the base
    /// URL's server only.
    pub(crate) fn is_server_of(&self, issuer: &Issuer) -> bool {
        issuer.iss == without_slash(&self.base)
    }

    /// The error for a grant, code or hand-over that another server issued.
    pub(crate) fn other_server_error(&self, code: Code) -> Error {
        Error::new(code).detail(format!("source {}", self.id)).hint(
            "The source's iss or token endpoint was changed, so the stored sign-in belongs to another server. \
             Sign in again.",
        )
    }

    /// The redirect URIs of the registration for users that serve the environment of the source.
    pub fn redirect_uris(&self) -> impl Iterator<Item = &str> {
        let all = self.registration.redirect_uris.iter();
        all.filter(|uri| uri.serves(self.environment)).map(RedirectUri::uri)
    }

    /// Whether an `iss` names this source: its base URL or an alias.
    pub(crate) fn is_own_iss(&self, iss: &str) -> bool {
        let form = lookup_form(iss);
        form.is_some_and(|form| self.bases().any(|base| without_slash(base) == form))
    }

    /// Whether a URL has the origin of the base URL.
    pub(crate) fn owns(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }

    /// Replaces an alias at the start of a URL with the base URL. Other URLs are returned unchanged. If several aliases match,
    /// the longest one is replaced.
    pub(crate) fn replace_alias(&self, url: Url) -> Url {
        let under = |base: &&Url| url.origin() == base.origin() && url.path().starts_with(base.path());
        let alias = self.aliases.iter().filter(under).max_by_key(|alias| alias.path().len());
        let Some(alias) = alias.filter(|_| !under(&&self.base)) else { return url };
        let rest = &url.path()[alias.path().len()..];
        let mut replaced = self.base.clone();
        replaced.set_path(&format!("{}{rest}", self.base.path()));
        replaced.set_query(url.query());
        replaced
    }

    /// A URL in the form of the base URL, for comparison only: an alias is replaced, http becomes https if the base URL has
    /// https, and a user name is removed.
    pub(crate) fn normalize_address(&self, url: Url) -> Url {
        let mut url = self.replace_alias(url);
        let _ = url.set_username("");
        let _ = url.set_password(None);
        let same_host = url.scheme() == "http" && url.host() == self.base.host();
        let plain_port = url.port().is_none() || url.port() == self.base.port();
        if same_host && plain_port && self.base.scheme() == "https" {
            let _ = url.set_scheme("https");
            let _ = url.set_port(self.base.port());
        }
        url
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn config(sources: &str) -> Config {
        let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        Config::from_json(&format!(
            r#"{{"registrations": [{{"id": "r", "environments": ["test"], "client_id": "c",
                "redirect_uris": ["https://app.example/ehr.php", "http://127.0.0.1/callback"]}}],
                "sources": {sources},
                "vault": {{"current": "k", "keys": [{{"id": "k", "key": "{key}"}}], "index_key": "{key}"}}}}"#
        ))
        .unwrap()
    }

    pub(crate) fn source(extra: &str) -> Source {
        let text = format!(
            r#"[{{"id": "s", "iss": "https://fhir.example/r4/t", "environment": "test", "fhir_version": "r4",
                "registration": "r" {extra}}}]"#
        );
        Sources::build(&config(&text)).unwrap().by_id("s").unwrap().clone()
    }

    #[test]
    fn fhir_requests_with_a_client_certificate_need_a_registration_that_has_one() {
        let text = r#"[{"id": "s", "iss": "https://fhir.example/r4", "environment": "test", "fhir_version": "r4",
            "registration": "r", "fhir_client_certificate": true}]"#;
        let error = Sources::build(&config(text)).unwrap_err();
        assert_eq!(error.code(), Code::ConfigInvalid);
        assert!(error.message().contains("registration r has no client_certificate"), "{error}");
    }

    #[test]
    fn a_source_is_found_by_every_equal_form_of_its_iss() {
        let sources = Sources(vec![source(r#", "aliases": ["https://internal.example:8443/x"]"#)]);
        for iss in [
            "https://fhir.example/r4/t",
            "https://fhir.example/r4/t/",
            "HTTPS://FHIR.example:443/r4/t",
            "https://internal.example:8443/x/",
        ] {
            assert!(sources.by_iss(iss).is_ok(), "{iss}");
        }
        for iss in
            ["", "x", "https://fhir.example/r4", "https://fhir.example/r4/t?a=b", "http://fhir.example/r4/t"]
        {
            assert_eq!(sources.by_iss(iss).unwrap_err().code(), Code::SourceNotFound, "{iss}");
        }
    }

    #[test]
    fn an_unknown_iss_is_escaped_and_the_hint_has_the_entry_that_would_add_it() {
        let sources = Sources(vec![source("")]);
        let error = sources.by_iss("https://evil.example/<b>").unwrap_err();
        assert_eq!(error.message(), "FHIR source not found for iss https://evil.example/%3Cb%3E");
        assert!(error.hint_text().unwrap().contains(r#""iss": "https://evil.example/%3Cb%3E""#));
    }

    #[test]
    fn a_wrong_entry_is_named_with_its_member_and_file() {
        let sources = r#"[{"id": "s", "iss": "https://x.example", "environment": "test", "fhir_version": "r4", "registration": "r",
            "aliases": ["https://y.example", "ftp://z.example/fhir?mrn=1"]}]"#;
        let error = Sources::build(&config(sources)).unwrap_err();
        assert_eq!(error.code(), Code::UrlNotAllowed);
        assert!(
            error.message().ends_with("(sources[0].aliases[1]: not https: ftp://z.example/fhir)"),
            "{error}"
        );
        let file = Some(PathBuf::from("/etc/ehr.json"));
        let error = Sources::build(&Config { file, ..config(sources) }).unwrap_err();
        assert!(error.message().contains("(file /etc/ehr.json: sources[0].aliases[1]: "), "{error}");
        let misspelled = r#"[{"id": "s", "iss": "https://x.example", "environment": "test", "fhir_version": "r4", "registration": "r",
            "policy": {"cuont": {}}}]"#;
        let error = Sources::build(&config(misspelled)).unwrap_err().message();
        assert!(
            error.ends_with("(sources[0].policy: unknown field `cuont`; did you mean `count`?)"),
            "{error}"
        );
        let misspelled = misspelled.replace(r#""policy": {"cuont": {}}"#, r#""resources": ["Patients"]"#);
        let error = Sources::build(&config(&misspelled)).unwrap_err().message();
        assert!(
            error.ends_with(
                "(sources[0].resources[0]: Patients is not a resource type of FHIR; did you mean `Patient`?)"
            ),
            "{error}"
        );
    }

    #[test]
    fn ids_and_addresses_are_unique_and_environments_agree() {
        let one = r#"{"id": "a", "iss": "https://x.example", "environment": "test", "fhir_version": "r4", "registration": "r"}"#;
        let same = r#"{"id": "b", "iss": "https://X.example/", "environment": "test", "fhir_version": "r4", "registration": "r"}"#;
        let other = r#"{"id": "b", "iss": "https://y.example", "environment": "production", "fhir_version": "r4", "registration": "r"}"#;
        assert!(Sources::build(&config(&format!("[{one}]"))).is_ok());
        for second in [same, other] {
            let error = Sources::build(&config(&format!("[{one}, {second}]"))).unwrap_err();
            assert_eq!(error.code(), Code::ConfigInvalid);
            assert!(error.message().contains("source b"));
        }
    }

    #[test]
    fn a_production_project_accepts_a_production_source_only() {
        use Environment::{Production, Sandbox, Test};
        for (of_source, of_project, may) in [
            (Sandbox, Sandbox, true),
            (Sandbox, Test, true),
            (Sandbox, Production, false),
            (Test, Sandbox, true),
            (Test, Test, true),
            (Test, Production, false),
            (Production, Sandbox, true),
            (Production, Test, true),
            (Production, Production, true),
        ] {
            let checked = Source { environment: of_source, ..source("") }.check_environment(of_project);
            let code = checked.err().map(|error| error.code());
            assert_eq!(code, (!may).then_some(Code::EnvironmentMismatch), "{of_source:?}, {of_project:?}");
        }
    }

    #[test]
    fn the_environment_error_names_the_source_and_what_to_use_instead() {
        let error = source("").check_environment(Environment::Production).unwrap_err();
        assert_eq!(
            error.message(),
            "Data from a sandbox or test source cannot go into a production project. (source s is a test source)"
        );
        assert_eq!(error.hint_text(), Some("Use a production source, or a sandbox or test project."));
    }

    #[test]
    fn an_alias_is_replaced_with_the_base_url() {
        let source = source(r#", "aliases": ["http://localhost:8080/fhir"]"#);
        let replaced =
            source.replace_alias(Url::parse("http://localhost:8080/fhir/Observation?page=2").unwrap());
        assert_eq!(replaced.as_str(), "https://fhir.example/r4/t/Observation?page=2");
        assert!(source.owns(&replaced));
        let foreign = Url::parse("https://evil.example/fhir/Observation").unwrap();
        assert!(!source.owns(&source.replace_alias(foreign)));
    }
}
