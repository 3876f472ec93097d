//! The plan of a pull: from a mapping and the record's dates to the searches to send.

use super::mapping::{Mapping, MappingLine};
use crate::{
    config::FhirVersion,
    fhir::time::{Anchor, Offset, Window},
    source::Source,
};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// A date of the study record for date windows.
#[derive(Clone, Debug)]
pub struct RecordDate {
    /// The study field of the date.
    pub field: String,
    /// The event of the date; `None` for any event.
    pub event: Option<String>,
    /// The date, or date and time.
    pub anchor: Anchor,
}

/// A mapping line with its window.
#[derive(Clone, Debug)]
pub struct PlannedField<'a> {
    /// The mapping line.
    pub line: &'a MappingLine,
    /// The date of the record, for a line with a window.
    pub anchor: Option<Anchor>,
    /// The window; absent when the line has no date field.
    pub window: Option<Window>,
}

impl PlannedField<'_> {
    /// The resource type that contains the field.
    pub fn resource_type(&self, version: FhirVersion) -> &'static str {
        self.line.source_field.resource_type(version)
    }
}

/// A search to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// The resource type of its matches.
    pub resource_type: &'static str,
    /// The URL of the first page.
    pub url: Url,
}

/// The fields and searches of a pull.
#[derive(Debug, Default)]
pub struct Plan<'a> {
    /// The mapping lines that are pulled.
    pub fields: Vec<PlannedField<'a>>,
    /// The resource types to search for; not Patient.
    pub resource_types: BTreeSet<&'static str>,
    /// The resource types that are not requested, because the record has no date for any of their lines.
    pub skipped: BTreeSet<&'static str>,
    /// The fields of the EHR that are not pulled, because the record has no date for them.
    pub without_date: Vec<String>,
}

/// The most codes in one Observation search.
const CODES_AT_ONCE: usize = 40;

impl<'a> Plan<'a> {
    /// Makes the plan for a mapping. A line with a date field is not pulled while the record has no such date.
    pub fn new(mapping: &'a Mapping, dates: &[RecordDate], offset: Offset, version: FhirVersion) -> Self {
        let mut plan = Plan::default();
        for line in &mapping.lines {
            let resource_type = line.source_field.resource_type(version);
            let anchor = line.temporal_field.as_deref().map(|field| date_of(dates, field, &line.event));
            match anchor {
                Some(None) => {
                    plan.skipped.insert(resource_type);
                    plan.without_date.push(line.source_field.name.clone());
                    continue;
                }
                Some(Some(anchor)) => {
                    let window = Some(Window::around(anchor, offset));
                    plan.fields.push(PlannedField { line, anchor: Some(anchor), window });
                }
                None => plan.fields.push(PlannedField { line, anchor: None, window: None }),
            }
            if resource_type != "Patient" {
                plan.resource_types.insert(resource_type);
            }
        }
        plan.skipped = plan.skipped.difference(&plan.resource_types).copied().collect();
        plan
    }

    /// The searches for one patient.
    pub fn searches(&self, source: &Source, patient_id: &str) -> Vec<Search> {
        let mut searches = Vec::new();
        for resource_type in &self.resource_types {
            if *resource_type == "Observation" {
                searches.extend(self.observation_searches(source, patient_id));
                continue;
            }
            if let Some(url) = search_url(source, resource_type, patient_id) {
                searches.extend(split_search(source, resource_type, &url));
            }
        }
        searches
    }

    /// One search for each window with all its codes, or several searches if it has more than [`CODES_AT_ONCE`] codes.
    fn observation_searches(&self, source: &Source, patient_id: &str) -> Vec<Search> {
        let mut windows: BTreeMap<Option<Window>, Vec<&str>> = BTreeMap::new();
        for planned in &self.fields {
            let codes = windows.entry(planned.window).or_default();
            for code in planned.line.source_field.search_codes() {
                if !codes.contains(&code) {
                    codes.push(code);
                }
            }
        }
        let mut searches = Vec::new();
        for (window, codes) in windows {
            for some in codes.chunks(CODES_AT_ONCE) {
                let Some(mut url) = search_url(source, "Observation", patient_id) else { continue };
                let coded = |code: &&str| {
                    if source.policy.code_with_system {
                        format!("http://loinc.org|{code}")
                    } else {
                        (*code).to_owned()
                    }
                };
                let list = some.iter().map(coded).collect::<Vec<_>>().join(",");
                url.query_pairs_mut().append_pair("code", &list);
                if let Some(window) = window {
                    // The search is wider than the window. Values outside the window are dropped when they are read.
                    let (first, last) = window.days_to_search(source.time_zone.as_ref());
                    url.query_pairs_mut()
                        .append_pair("date", &format!("ge{first}"))
                        .append_pair("date", &format!("le{last}"));
                }
                searches.extend(split_search(source, "Observation", &url));
            }
        }
        searches
    }
}

/// The searches into which the policy splits a search, or the search itself.
fn split_search(source: &Source, resource_type: &'static str, whole: &Url) -> Vec<Search> {
    let parts = source.policy.searches.get(resource_type).filter(|parts| !parts.is_empty());
    let Some(parts) = parts else { return vec![Search { resource_type, url: whole.clone() }] };
    let with = |part: &String| {
        let mut url = whole.clone();
        url.query_pairs_mut().extend_pairs(url::form_urlencoded::parse(part.as_bytes()));
        Search { resource_type, url }
    };
    parts.iter().map(with).collect()
}

/// The date of the line's event, else the date without an event.
fn date_of(dates: &[RecordDate], field: &str, event: &str) -> Option<Anchor> {
    let find = |event: Option<&str>| {
        dates
            .iter()
            .find(|date| date.field == field && date.event.as_deref() == event)
            .map(|date| date.anchor)
    };
    find(Some(event)).or_else(|| find(None))
}

fn search_url(source: &Source, resource_type: &str, patient_id: &str) -> Option<Url> {
    let mut url = source.base.join(resource_type).ok()?;
    url.query_pairs_mut().append_pair("patient", patient_id);
    if let Some(count) = source.policy.count.get(resource_type) {
        url.query_pairs_mut().append_pair("_count", &count.to_string());
    }
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{FhirVersion, Policy, Vendor},
        fhir::time::OffsetDirection,
        pull::mapping::HEADER,
        source::tests::source,
    };

    fn addresses(lines: &str, dates: &[RecordDate], extra: &str) -> Vec<String> {
        let mapping = Mapping::from_csv(&format!("{}\n{lines}", HEADER.join(","))).unwrap();
        let source = source(extra);
        let plan = Plan::new(
            &mapping,
            dates,
            Offset { days: 7, direction: OffsetDirection::Both },
            source.fhir_version,
        );
        let relative = |search: Search| search.url.as_str().replace("https://fhir.example/r4/t/", "");
        plan.searches(&source, "p/1").into_iter().map(relative).collect()
    }

    fn date(field: &str, event: Option<&str>, text: &str) -> RecordDate {
        RecordDate {
            field: field.into(),
            event: event.map(str::to_owned),
            anchor: Anchor::parse(text).unwrap(),
        }
    }

    #[test]
    fn codes_with_one_window_share_a_search_that_is_a_day_wider() {
        let lines = "29463-7,,w,v,,\n8480-6,,s,v,,\n29463-7,,w2,v,MIN,\n";
        let found = addresses(lines, &[date("v", None, "2020-01-10")], "");
        assert_eq!(
            found,
            [
                "Observation?patient=p%2F1&_count=200&code=29463-7%2C8480-6%2C85354-9%2C55284-4&date=ge2020-01-02&date=le2020-01-18"
            ]
        );
    }

    #[test]
    fn a_code_has_its_system_if_the_policy_says_so() {
        let with_system = r#", "policy": {"code_with_system": true}"#;
        let found = addresses("8302-2,,height,,,\n", &[], with_system);
        // O25: DSTU2 needs the system with each code.
        assert_eq!(found, ["Observation?patient=p%2F1&_count=200&code=http%3A%2F%2Floinc.org%7C8302-2"]);
        let dstu2 = Policy::build(Vendor::Oracle, FhirVersion::Dstu2, None).unwrap();
        let r4 = Policy::build(Vendor::Oracle, FhirVersion::R4, None).unwrap();
        assert!(dstu2.code_with_system && !r4.code_with_system);
    }

    #[test]
    fn the_date_of_the_event_is_used_and_nothing_is_requested_without_a_date() {
        let lines = "29463-7,,w,v,,e1\n29463-7,,w,v,,e2\n";
        let dates = [date("v", Some("e1"), "2020-01-10"), date("v", Some("e3"), "2021-01-10")];
        assert_eq!(addresses(lines, &dates, "").len(), 1);
        assert!(addresses(lines, &[], "").is_empty());
    }

    #[test]
    fn a_policy_splits_searches_for_observations_too() {
        let split =
            r#", "policy": {"searches": {"Observation": ["category=laboratory", "category=vital-signs"]}}"#;
        assert_eq!(
            addresses("29463-7,,w,v,,\n8480-6,,s,,,\n", &[date("v", None, "2020-01-10")], split)
                .iter()
                .map(|address| (address.contains("date="), address.rsplit('&').next().unwrap().to_owned()))
                .collect::<Vec<_>>(),
            [
                (false, "category=laboratory".to_owned()),
                (false, "category=vital-signs".to_owned()),
                (true, "category=laboratory".to_owned()),
                (true, "category=vital-signs".to_owned()),
            ]
        );
    }

    #[test]
    fn a_list_needs_no_date_and_a_policy_may_split_it() {
        let found = addresses("allergy-list,,a,,,\n", &[], "");
        assert_eq!(found, ["AllergyIntolerance?patient=p%2F1"]);
        let split = r#", "policy": {"searches": {"MedicationRequest": ["status=active", "status=stopped,completed"]}}"#;
        let found = addresses("active-medications-list,,a,,,\n", &[], split);
        assert_eq!(
            found,
            [
                "MedicationRequest?patient=p%2F1&status=active",
                "MedicationRequest?patient=p%2F1&status=stopped%2Ccompleted"
            ]
        );
    }
}
