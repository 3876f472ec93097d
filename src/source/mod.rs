//! Registrations and sources: the source found by `iss`, with its policies and endpoints.

mod address;
mod credentials;
mod frame_ancestors;
pub(crate) mod resource_types;

use crate::{
    clock::time_zone,
    config::{Config, Environment, FhirVersion, KeyRingConfig, Policy, Registration, SourceConfig, Vendor},
    error::{Code, Error, Result, escape_for_display},
    scope::ScopeSet,
};
pub use address::allowed_url;
pub(crate) use address::base_url;
use address::{alias_url, lookup_form, without_slash};
pub use credentials::Credentials;
pub(crate) use credentials::ring_config;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::{path::PathBuf, sync::Arc};
use url::Url;

/// One FHIR server, as the core works with it.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name by which the host refers to it.
    pub id: String,
    /// A name for people: the configured one, or the id.
    pub name: String,
    /// Sandbox, test or production.
    pub environment: Environment,
    /// Its FHIR version.
    pub fhir_version: FhirVersion,
    /// Whose quirks it has.
    pub vendor: Vendor,
    /// The base URL as configured.
    pub iss: String,
    /// The base URL, ending with a slash, to which relative addresses are joined.
    pub base: Url,
    /// Other base URLs of the same server.
    pub aliases: Vec<Url>,
    /// The endpoints, where the configuration stores them.
    pub authorization_endpoint: Option<Url>,
    /// The token endpoint, where the configuration stores it.
    pub token_endpoint: Option<Url>,
    /// Identifier systems of medical record numbers.
    pub mrn_systems: Vec<String>,
    /// The time zone of the site's wall clock; `None`: times count as they are sent.
    pub time_zone: Option<TimeZone>,
    /// Origins of pages that may show the application in a frame.
    pub frame_ancestors: Vec<String>,
    /// Its policies.
    pub policy: Policy,
    /// The registration for users.
    pub registration: Registration,
    /// The registration of the system account.
    pub system_registration: Option<Registration>,
    key_rings: Arc<[KeyRingConfig]>,
    secret_base: Option<PathBuf>,
}

/// Who issued a sign-in. A source's id is a name of the configuration: which server it means may change, and
/// what one server issued is never shown to another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuer {
    /// The FHIR server: its base URL, in the form in which addresses are compared.
    pub iss: String,
    /// The origin of the token endpoint.
    pub token_origin: String,
}

/// All sources of the configuration.
#[derive(Clone, Debug)]
pub struct Sources(Vec<Source>);

impl Sources {
    /// Checks the configuration and fills the policies.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] or [`Code::UrlNotAllowed`], naming the entry.
    pub fn build(config: &Config) -> Result<Self> {
        let named = |error: Error| match &config.file {
            Some(file) => error.within(&format!("file {}", file.display())),
            None => error,
        };
        Self::of(config).map_err(named)
    }

    fn of(config: &Config) -> Result<Self> {
        for (number, ring) in config.key_rings.iter().enumerate() {
            let place = format!("key_rings[{number}].jwks_url");
            ring.jwks_url.as_deref().map(allowed_url).transpose().map_err(|error| error.within(&place))?;
        }
        let key_rings: Arc<[KeyRingConfig]> = config.key_rings.clone().into();
        let sources: Vec<Source> = config
            .sources
            .iter()
            .enumerate()
            .map(|(number, source)| build_source(config, &key_rings, number, source))
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

    /// The source for an `iss` out of a query.
    ///
    /// # Errors
    /// [`Code::SourceNotFound`] with the entry that would add it. No request is sent to find out more.
    pub fn by_iss(&self, iss: &str) -> Result<&Source> {
        let form = lookup_form(iss);
        let found = self.0.iter().find(|source| {
            form.as_deref().is_some_and(|form| source.bases().any(|base| without_slash(base) == form))
        });
        found.ok_or_else(|| {
            let iss = escape_for_display(iss);
            Error::new(Code::SourceNotFound).detail(format!("for iss {iss}")).hint(format!(
                "if this server is known to you, add to \"sources\": {{\"id\": \"...\", \"iss\": \"{iss}\", \
                 \"environment\": \"test\", \"fhir_version\": \"r4\", \"vendor\": \"generic\", \"registration\": \"...\"}}"
            ))
        })
    }

    /// The source with an id of the configuration.
    ///
    /// # Errors
    /// [`Code::SourceNotFound`].
    pub fn by_id(&self, id: &str) -> Result<&Source> {
        self.0.iter().find(|source| source.id == id).ok_or_else(|| {
            let known: Vec<&str> = self.0.iter().map(|source| source.id.as_str()).collect();
            Error::new(Code::SourceNotFound)
                .detail(format!("for id {}", escape_for_display(id)))
                .hint(format!("the configuration has: {}", known.join(", ")))
        })
    }

    /// All sources.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.0.iter()
    }
}

fn build_source(
    config: &Config,
    key_rings: &Arc<[KeyRingConfig]>,
    number: usize,
    source: &SourceConfig,
) -> Result<Source> {
    let invalid =
        |what: String| Error::new(Code::ConfigInvalid).detail(format!("source {}: {what}", source.id));
    let registration = |id: &str| {
        let found = config.registrations.iter().find(|registration| registration.id == id);
        let found = found.ok_or_else(|| invalid(format!("no registration has the id {id}")))?;
        for uri in &found.redirect_uris {
            allowed_url(uri).map_err(|error| invalid(format!("registration {id}: {}", error.message())))?;
        }
        if found.environment == source.environment {
            Ok(found.clone())
        } else {
            Err(invalid(format!("registration {id} is of another environment")))
        }
    };
    for origin in &source.frame_ancestors {
        frame_ancestors::check_ancestor(origin)
            .map_err(|why| invalid(format!("frame_ancestors: {}: {why}", escape_for_display(origin))))?;
    }
    let site_zone = source.time_zone.as_deref().map(|name| {
        time_zone(name).ok_or_else(|| {
            invalid(format!("time_zone: {} is not a known time zone", escape_for_display(name)))
                .hint("Write an IANA name such as America/New_York or Europe/Berlin.")
        })
    });
    // Names the member, as the address may be wrong in several of them.
    let in_member = |name: &str| {
        let place = format!("sources[{number}].{name}");
        move |error: Error| error.within(&place)
    };
    let endpoint = |name: &'static str, text: &Option<String>| {
        text.as_deref().map(allowed_url).transpose().map_err(in_member(name))
    };
    let aliases = source
        .aliases
        .iter()
        .enumerate()
        .map(|(at, alias)| alias_url(alias).map_err(in_member(&format!("aliases[{at}]"))))
        .collect::<Result<_>>()?;
    let mut policy = Policy::build(source.vendor, source.fhir_version, source.policy.as_ref())
        .map_err(|error| error.within(&format!("sources[{number}].policy")))?;
    if policy.trust_user_hint && source.environment != Environment::Sandbox {
        return Err(invalid("policy.trust_user_hint is for sandbox sources only".to_owned()));
    }
    if let Some(resources) = &source.resources {
        policy.resources.clone_from(resources);
    }
    resource_types::check(source.fhir_version, &policy, source.resources.is_some())
        .map_err(|what| Error::new(Code::ConfigInvalid).detail(format!("sources[{number}].{what}")))?;
    Ok(Source {
        id: source.id.clone(),
        name: if source.name.is_empty() { source.id.clone() } else { source.name.clone() },
        environment: source.environment,
        fhir_version: source.fhir_version,
        vendor: source.vendor,
        iss: source.iss.clone(),
        base: base_url(&source.iss).map_err(in_member("iss"))?,
        aliases,
        authorization_endpoint: endpoint("authorization_endpoint", &source.authorization_endpoint)?,
        token_endpoint: endpoint("token_endpoint", &source.token_endpoint)?,
        mrn_systems: source.mrn_systems.clone(),
        time_zone: site_zone.transpose()?,
        frame_ancestors: source.frame_ancestors.clone(),
        policy,
        registration: registration(&source.registration)?,
        system_registration: source.system_registration.as_deref().map(registration).transpose()?,
        key_rings: key_rings.clone(),
        secret_base: config.base.clone(),
    })
}

impl Source {
    fn bases(&self) -> impl Iterator<Item = &Url> {
        std::iter::once(&self.base).chain(&self.aliases)
    }

    /// Whether data of this source may enter a project of this environment. A production project takes data of a
    /// production source only; a sandbox or test project takes data of any source.
    ///
    /// # Errors
    /// [`Code::EnvironmentMismatch`].
    pub(crate) fn check_environment(&self, project: Environment) -> Result<()> {
        if project == Environment::Production && self.environment != Environment::Production {
            let detail = format!("source {} is a {} source", self.id, self.environment.name());
            return Err(Error::new(Code::EnvironmentMismatch)
                .detail(detail)
                .hint("use a production source, or a sandbox or test project"));
        }
        Ok(())
    }

    /// What this source's server issues with a token endpoint.
    pub(crate) fn issuer(&self, token_endpoint: &Url) -> Issuer {
        Issuer {
            iss: without_slash(&self.base).to_owned(),
            token_origin: token_endpoint.origin().ascii_serialization(),
        }
    }

    /// Whether this source's server is the one that issued something. An alias is not asked: tokens go to the
    /// base URL's server only.
    pub(crate) fn is_server_of(&self, issuer: &Issuer) -> bool {
        issuer.iss == without_slash(&self.base)
    }

    /// An error about what another server issued.
    pub(crate) fn of_another_server(&self, code: Code) -> Error {
        Error::new(code).detail(format!("source {}", self.id)).hint(
            "the source's iss or token endpoint was changed since, so what is stored is of another server: \
             sign in again",
        )
    }

    /// Whether an address lies on this server: same origin as the base URL.
    pub(crate) fn owns(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }

    /// An address that lies under an alias, turned to the base URL's server; others are left alone. Of several aliases that fit,
    /// the longest counts.
    pub(crate) fn unalias(&self, url: Url) -> Url {
        let under = |base: &&Url| url.origin() == base.origin() && url.path().starts_with(base.path());
        let alias = self.aliases.iter().filter(under).max_by_key(|alias| alias.path().len());
        let Some(alias) = alias.filter(|_| !under(&&self.base)) else { return url };
        let rest = &url.path()[alias.path().len()..];
        let mut turned = self.base.clone();
        turned.set_path(&format!("{}{rest}", self.base.path()));
        turned.set_query(url.query());
        turned
    }

    /// An address as the base URL's server would write it: turned from an alias, and from the http form of an https base. Others
    /// are left alone. It is for comparing; a user name in the address is dropped.
    pub(crate) fn at_base(&self, url: Url) -> Url {
        let mut url = self.unalias(url);
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

    /// The scopes of an EHR launch.
    pub fn launch_scopes(&self) -> ScopeSet {
        ScopeSet::from_template(&self.policy.scopes, &self.policy.resources)
    }

    /// The scopes of a sign-in that starts in the application: no `launch`, and where scopes are a
    /// patient's, the EHR is asked to let the user choose one.
    pub fn standalone_scopes(&self) -> ScopeSet {
        let scopes = self.launch_scopes();
        let patients = scopes.iter().any(|scope| scope.starts_with("patient/"));
        scopes.replace("launch", patients.then_some("launch/patient"))
    }

    /// The scopes of the system account.
    pub fn system_scopes(&self) -> ScopeSet {
        ScopeSet::from_template(&self.policy.system_scopes, &self.policy.resources)
    }
}

/// Whether a redirect URI is one of the registered: exact, but for the port of a loopback URI that was
/// registered without one (RFC 8252 section 7.3).
pub fn redirect_uri_registered(registration: &Registration, uri: &str) -> bool {
    registration.redirect_uris.iter().any(|text| {
        if text == uri {
            return true;
        }
        let (Ok(mut known), Ok(mut asked)) = (allowed_url(text), allowed_url(uri)) else { return false };
        let any_port = known.scheme() == "http" && !names_port(text);
        any_port && asked.set_port(None).is_ok() && known.set_port(None).is_ok() && known == asked
    })
}

/// Whether an address names its port; a parsed one has forgotten a default port.
fn names_port(text: &str) -> bool {
    let authority = text.split("//").nth(1).unwrap_or_default().split('/').next().unwrap_or_default();
    authority
        .rsplit_once(':')
        .is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn config(sources: &str) -> Config {
        let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        Config::from_json(&format!(
            r#"{{"registrations": [{{"id": "r", "environment": "test", "client_id": "c",
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
    fn a_source_is_found_by_iss_in_every_equal_form() {
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
    fn an_unknown_iss_is_named_escaped_with_the_entry_that_would_add_it() {
        let sources = Sources(vec![source("")]);
        let error = sources.by_iss("https://evil.example/<b>").unwrap_err();
        assert_eq!(error.message(), "FHIR source not found for iss https://evil.example/%3Cb%3E");
        assert!(error.hint_text().unwrap().contains(r#""iss": "https://evil.example/%3Cb%3E""#));
    }

    #[test]
    fn an_address_that_is_not_allowed_is_named_by_its_member_and_file() {
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
    fn a_production_project_takes_a_production_source_only() {
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
    fn the_refusal_names_the_source_and_what_to_use_instead() {
        let error = source("").check_environment(Environment::Production).unwrap_err();
        assert_eq!(
            error.message(),
            "Data from a sandbox or test source cannot go into a production project. (source s is a test source)"
        );
        assert_eq!(error.hint_text(), Some("use a production source, or a sandbox or test project"));
    }

    #[test]
    fn redirect_uris_are_exact_but_for_a_loopback_port() {
        let mut registration = source("").registration;
        registration.redirect_uris.push("http://127.0.0.1:80/fixed".to_owned());
        for good in ["https://app.example/ehr.php", "http://127.0.0.1:4711/callback"] {
            assert!(redirect_uri_registered(&registration, good), "{good}");
        }
        for bad in [
            "http://127.0.0.1:4711/fixed",
            "https://app.example/ehr.php/",
            "https://app.example:8443/ehr.php",
            "http://127.0.0.1:4711/callback2",
        ] {
            assert!(!redirect_uri_registered(&registration, bad), "{bad}");
        }
    }

    #[test]
    fn an_address_under_an_alias_is_turned_to_the_base() {
        let source = source(r#", "aliases": ["http://localhost:8080/fhir"]"#);
        let turned = source.unalias(Url::parse("http://localhost:8080/fhir/Observation?page=2").unwrap());
        assert_eq!(turned.as_str(), "https://fhir.example/r4/t/Observation?page=2");
        assert!(source.owns(&turned));
        let foreign = Url::parse("https://evil.example/fhir/Observation").unwrap();
        assert!(!source.owns(&source.unalias(foreign)));
    }
}
