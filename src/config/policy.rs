//! What differs between vendors, versions and sites, as data: a preset, overridden for one site.

use super::terms::{FhirVersion, Vendor};
use crate::{
    error::{Code, Error, Result},
    words,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

const PRESETS: &str = include_str!("presets.json");

/// The policies of one source. A site writes only those that differ.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// The scopes of an EHR launch, in order; `{resource}` stands for each resource type.
    pub scopes: Vec<String>,
    /// The resource types to ask scopes for.
    pub resources: Vec<String>,
    /// Media types to accept, the next one tried after a 406 (O20).
    pub accept: Vec<String>,
    /// `_count` for each resource type; absent: the server's default (O24).
    pub count: BTreeMap<String, u32>,
    /// Queries that together give all of a resource type, where one does not (O26), such as `category=laboratory`. Each is added to
    /// the search, for Observation to each search by codes.
    pub searches: BTreeMap<String, Vec<String>>,
    /// The members of the token answer that name the EHR user, the first present wins.
    pub user_name_members: Vec<String>,
    /// `aud` where it must differ from the `iss` received (client-js#79).
    pub aud: Option<String>,
    /// Form-encode client id and secret in HTTP Basic as RFC 6749 has it; the EHRs want them raw (E9).
    pub basic_form_encoded: bool,
    /// Patients may also be searched by the identifier's type text (E14).
    pub patient_by_type_text: bool,
    /// Observations are searched by system and code; some servers want it so (O25).
    pub code_with_system: bool,
    /// The server's `Bundle.total` is an estimate, so fewer matches than that prove nothing.
    pub total_is_estimate: bool,
    /// How many Medications a pull reads for prescriptions that only refer to one; each is read once.
    pub medication_reads: usize,
    /// Take preliminary observations too.
    pub include_preliminary: bool,
    /// Convert values to the unit that a mapping line names, where an exact conversion exists (docs/fields.md, Units).
    pub convert_units: bool,
    /// Sandbox only: a `user` in the launch query is believed.
    pub trust_user_hint: bool,
}

/// Members of `over` replace those of `base`, object by object.
fn merge(base: &mut Value, over: &Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (name, value) in over {
                merge(base.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (base, over) => *base = over.clone(),
    }
}

impl Policy {
    /// The preset of a vendor and version, with what a site has different.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] when the site's part has an unknown name or a wrong type.
    pub fn build(vendor: Vendor, version: FhirVersion, site: Option<&Value>) -> Result<Policy> {
        let invalid =
            |cause: serde_json::Error| Error::new(Code::ConfigInvalid).detail(words::data_words(&cause));
        let presets: Value = serde_json::from_str(PRESETS).map_err(invalid)?;
        let mut policy = presets["base"][version.name()].clone();
        merge(&mut policy, &presets[vendor.name()]);
        if let Some(site) = site {
            merge(&mut policy, site);
        }
        serde_json::from_value(policy).map_err(invalid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_site_overrides_one_policy_and_keeps_the_rest() {
        let site = json!({"count": {"Observation": 50}, "aud": "https://aud.example/"});
        let policy = Policy::build(Vendor::Epic, FhirVersion::R4, Some(&site)).unwrap();
        assert_eq!(policy.count["Observation"], 50);
        assert_eq!(policy.aud.as_deref(), Some("https://aud.example/"));
        assert!(policy.patient_by_type_text);
        let wrong = Policy::build(Vendor::Epic, FhirVersion::R4, Some(&json!({"cuont": 1})));
        assert_eq!(wrong.unwrap_err().code(), Code::ConfigInvalid);
    }

    #[test]
    fn every_vendor_has_a_preset() {
        for vendor in [Vendor::Generic, Vendor::Smart, Vendor::Oracle, Vendor::Epic] {
            for version in [FhirVersion::Dstu2, FhirVersion::R4] {
                assert!(!Policy::build(vendor, version, None).unwrap().accept.is_empty());
            }
        }
    }
}
