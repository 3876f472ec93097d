//! Reads the documents in which servers publish their endpoints.

use super::endpoints::{DiscoveryDocument, Endpoints, ServerMetadata};
use crate::{config::FhirVersion, source::allowed_url};
use serde_json::Value;
use url::Url;

/// A version as a CapabilityStatement writes it. `None`: this library does not support it.
pub fn version_of(text: &str) -> Option<FhirVersion> {
    let mut parts = text.split('.');
    match (parts.next(), parts.next()) {
        // R4B differs from R4 only in resources that this library does not read.
        (Some("4"), Some("0" | "3")) => Some(FhirVersion::R4),
        (Some("1"), Some("0")) => Some(FhirVersion::Dstu2),
        _ => None,
    }
}

fn texts(document: &Value, name: &str) -> Vec<String> {
    let list = document[name].as_array();
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// An endpoint of a discovery document. A relative one starts at the base URL (Inferno #379). An http address on the host of an
/// https base URL is upgraded to https; any other address must be allowed in the same way as one of the configuration.
fn endpoint(base: &Url, text: &str) -> Option<Url> {
    let mut url = base.join(text.trim()).ok()?;
    let plain_port = url.port().is_none() || url.port() == base.port();
    if url.scheme() == "http" && base.scheme() == "https" && url.host() == base.host() && plain_port {
        url.set_scheme("https").ok()?;
        url.set_port(base.port()).ok()?;
    }
    allowed_url(url.as_str()).ok()
}

/// Reads `.well-known/smart-configuration` (SMART App Launch 2.2) or `.well-known/openid-configuration`, which use the same names.
/// `None` without a token endpoint.
pub fn from_configuration(
    base: &Url,
    document: &Value,
    found_in: DiscoveryDocument,
) -> Option<ServerMetadata> {
    let url = |name: &str| document[name].as_str().and_then(|text| endpoint(base, text));
    Some(ServerMetadata {
        endpoints: Endpoints {
            authorization: url("authorization_endpoint"),
            token: url("token_endpoint")?,
            introspection: url("introspection_endpoint"),
            revocation: url("revocation_endpoint"),
            management: url("management_endpoint"),
            registration: url("registration_endpoint"),
            jwks: url("jwks_uri"),
            issuer: document["issuer"].as_str().map(str::to_owned),
        },
        found_in,
        code_challenge_methods: texts(document, "code_challenge_methods_supported"),
        sends_iss: document["authorization_response_iss_parameter_supported"] == true,
        scopes_supported: texts(document, "scopes_supported"),
        capabilities: texts(document, "capabilities"),
    })
}

const OAUTH_URIS: &str = "http://fhir-registry.smarthealthit.org/structuredefinition/oauth-uris";
const CAPABILITIES: &str = "http://fhir-registry.smarthealthit.org/structuredefinition/capabilities";

/// Reads the extensions of a CapabilityStatement or Conformance, in any `rest` entry. Servers write the host of the extension's
/// name in both cases (O36). Early DSTU2 servers have one extension for each endpoint: `oauth-uris#authorize`. `None` without a
/// token endpoint.
pub fn from_metadata(base: &Url, document: &Value) -> Option<ServerMetadata> {
    let rest = document["rest"].as_array()?.iter();
    let extensions: Vec<&Value> =
        rest.filter_map(|rest| rest["security"]["extension"].as_array()).flatten().collect();
    let is_named = |extension: &Value, name: &str| {
        extension["url"].as_str().is_some_and(|url| url.eq_ignore_ascii_case(name))
    };
    let address = |extension: &Value| endpoint(base, extension["valueUri"].as_str()?);
    let url = |part: &str| {
        let legacy = format!("{OAUTH_URIS}#{part}");
        extensions.iter().find_map(|extension| {
            if is_named(extension, &legacy) {
                return address(extension);
            }
            let parts = extension["extension"].as_array().filter(|_| is_named(extension, OAUTH_URIS))?;
            address(parts.iter().find(|one| one["url"] == part)?)
        })
    };
    let capabilities = extensions.iter().filter(|extension| is_named(extension, CAPABILITIES));
    Some(ServerMetadata {
        endpoints: Endpoints {
            authorization: url("authorize"),
            introspection: url("introspect"),
            revocation: url("revoke"),
            management: url("manage"),
            registration: url("register"),
            ..Endpoints::token_only(url("token")?)
        },
        found_in: DiscoveryDocument::Metadata,
        code_challenge_methods: Vec::new(),
        sends_iss: false,
        scopes_supported: Vec::new(),
        capabilities: capabilities.filter_map(|one| one["valueCode"].as_str()).map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::tests::source;
    use serde_json::json;

    fn smart(document: &Value) -> Option<ServerMetadata> {
        from_configuration(&source("").base, document, DiscoveryDocument::SmartConfiguration)
    }

    #[test]
    fn relative_endpoints_start_at_the_base() {
        let document = json!({"token_endpoint": "../token", "authorization_endpoint": "/auth?p=1"});
        let found = smart(&document).unwrap().endpoints;
        assert_eq!(found.token.as_str(), "https://fhir.example/r4/token");
        assert_eq!(found.authorization.unwrap().as_str(), "https://fhir.example/auth?p=1");
    }

    #[test]
    fn an_http_endpoint_on_the_host_of_the_base_becomes_https_and_any_other_is_refused() {
        for (published, used) in [
            ("http://fhir.example/token?a=b", Some("https://fhir.example/token?a=b")),
            ("http://fhir.example:80/token", Some("https://fhir.example/token")),
            ("http://fhir.example:8080/token", None),
            ("http://other.example/token", None),
            ("https://other.example/token", Some("https://other.example/token")),
            ("https://user:password@fhir.example/token", None),
        ] {
            let found = smart(&json!({"token_endpoint": published}));
            assert_eq!(found.map(|found| found.endpoints.token.to_string()).as_deref(), used, "{published}");
        }
    }

    #[test]
    fn every_endpoint_is_read() {
        let names = [
            "authorization_endpoint",
            "token_endpoint",
            "introspection_endpoint",
            "revocation_endpoint",
            "management_endpoint",
            "registration_endpoint",
            "jwks_uri",
            "issuer",
        ];
        let mut document = json!({"capabilities": ["launch-ehr", 7], "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid"], "authorization_response_iss_parameter_supported": true});
        for name in names {
            document[name] = format!("https://a.example/{name}").into();
        }
        let found = smart(&document).unwrap();
        let members: Vec<_> = found.endpoints.members().collect();
        assert_eq!(members.len(), names.len());
        for (name, text) in members {
            assert_eq!(text, format!("https://a.example/{name}"));
        }
        assert!(found.sends_iss && found.advertises_s256());
        assert_eq!(found.capabilities, ["launch-ehr"]);
    }

    #[test]
    fn metadata_is_read_in_any_rest_entry_and_either_spelling() {
        let document = json!({"rest": [{}, {"security": {"extension": [{
            "url": "http://FHIR-registry.smarthealthit.org/StructureDefinition/oauth-uris",
            "extension": [{"url": "token", "valueUri": "https://a.example/t"},
                          {"url": "authorize", "valueUri": "https://a.example/a"},
                          {"url": "revoke", "valueUri": "revoke"}]},
            {"url": "http://fhir-registry.smarthealthit.org/StructureDefinition/capabilities",
             "valueCode": "launch-ehr"}]}}]});
        let base = &source("").base;
        let found = from_metadata(base, &document).unwrap();
        let members: Vec<_> = found.endpoints.members().collect();
        assert_eq!(
            members,
            [
                ("authorization_endpoint", "https://a.example/a"),
                ("token_endpoint", "https://a.example/t"),
                ("revocation_endpoint", "https://fhir.example/r4/t/revoke")
            ]
        );
        assert_eq!(found.capabilities, ["launch-ehr"]);
        assert!(from_metadata(base, &json!({})).is_none());
    }

    #[test]
    fn the_legacy_extensions_of_dstu2_are_read() {
        let uris = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris";
        let document = json!({"rest": [{"security": {"extension": [
            {"url": format!("{uris}#authorize"), "valueUri": "https://a.example/a"},
            {"url": format!("{uris}#token"), "valueUri": "https://a.example/t"},
            {"url": format!("{uris}#register"), "valueUri": "https://a.example/r"}]}}]});
        let found = from_metadata(&source("").base, &document).unwrap().endpoints;
        assert_eq!(found.authorization.unwrap().as_str(), "https://a.example/a");
        assert_eq!(found.token.as_str(), "https://a.example/t");
        assert_eq!(found.registration.unwrap().as_str(), "https://a.example/r");
    }

    #[test]
    fn a_version_that_is_not_supported_is_none() {
        for (text, version) in [
            ("4.0.1", Some(FhirVersion::R4)),
            ("4.0.0", Some(FhirVersion::R4)),
            ("1.0.2", Some(FhirVersion::Dstu2)),
            ("3.0.2", None),
            ("4.3.0", Some(FhirVersion::R4)),
            ("4.1.0", None),
            ("5.0.0", None),
            ("40", None),
            ("", None),
        ] {
            assert_eq!(version_of(text), version, "{text}");
        }
    }
}
