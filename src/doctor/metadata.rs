//! The step `metadata`: checks that the base URL is a FHIR server of the configured version.

use super::finding::{Finding, FindingId, StepResult};
use crate::{
    config::FhirVersion,
    context::Context,
    discovery,
    error::{Code, Error, escape_for_display},
    fhir::answer,
    net::Request,
    source::{Phase, Source},
};

pub(super) fn check(context: &Context<'_>, source: &Source) -> StepResult {
    let url = source.base.join("metadata").map_err(|_| Error::new(Code::Internal))?;
    let request = Request::get(url, source.policy.accept.clone()).limit_bytes(discovery::DOCUMENT_BYTES);
    let headers = source.headers(Phase::Discovery, context.secrets)?;
    let response = context.network.exchange(request.with_headers(headers))?;
    let body = answer::judge(&response)?.body;
    let kind = body.get("resourceType").text().unwrap_or_default();
    if !matches!(kind, "CapabilityStatement" | "Conformance") {
        return Ok(Finding::new(FindingId::MetadataNotFhir));
    }
    Ok(compare_version(source.fhir_version, body.get("fhirVersion").text().unwrap_or_default()))
}

fn compare_version(configured: FhirVersion, said: &str) -> Finding {
    let id = match discovery::version_of(said) {
        Some(version) if version != configured => FindingId::MetadataOtherVersion,
        Some(_) if said.starts_with("4.3") => FindingId::MetadataR4b,
        Some(_) => FindingId::MetadataOk,
        None => FindingId::MetadataOtherVersion,
    };
    Finding::new(id).with("version", escape_for_display(said)).with("configured", configured.name())
}

#[cfg(test)]
mod tests {
    use super::{super::finding::to_check_step, *};

    #[test]
    fn the_version_is_compared_and_r4b_counts_as_r4() {
        for (configured, said, finding) in [
            (FhirVersion::R4, "4.0.1", "metadata_ok"),
            (FhirVersion::R4, "4.3.0", "metadata_r4b"),
            (FhirVersion::Dstu2, "1.0.2", "metadata_ok"),
            (FhirVersion::Dstu2, "4.3.0", "metadata_other_version"),
            (FhirVersion::R4, "5.0.0", "metadata_other_version"),
            (FhirVersion::R4, "", "metadata_other_version"),
        ] {
            assert_eq!(
                to_check_step("metadata", Ok(compare_version(configured, said))).finding,
                finding,
                "{said}"
            );
        }
        let text = to_check_step("metadata", Ok(compare_version(FhirVersion::R4, "<b>"))).text;
        assert_eq!(text, "The server supports FHIR %3Cb%3E, but the configuration says r4.");
    }
}
