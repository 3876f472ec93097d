//! Builds one source from its entry in the configuration, and checks the entry.

use super::{
    ConfiguredEndpoints, Source, address::alias_url, allowed_url, base_url, frame_ancestors, headers,
    registration, resource_types,
};
use crate::{
    clock::time_zone,
    config::{Config, Environment, KeyRingConfig, Policy, Registration, SourceConfig},
    error::{Code, Error, Result, escape_for_display},
    scope,
    secret::ExposeSecret,
};
use jiff::tz::TimeZone;
use std::sync::Arc;
use url::Url;

/// The entry of one source, with its place in the configuration.
pub(super) struct SourceBuilder<'a> {
    pub(super) config: &'a Config,
    pub(super) key_rings: &'a Arc<[KeyRingConfig]>,
    /// The position in `sources`, from 0.
    pub(super) number: usize,
    pub(super) source: &'a SourceConfig,
}

impl SourceBuilder<'_> {
    /// # Errors
    /// [`Code::ConfigInvalid`], [`Code::UrlNotAllowed`] or [`Code::ScopeRefused`], with the name of the entry or member.
    pub(super) fn build(&self) -> Result<Source> {
        let SourceBuilder { config, source, .. } = self;
        for origin in &source.frame_ancestors {
            frame_ancestors::check_ancestor(origin).map_err(|why| {
                self.invalid(format!("frame_ancestors: {}: {why}", escape_for_display(origin)))
            })?;
        }
        headers::check(&source.headers).map_err(|error| error.within(&self.place()))?;
        let aliases = source.aliases.iter().enumerate();
        let aliases = aliases.map(|(at, alias)| self.in_member(&format!("aliases[{at}]"), alias_url(alias)));
        let system_registration = source.system_registration.as_deref().map(|id| self.registration(id));
        self.check_fhir_certificate()?;
        Ok(Source {
            id: source.id.clone(),
            name: if source.name.is_empty() { source.id.clone() } else { source.name.clone() },
            organization: source.organization.clone().unwrap_or_else(|| config.organization.clone()),
            environment: source.environment,
            fhir_version: source.fhir_version,
            vendor: source.vendor,
            iss: source.iss.clone(),
            base: self.in_member("iss", base_url(&source.iss))?,
            aliases: aliases.collect::<Result<_>>()?,
            authorization_endpoint: self
                .endpoint("authorization_endpoint", source.authorization_endpoint.as_deref())?,
            token_endpoint: self.endpoint("token_endpoint", source.token_endpoint.as_deref())?,
            endpoints: ConfiguredEndpoints::build(&source.endpoints)
                .map_err(|error| error.within(&self.place()))?,
            header_config: source.headers.clone(),
            mrn_systems: source.mrn_systems.clone(),
            time_zone: self.time_zone()?,
            frame_ancestors: source.frame_ancestors.clone(),
            policy: self.policy()?,
            fhir_client_certificate: source.fhir_client_certificate,
            registration: self.registration(&source.registration)?,
            system_registration: system_registration.transpose()?,
            key_rings: self.key_rings.clone(),
            secret_base: config.base.clone(),
        })
    }

    fn place(&self) -> String {
        format!("sources[{}]", self.number)
    }

    fn invalid(&self, what: String) -> Error {
        Error::new(Code::ConfigInvalid).detail(format!("source {}: {what}", self.source.id))
    }

    /// Several members contain a URL, so an error names the member.
    fn in_member<T>(&self, name: &str, result: Result<T>) -> Result<T> {
        result.map_err(|error| error.within(&format!("{}.{name}", self.place())))
    }

    fn endpoint(&self, name: &str, text: Option<&str>) -> Result<Option<Url>> {
        self.in_member(name, text.map(allowed_url).transpose())
    }

    fn registration(&self, id: &str) -> Result<Registration> {
        let found = self.config.registrations.iter().find(|registration| registration.id == id);
        let found = found.ok_or_else(|| self.invalid(format!("no registration has the id {id}")))?;
        registration::check(found, self.source.environment)
            .map_err(|what| self.invalid(format!("registration {id}: {what}")))?;
        Ok(found.clone())
    }

    /// With `fhir_client_certificate`, each registration of the source must have a certificate.
    fn check_fhir_certificate(&self) -> Result<()> {
        if !self.source.fhir_client_certificate {
            return Ok(());
        }
        let ids = std::iter::once(&self.source.registration).chain(&self.source.system_registration);
        for id in ids {
            if self.registration(id)?.client_certificate.expose_secret().is_empty() {
                let what = format!("fhir_client_certificate: registration {id} has no client_certificate");
                let hint = "Add client_certificate and client_key to this registration.";
                return Err(self.invalid(what).hint(hint));
            }
        }
        Ok(())
    }

    fn time_zone(&self) -> Result<Option<TimeZone>> {
        let Some(name) = self.source.time_zone.as_deref() else { return Ok(None) };
        time_zone(name).map(Some).ok_or_else(|| {
            self.invalid(format!("time_zone: {} is not a known time zone", escape_for_display(name)))
                .hint("Write an IANA name such as America/New_York or Europe/Berlin.")
        })
    }

    fn policy(&self) -> Result<Policy> {
        let source = self.source;
        let policy = Policy::build(source.vendor, source.fhir_version, source.policy.as_ref());
        let mut policy = self.in_member("policy", policy)?;
        if policy.trust_user_hint && source.environment != Environment::Sandbox {
            return Err(self.invalid("policy.trust_user_hint is allowed for sandbox sources only".to_owned()));
        }
        if let Some(name) = policy.user_link_keys.iter().find(|name| !name.identifies()) {
            let what = format!("policy.user_link_keys: {} does not identify one person", name.name());
            return Err(self
                .invalid(what)
                .hint("Use token_response, fhir_user, sub or practitioner_identifier."));
        }
        if let Some(resources) = &source.resources {
            policy.resources.clone_from(resources);
        }
        resource_types::check(source.fhir_version, &policy, source.resources.is_some())
            .map_err(|what| Error::new(Code::ConfigInvalid).detail(format!("{}.{what}", self.place())))?;
        self.check_scopes(&policy)?;
        Ok(policy)
    }

    /// Checks the scopes that the policy names. The library only reads, so a scope that allows to write is an error.
    fn check_scopes(&self, policy: &Policy) -> Result<()> {
        let lists = [
            ("scopes", &policy.scopes),
            ("system_scopes", &policy.system_scopes),
            ("refresh_scopes", &policy.refresh_scopes),
        ];
        for (member, list) in lists {
            for (at, entry) in list.iter().enumerate() {
                scope::check_template(entry, policy.scope_version).map_err(|why| {
                    let detail = format!("{}.policy.{member}[{at}]: {why}", self.place());
                    Error::new(Code::ScopeRefused).detail(detail)
                })?;
            }
        }
        Ok(())
    }
}
