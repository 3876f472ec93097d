//! What must be true for every discovery document. The fuzz target and `tests/fuzz_seeds.rs` use it.

use fhir_ehr::{
    DiscoveryDocument,
    internals::{from_configuration, from_metadata},
    read_directory,
};

/// Reads any text as each of the documents.
pub(crate) fn check(text: &str) {
    let _ = read_directory(text);
    let Ok(document) = serde_json::from_str(text) else { return };
    let base = url::Url::parse("https://fhir.example.org/r4/").expect("a URL");
    let found = [
        from_configuration(&base, &document, DiscoveryDocument::SmartConfiguration),
        from_configuration(&base, &document, DiscoveryDocument::OpenidConfiguration),
        from_metadata(&base, &document),
    ];
    for metadata in found.into_iter().flatten() {
        for (name, text) in metadata.endpoints.members().filter(|(name, _)| *name != "issuer") {
            let url = url::Url::parse(text).expect("an endpoint is a URL");
            let is_loopback = matches!(url.host(), Some(url::Host::Ipv4(ip)) if ip.is_loopback())
                || matches!(url.host(), Some(url::Host::Ipv6(ip)) if ip.is_loopback())
                || url.host_str() == Some("localhost");
            assert!(url.scheme() == "https" || (url.scheme() == "http" && is_loopback), "{name}: {text}");
            assert!(url.username().is_empty() && url.password().is_none(), "{name}: {text}");
        }
    }
}
