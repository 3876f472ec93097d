//! Which vendor made a server, from its CapabilityStatement or Conformance.

use crate::config::Vendor;
use serde_json::Value;

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
}
