//! The doctor: whether a source answers as configured, one step after the other, and whose job it is if not.
//!
//! Nothing is stored, no patient is asked for, and a step that failed does not keep the next one from going on.

use crate::{
    config::FhirVersion,
    error::{Code, Error, Result, escape_for_display},
    fhir::answer,
    grant::{
        refresh::Tokens,
        token_answer::TokenAnswer,
        token_endpoint::Ask,
        token_errors::{self, Meaning},
    },
    log::{Events, Level},
    net::Request,
    scope::{Reading, ScopeSet},
    secret::{self, Secret},
    source::{
        Source,
        discovery::{self, Discovery},
    },
};
use serde::Serialize;
use url::Url;

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Status {
    /// As it should be.
    Ok,
    /// Not as it should be.
    Failed,
    /// There is nothing to check.
    Skipped,
}

impl Status {
    /// The word in documents.
    pub fn name(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Failed => "failed",
            Status::Skipped => "skipped",
        }
    }
}

/// What one step found; safe to show and to log.
#[derive(Clone, Debug, Serialize)]
pub struct CheckStep {
    /// `metadata`, `endpoints`, `client` or `system_account`; later versions may have more.
    pub name: &'static str,
    /// How it ended.
    pub status: Status,
    /// What was found, in one plain sentence.
    pub text: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Who can mend it, in the words of the error table; only of a failed step.
    pub owner: Option<&'static str>,
    /// The stable name of the error; only of a failed step.
    pub error: Option<&'static str>,
}

/// What a step says when it did not fail.
struct Finding {
    status: Status,
    text: String,
    hint: Option<String>,
}

impl Finding {
    fn ok(text: impl Into<String>) -> Self {
        Finding { status: Status::Ok, text: text.into(), hint: None }
    }

    fn skipped(text: impl Into<String>) -> Self {
        Finding { status: Status::Skipped, text: text.into(), hint: None }
    }
}

/// What a step says when it failed.
struct Trouble {
    code: Code,
    text: String,
    hint: Option<String>,
}

impl Trouble {
    /// A trouble in plainer words than those of an error of its kind.
    fn of(code: Code, text: impl Into<String>, hint: impl Into<String>) -> Self {
        Trouble { code, text: text.into(), hint: Some(hint.into()) }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        let hint = error.hint_text().map(str::to_owned);
        Trouble { code: error.code(), text: error.message(), hint }
    }
}

type Found = std::result::Result<Finding, Trouble>;

fn step(name: &'static str, found: Found) -> CheckStep {
    match found {
        Ok(Finding { status, text, hint }) => {
            CheckStep { name, status, text, hint, owner: None, error: None }
        }
        Err(Trouble { code, text, hint }) => {
            let [_, owner, _] = code.words();
            CheckStep {
                name,
                status: Status::Failed,
                text,
                hint,
                owner: Some(owner),
                error: Some(code.name()),
            }
        }
    }
}

/// Checks a source, step by step. It sends at most four kinds of requests: for the server's conformance
/// statement, for its SMART configuration, and two to the token endpoint.
pub fn check(tokens: &Tokens<'_>, source: &Source) -> Vec<CheckStep> {
    vec![
        step("metadata", metadata(tokens, source)),
        step("endpoints", endpoints(source, discovery::published(source, tokens.network))),
        step("client", client(tokens, source)),
        step("system_account", system_account(tokens, source)),
    ]
}

/// Tells how the steps ended: names only.
pub fn tell(events: Events<'_>, source: &Source, steps: &[CheckStep]) {
    for step in steps {
        let level = if step.status == Status::Failed { Level::Warning } else { Level::Info };
        let fields = [("source", source.id.as_str()), ("step", step.name), ("status", step.status.name())];
        events.tell(level, "source_checked", &fields);
    }
}

/// The base URL answers, and serves the configured version.
fn metadata(tokens: &Tokens<'_>, source: &Source) -> Found {
    let url = source.base.join("metadata").map_err(|_| Error::new(Code::Internal))?;
    let response = tokens.network.one(Request::get(url, source.policy.accept.clone()))?;
    let body = answer::judge(&response)?.body;
    let kind = body.get("resourceType").text().unwrap_or_default();
    if !matches!(kind, "CapabilityStatement" | "Conformance") {
        let hint = "iss is the FHIR base URL as the EHR sends it; ask the EHR team for it";
        let text = "The base URL answers with something else than a conformance statement.";
        return Err(Trouble::of(Code::ResponseNotFhir, text, hint));
    }
    serves(source.fhir_version, body.get("fhirVersion").text().unwrap_or_default())
}

fn serves(configured: FhirVersion, said: &str) -> Found {
    let (name, said_safely) = (configured.name(), escape_for_display(said));
    if discovery::version_of(said) == Some(configured) {
        return Ok(Finding::ok(format!("The base URL answers and serves FHIR {said_safely}.")));
    }
    let text = format!("The server says FHIR {said_safely}; the configuration says {name}.");
    let hint = "correct fhir_version, or iss if the other version has a base URL of its own";
    Err(Trouble::of(Code::ConfigInvalid, text, hint))
}

/// The stored endpoints are the published ones.
fn endpoints(source: &Source, published: Result<Discovery>) -> Found {
    let stored = discovery::stored(source);
    let published = match published {
        Ok(discovery) => discovery.endpoints,
        Err(error) if stored.is_some() && error.code() == Code::DiscoveryFailed => {
            return Ok(Finding::skipped(
                "The server publishes no endpoints; those of the configuration count.",
            ));
        }
        Err(error) => return Err(error.into()),
    };
    let mut other = Vec::new();
    let mut compare = |name: &str, stored: Option<&Url>, published: Option<&Url>| {
        if let (Some(stored), Some(published)) = (stored, published)
            && stored != published
        {
            other.push(format!("\"{name}\": \"{}\"", escape_for_display(published.as_str())));
        }
    };
    let (authorization, token) = (source.authorization_endpoint.as_ref(), source.token_endpoint.as_ref());
    compare("authorization_endpoint", authorization, published.authorization.as_ref());
    compare("token_endpoint", token, Some(&published.token));
    if !other.is_empty() {
        let hint = format!("ask the EHR team; published are {}", other.join(", "));
        let text = "The stored endpoints are not those that the server publishes.";
        return Err(Trouble::of(Code::ConfigInvalid, text, hint));
    }
    if stored.is_some() {
        return Ok(Finding::ok("The stored endpoints are those that the server publishes."));
    }
    Ok(Finding {
        hint: Some(
            "store authorization_endpoint and token_endpoint: a launch then sends no discovery".to_owned(),
        ),
        ..Finding::ok("The configuration does not store both endpoints; the published ones are used.")
    })
}

/// Id and secret of the registration for users: a made-up code is refused, and how tells whether they are good.
fn client(tokens: &Tokens<'_>, source: &Source) -> Found {
    let registration = &source.registration;
    if source.client_secret(registration, tokens.keys)?.is_none() {
        return Ok(Finding::skipped("The registration is a public client: it has no secret to check."));
    }
    let (code, verifier) = (Secret::from(secret::random_text()?), Secret::from(secret::random_text()?));
    let redirect_uri = registration.redirect_uris.first().map(String::as_str).unwrap_or_default();
    let issuer = source.issuer(&tokens.token_endpoint(source)?);
    let ask = Ask::Code { code: &code, verifier: &verifier, redirect_uri, issuer: &issuer };
    refused_code(&registration.id, tokens.ask_quietly(source, registration, &ask))
}

fn wrong_credentials(registration: &str) -> Trouble {
    let text = format!("The EHR does not accept client id and secret of the registration {registration}.");
    let hint = "compare both with the vendor's console: of this environment and tenant? Epic needs up to 12 hours \
                after a change";
    Trouble::of(Code::InvalidClient, text, hint)
}

/// Whether an error says that id and secret are not accepted; some servers say it by the status alone.
fn refuses_client(error: &Error) -> bool {
    let has_word = error.vendor_error().code.is_some();
    let unauthorized = error.code() == Code::TokenRejected && error.http_status() == Some(401) && !has_word;
    unauthorized || error.code() == Code::InvalidClient
}

/// Whether an error to a made-up code leaves open what the server thinks of id and secret: a word that concerns neither the
/// registration nor the tenant, or a server that fails over the code itself.
fn leaves_client_open(error: &Error) -> bool {
    let Some(word) = &error.vendor_error().code else { return false };
    match error.code() {
        Code::TokenRejected => !matches!(
            token_errors::meaning("authorization_code", word),
            Some(Meaning::Registration | Meaning::Tenant)
        ),
        Code::TokenUnavailable => error.http_status() == Some(500),
        Code::GrantRejected => true,
        _ => false,
    }
}

fn refused_code(registration: &str, answer: Result<TokenAnswer>) -> Found {
    match answer {
        Ok(_) => Err(Trouble::of(
            Code::TokenResponseInvalid,
            "The token endpoint gave a token for a code that does not exist.",
            "tell the EHR team: this server must not be trusted",
        )),
        Err(error) if refuses_client(&error) => Err(wrong_credentials(registration)),
        Err(error) => match error.code() {
            Code::InvalidGrant => Ok(Finding::ok(
                "The EHR accepts the client id and secret: it refused a made-up code for the code alone.",
            )),
            _ if leaves_client_open(&error) => {
                let word = error.vendor_error().code.clone().unwrap_or_default();
                let text = format!(
                    "The EHR did not reject the client id and secret, but its answer ({}) does not show that it accepts \
                     them.",
                    escape_for_display(&word)
                );
                let hint = "The check sent a code that does not exist. A server that accepts id and secret usually answers \
                            invalid_grant. Sign in once to be sure.";
                Ok(Finding { hint: Some(hint.to_owned()), ..Finding::skipped(text) })
            }
            _ => Err(error.into()),
        },
    }
}

/// The system account gets a token with all scopes. The token is dropped.
fn system_account(tokens: &Tokens<'_>, source: &Source) -> Found {
    let Some(registration) = &source.system_registration else {
        return Ok(Finding::skipped("The source has no system account."));
    };
    let scopes = source.system_scopes();
    let answer =
        tokens.ask_quietly(source, registration, &Ask::ClientCredentials(&scopes)).map_err(|error| {
            if refuses_client(&error) { wrong_credentials(&registration.id) } else { error.into() }
        })?;
    match &answer.scope {
        Some(granted) => granted_all(&source.policy.resources, granted),
        None => Ok(scopes_unknown()),
    }
}

fn scopes_unknown() -> Finding {
    let hint = "Compare the scopes in the vendor's console with the output of fhir-ehr scopes.";
    Finding {
        hint: Some(hint.to_owned()),
        ..Finding::ok("The system account gets a token, but the EHR does not say with which scopes.")
    }
}

fn granted_all(resources: &[String], granted: &ScopeSet) -> Found {
    let with =
        |reading: Reading| resources.iter().filter(move |resource| granted.reading(resource) == reading);
    let missing: Vec<String> =
        with(Reading::None).map(|resource| format!("system/{resource}.read")).collect();
    let limited: Vec<&str> = with(Reading::Some).map(String::as_str).collect();
    if missing.is_empty() && limited.is_empty() {
        return Ok(Finding::ok("The system account gets a token with all scopes."));
    }
    if missing.is_empty() {
        let text =
            format!("The system account gets a token that reads only a part of {}.", limited.join(", "));
        let hint = "The EHR granted scopes with conditions (after \"?\"). Check whether they include the data of the mapping.";
        return Ok(Finding { hint: Some(hint.to_owned()), ..Finding::ok(text) });
    }
    Err(Trouble::of(
        Code::FhirDenied,
        format!("The system account gets a token, but without {}.", missing.join(", ")),
        "have these scopes added to the registration at the vendor's console, or leave the types out of resources",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{discovery::FoundIn, tests::source};

    fn published(authorization: &str, token: &str) -> Result<Discovery> {
        Ok(Discovery {
            endpoints: discovery::Endpoints {
                authorization: Url::parse(authorization).ok(),
                token: Url::parse(token).unwrap(),
            },
            fhir_version: None,
            found_in: FoundIn::Metadata,
            scopes_supported: Vec::new(),
            capabilities: Vec::new(),
        })
    }

    #[test]
    fn endpoints_are_compared_with_what_is_published() {
        let (a, t) = ("https://a.example/authorize", "https://a.example/token");
        let both = source(&format!(r#", "authorization_endpoint": "{a}", "token_endpoint": "{t}""#));
        let judged = |source: &Source, published| step("endpoints", endpoints(source, published));
        let found = judged(&both, published(a, t));
        assert_eq!((found.status, found.error), (Status::Ok, None), "{found:?}");
        let found = judged(&both, published(a, "https://b.example/token"));
        assert_eq!((found.status, found.error), (Status::Failed, Some("config_invalid")), "{found:?}");
        assert!(found.hint.unwrap().contains(r#""token_endpoint": "https://b.example/token""#));
        assert_eq!(judged(&both, published("", t)).status, Status::Ok, "a server for system accounts");
        let silent = || Err(Error::new(Code::DiscoveryFailed));
        assert_eq!(judged(&both, silent()).status, Status::Skipped);
        let none = source("");
        assert_eq!(judged(&none, silent()).error, Some("discovery_failed"));
        let found = judged(&none, published(a, t));
        assert!(found.status == Status::Ok && found.hint.is_some(), "{found:?}");
        let gone = judged(&both, Err(Error::new(Code::NetworkUnreachable)));
        assert_eq!((gone.owner, gone.error), (Some("network_team"), Some("network_unreachable")));
    }

    #[test]
    fn how_a_made_up_code_is_refused_tells_of_the_client() {
        let judged = |error: Error| step("client", refused_code("r", Err(error)));
        assert_eq!(judged(Error::new(Code::InvalidGrant)).status, Status::Ok);
        let said = |word: &str, status| {
            let said = token_errors::Said::new(word, None, None, &[]);
            token_errors::of_token_request(said, "authorization_code", status, None)
        };
        for (word, status) in
            [("invalid_request", 400), ("invalid_request", 401), ("some_word", 400), ("server_error", 500)]
        {
            let found = judged(said(word, status));
            assert_eq!((found.status, found.error), (Status::Skipped, None), "{found:?}");
            assert!(found.text.contains(word) && found.hint.is_some(), "{found:?}");
        }
        for (error, name) in [
            (Error::new(Code::InvalidClient), "invalid_client"),
            (Error::new(Code::TokenRejected).status(401), "invalid_client"),
            (Error::new(Code::TokenRejected).status(400), "token_rejected"),
            (said("unauthorized_client", 400), "token_rejected"),
            (said("invalid_tenant", 400), "token_rejected"),
            (said("invalid_client", 400), "invalid_client"),
            (said("temporarily_unavailable", 503), "token_unavailable"),
            (Error::new(Code::TokenUnavailable), "token_unavailable"),
        ] {
            let found = judged(error);
            assert_eq!((found.status, found.error), (Status::Failed, Some(name)), "{found:?}");
        }
    }

    #[test]
    fn scopes_that_are_missing_are_named() {
        let resources = ["Patient", "Observation", "Condition"].map(str::to_owned);
        let judged =
            |granted: &str| step("system_account", granted_all(&resources, &ScopeSet::parse(granted)));
        let all = judged("system/*.read");
        assert_eq!(
            (all.status, all.text.as_str()),
            (Status::Ok, "The system account gets a token with all scopes.")
        );
        let part = judged("system/*.rs?category=laboratory");
        assert!(part.status == Status::Ok && !part.text.contains("all scopes"), "{part:?}");
        assert!(!scopes_unknown().text.contains("all scopes"));
        let found = judged("system/Patient.read system/Observation.rs");
        assert_eq!(found.text, "The system account gets a token, but without system/Condition.read.");
        assert_eq!(found.error, Some("fhir_denied"));
    }

    #[test]
    fn the_version_must_be_the_configured_one() {
        assert!(serves(FhirVersion::R4, "4.0.1").is_ok());
        let found = step("metadata", serves(FhirVersion::R4, "1.0.2<b>"));
        assert_eq!(found.text, "The server says FHIR 1.0.2%3Cb%3E; the configuration says r4.");
        assert_eq!((found.owner, found.error), (Some("you"), Some("config_invalid")));
    }
}
