//! Which vendor made a server, from its CapabilityStatement or Conformance, or from its base URL.

use crate::config::Vendor;
use serde_json::Value;
use url::Url;

/// The vendor that a statement names: the preset to propose to an administrator. The configuration decides which one is used.
pub fn recognize(statement: &Value) -> Option<Vendor> {
    let is = |text: &Value, names: &[&str]| {
        let text = text.as_str().unwrap_or_default().trim();
        names.iter().any(|name| text.eq_ignore_ascii_case(name))
    };
    let (software, publisher) = (&statement["software"]["name"], &statement["publisher"]);
    if is(software, &["Epic"]) {
        Some(Vendor::Epic)
    } else if is(publisher, &["Cerner", "Oracle Health"]) {
        Some(Vendor::Oracle)
    } else if is(publisher, &["SMART Health IT"]) || is(software, &["SMART Health IT", "SMART Launcher"]) {
        Some(Vendor::Smart)
    } else {
        None
    }
}

/// The vendor whose base URLs look like this one: those of Oracle Health are on hosts of cerner.com, and those of Epic have the path
/// `/api/FHIR/` on a host of the hospital.
pub fn of_base_url(iss: &str) -> Option<Vendor> {
    let url = Url::parse(iss).ok()?;
    if url.host_str().is_some_and(|host| host.ends_with(".cerner.com")) {
        return Some(Vendor::Oracle);
    }
    url.path().to_ascii_lowercase().contains("/api/fhir/").then_some(Vendor::Epic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_vendor_is_recognized_by_software_or_publisher() {
        for (statement, vendor) in [
            (json!({"software": {"name": "Epic", "version": "May 2026"}}), Some(Vendor::Epic)),
            (json!({"publisher": "Cerner"}), Some(Vendor::Oracle)),
            (json!({"publisher": "Oracle Health", "software": {"name": "Millennium"}}), Some(Vendor::Oracle)),
            (json!({"publisher": "SMART Health IT"}), Some(Vendor::Smart)),
            (json!({"software": {"name": "Epicurean"}}), None),
            (json!({"software": "Epic", "publisher": 7}), None),
            (json!([]), None),
        ] {
            assert_eq!(recognize(&statement), vendor, "{statement}");
        }
    }

    #[test]
    fn a_vendor_is_recognized_by_the_base_url() {
        for (iss, vendor) in [
            ("https://fhir-ehr.cerner.com/r4/ec2458f2-1e24-41c8-b71b-0e701af7583d", Some(Vendor::Oracle)),
            ("https://fhir.hospital.example/interconnect-prd/api/FHIR/R4/", Some(Vendor::Epic)),
            ("https://cerner.com.evil.example/r4", None),
            ("https://notcerner.com/r4", None),
            ("https://fhir.example/r4", None),
            ("no url", None),
        ] {
            assert_eq!(of_base_url(iss), vendor, "{iss}");
        }
    }
}
