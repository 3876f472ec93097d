//! The step `metadata`: the base URL answers, and serves the configured version.

use super::finding::{Finding, Found, Id};
use crate::{
    config::FhirVersion,
    context::Context,
    discovery,
    error::{Code, Error, escape_for_display},
    fhir::answer,
    net::Request,
    source::{Phase, Source},
};

pub(super) fn check(context: &Context<'_>, source: &Source) -> Found {
    let url = source.base.join("metadata").map_err(|_| Error::new(Code::Internal))?;
    let request = Request::get(url, source.policy.accept.clone()).at_most(discovery::DOCUMENT_BYTES);
    let headers = source.headers(Phase::Discovery, context.secrets)?;
    let response = context.network.one(request.with_headers(headers))?;
    let body = answer::judge(&response)?.body;
    let kind = body.get("resourceType").text().unwrap_or_default();
    if !matches!(kind, "CapabilityStatement" | "Conformance") {
        return Ok(Finding::new(Id::MetadataNotFhir));
    }
    Ok(serves(source.fhir_version, body.get("fhirVersion").text().unwrap_or_default()))
}

fn serves(configured: FhirVersion, said: &str) -> Finding {
    let id = match discovery::version_of(said) {
        Some(version) if version != configured => Id::MetadataOtherVersion,
        Some(_) if said.starts_with("4.3") => Id::MetadataR4b,
        Some(_) => Id::MetadataOk,
        None => Id::MetadataOtherVersion,
    };
    Finding::new(id).with("version", escape_for_display(said)).with("configured", configured.name())
}

#[cfg(test)]
mod tests {
    use super::{super::finding::step, *};

    #[test]
    fn the_version_is_compared_and_r4b_is_r4() {
        for (configured, said, finding) in [
            (FhirVersion::R4, "4.0.1", "metadata_ok"),
            (FhirVersion::R4, "4.3.0", "metadata_r4b"),
            (FhirVersion::Dstu2, "1.0.2", "metadata_ok"),
            (FhirVersion::Dstu2, "4.3.0", "metadata_other_version"),
            (FhirVersion::R4, "5.0.0", "metadata_other_version"),
            (FhirVersion::R4, "", "metadata_other_version"),
        ] {
            assert_eq!(step("metadata", Ok(serves(configured, said))).finding, finding, "{said}");
        }
        let text = step("metadata", Ok(serves(FhirVersion::R4, "<b>"))).text;
        assert_eq!(text, "The server supports FHIR %3Cb%3E, but the configuration says r4.");
    }
}
