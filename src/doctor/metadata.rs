//! The step `metadata`: checks that the base URL is a FHIR server of the configured version and vendor.

use super::finding::{Finding, FindingId, StepResult};
use crate::{
    config::{FhirVersion, Vendor},
    context::Context,
    discovery::{self, Discovery, Server},
    error::{Result, escape_for_display},
    fhir::answer,
    source::Source,
};

/// `published`: what discovery found. It has the vendor that the server's statement names, if it names one.
pub(super) fn check(context: &Context<'_>, source: &Source, published: &Result<Discovery>) -> StepResult {
    let request = Server::of(source, context.network, context.secrets)?.statement_request()?;
    let response = context.network.exchange(request)?;
    let body = answer::judge(&response)?.body;
    let kind = body.get("resourceType").text().unwrap_or_default();
    if !matches!(kind, "CapabilityStatement" | "Conformance") {
        return Ok(Finding::new(FindingId::MetadataNotFhir));
    }
    let recognized = published.as_ref().ok().and_then(|discovery| discovery.vendor);
    let version = body.get("fhirVersion").text().unwrap_or_default();
    Ok(compare((source.fhir_version, source.vendor), version, recognized))
}

/// Compares the configured version and vendor with those of the server. `recognized` is `None` for an unknown vendor.
fn compare(configured: (FhirVersion, Vendor), said: &str, recognized: Option<Vendor>) -> Finding {
    let (fhir_version, vendor) = configured;
    let other_vendor = recognized.filter(|recognized| *recognized != vendor);
    let id = match discovery::version_of(said) {
        Some(version) if version != fhir_version => FindingId::MetadataOtherVersion,
        Some(_) if other_vendor.is_some() => FindingId::MetadataOtherVendor,
        Some(_) if said.starts_with("4.3") => FindingId::MetadataR4b,
        Some(_) => FindingId::MetadataOk,
        None => FindingId::MetadataOtherVersion,
    };
    Finding::new(id)
        .with("version", escape_for_display(said))
        .with("configured", fhir_version.name())
        .with("recognized", other_vendor.map_or("", Vendor::name))
        .with("vendor", vendor.name())
}

#[cfg(test)]
mod tests {
    use super::{
        super::finding::{CheckStatus, CheckStep, to_check_step},
        *,
    };

    fn found(configured: (FhirVersion, Vendor), said: &str, recognized: Option<Vendor>) -> CheckStep {
        to_check_step("metadata", Ok(compare(configured, said, recognized)))
    }

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
                found((configured, Vendor::Epic), said, Some(Vendor::Epic)).finding,
                finding,
                "{said}"
            );
        }
        let text = found((FhirVersion::R4, Vendor::Epic), "<b>", None).text;
        assert_eq!(text, "The server supports FHIR %3Cb%3E, but the configuration says r4.");
    }

    #[test]
    fn another_vendor_is_a_warning_that_proposes_the_recognized_one() {
        let step = found((FhirVersion::R4, Vendor::Generic), "4.0.1", Some(Vendor::Epic));
        assert_eq!((step.finding, step.status), ("metadata_other_vendor", CheckStatus::Warning));
        assert!(step.text.contains("vendor epic") && step.text.contains("vendor is generic"), "{step:?}");
        assert!(step.hint.unwrap().contains(r#""vendor": "epic""#));
        for (said, recognized, finding) in [
            ("4.0.1", None, "metadata_ok"),
            ("4.0.1", Some(Vendor::Oracle), "metadata_ok"),
            ("4.3.0", Some(Vendor::Smart), "metadata_other_vendor"),
            ("1.0.2", Some(Vendor::Smart), "metadata_other_version"),
        ] {
            assert_eq!(found((FhirVersion::R4, Vendor::Oracle), said, recognized).finding, finding, "{said}");
        }
    }
}
