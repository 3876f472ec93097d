//! Preselection: chooses one of the values for a study field.

use super::candidate::{Candidate, ResultKey, SentOffset, ValueTime};
use crate::fhir::{number, time::Anchor};
use serde::{Deserialize, Serialize};
use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

/// The rule that chooses one of several values. A preselected value is marked for acceptance on the review page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Preselect {
    /// The smallest number.
    Min,
    /// The greatest number.
    Max,
    /// The earliest value.
    First,
    /// The latest value.
    Last,
    /// The value nearest to the record's date.
    Near,
}

impl Preselect {
    /// The rule with this name in a mapping.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "MIN" => Some(Preselect::Min),
            "MAX" => Some(Preselect::Max),
            "FIRST" => Some(Preselect::First),
            "LAST" => Some(Preselect::Last),
            "NEAR" => Some(Preselect::Near),
            _ => None,
        }
    }
}

/// The values for one study field. The rule chooses one of them.
#[derive(Debug)]
pub struct PreselectionGroup<'a> {
    /// The rule of the first mapping line of the study field.
    pub preselect: Option<Preselect>,
    /// The date of the record, for lines with a window.
    pub anchor: Option<Anchor>,
    /// The values, in the order of [`super::candidate::order`].
    pub values: Vec<&'a Candidate>,
    /// Whether the values are the entries of a list, which are all preselected.
    pub is_list: bool,
}

/// The preselected values, and the reasons why other values are not preselected.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The positions of the preselected values.
    pub chosen: Vec<usize>,
    /// Sentences for the coordinator.
    pub reasons: Vec<String>,
}

impl PreselectionGroup<'_> {
    /// Chooses the preselected values.
    pub fn select(&self) -> Selection {
        let all = 0..self.values.len();
        if self.is_list {
            return Selection { chosen: all.collect(), reasons: Vec::new() };
        }
        let mut ranks: BTreeMap<ResultKey<'_>, u8> = BTreeMap::new();
        for value in &self.values {
            if let Some(key) = value.result_key() {
                let rank = ranks.entry(key).or_default();
                *rank = value.status_rank().max(*rank);
            }
        }
        let is_replaced = |at: &usize| {
            let value = self.values.get(*at);
            value.is_some_and(|one| {
                one.result_key().is_some_and(|key| ranks.get(&key) > Some(&one.status_rank()))
            })
        };
        let (in_unit, others): (Vec<usize>, Vec<usize>) = all
            .filter(|at| !is_replaced(at))
            .partition(|at| self.values.get(*at).is_some_and(|value| value.is_in_required_unit()));
        let mut reasons = Vec::new();
        reasons.extend(self.reason_for_other_units(&others));
        if in_unit.is_empty() {
            return Selection { chosen: Vec::new(), reasons };
        }
        let eligible = EligibleValues { group: self, positions: in_unit };
        let not_comparable = eligible.reasons_not_comparable();
        if !not_comparable.is_empty() {
            reasons.extend(not_comparable);
            return Selection { chosen: Vec::new(), reasons };
        }
        let chosen = eligible.choose();
        if chosen.is_none() {
            reasons.push(eligible.reason_for_none().to_owned());
        }
        Selection { chosen: chosen.into_iter().collect(), reasons }
    }

    fn reason_for_other_units(&self, others: &[usize]) -> Option<String> {
        let required = self.values.get(*others.first()?)?.required_unit.clone()?;
        let count = others.len();
        let (values, are) = if count == 1 { ("value", "is") } else { ("values", "are") };
        Some(format!("{count} {values} {are} not in the unit {required}, which the mapping requires."))
    }
}

/// The values of a group that the rule may choose: those in the required unit that no corrected result replaces.
struct EligibleValues<'a> {
    group: &'a PreselectionGroup<'a>,
    positions: Vec<usize>,
}

impl EligibleValues<'_> {
    fn values(&self) -> impl Iterator<Item = (usize, &Candidate)> {
        self.positions.iter().filter_map(|at| Some((*at, *self.group.values.get(*at)?)))
    }

    /// The reasons why the values cannot be compared with each other; empty when they can be.
    fn reasons_not_comparable(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        let units: BTreeSet<&str> = self.values().filter_map(|(_, value)| value.unit.as_deref()).collect();
        if units.len() > 1 {
            let named = |unit: &str| if unit.is_empty() { "none".to_owned() } else { unit.to_owned() };
            let units: Vec<String> = units.into_iter().map(named).collect();
            reasons.push(format!(
                "The values have different units ({}), which are not compared. Name one unit in the mapping.",
                units.join(", ")
            ));
        }
        let timed = self.values().filter(|(_, value)| value.instant.is_none());
        let offsets: BTreeSet<SentOffset> = timed.filter_map(|(_, value)| value.offset).collect();
        if offsets.len() > 1 {
            reasons.push(
                "The times have different UTC offsets, which are not compared. Set the source's time_zone."
                    .to_owned(),
            );
        }
        reasons
    }

    fn choose(&self) -> Option<usize> {
        match self.group.preselect {
            Some(Preselect::Min) => self.extreme(Ordering::Less),
            Some(Preselect::Max) => self.extreme(Ordering::Greater),
            Some(Preselect::First) => self.timed().next().map(|(at, _)| at),
            Some(Preselect::Last) => self.latest(),
            Some(Preselect::Near) => self.nearest(),
            None if self.positions.len() == 1 => self.positions.first().copied(),
            None => self.only_value_of_the_day(),
        }
    }

    fn reason_for_none(&self) -> &'static str {
        match self.group.preselect {
            Some(Preselect::Min | Preselect::Max) => {
                "No value is a number that can be compared. Limits such as >200 are not compared."
            }
            Some(Preselect::Near) if self.group.anchor.is_none() => {
                "NEAR needs a date of the record. Name the date field in the temporal_field column of the mapping."
            }
            Some(Preselect::Near) => "No value has a time. Limits such as >200 are not chosen.",
            Some(Preselect::First | Preselect::Last) => "No value has a time.",
            None => "There are several values, and the mapping has no preselect rule.",
        }
    }

    fn timed(&self) -> impl Iterator<Item = (usize, ValueTime)> {
        self.values().filter_map(|(at, value)| Some((at, value.value_time()?)))
    }

    /// The smallest number (`Less`) or the greatest number (`Greater`), and the earliest of equal ones. Values that are not numbers
    /// are skipped.
    fn extreme(&self, order: Ordering) -> Option<usize> {
        let mut best: Option<(usize, &str)> = None;
        for (at, value) in self.values() {
            let Some(number) = value.number.as_deref() else { continue };
            if best.is_none_or(|(_, best)| number::compare(number, best) == order) {
                best = Some((at, number));
            }
        }
        best.map(|(at, _)| at)
    }

    fn latest(&self) -> Option<usize> {
        let last = self.timed().map(|(_, time)| time).max()?;
        self.timed().find(|(_, time)| *time == last).map(|(at, _)| at)
    }

    /// The value nearest to the date of the record, and the earlier of two equally near ones. Limits are skipped, because they are
    /// not measured values.
    fn nearest(&self) -> Option<usize> {
        let center = self.group.anchor?.center();
        let distance = |time: ValueTime| time.wall_clock.duration_since(center).unsigned_abs();
        let measured = self.values().filter(|(_, value)| !value.limit);
        let timed = measured.filter_map(|(at, value)| Some((at, value.value_time()?)));
        timed.min_by_key(|(_, time)| (distance(*time), *time)).map(|(at, _)| at)
    }

    /// The value of the day of the record's date, if it is the only one of that day. It is used without a rule.
    fn only_value_of_the_day(&self) -> Option<usize> {
        let day = self.group.anchor?.moment.date();
        let mut of_the_day = self.timed().filter(|(_, time)| time.wall_clock.date() == day);
        match (of_the_day.next(), of_the_day.next()) {
            (Some((at, _)), None) => Some(at),
            _ => None,
        }
    }
}

/// Why the rules preselected no value for a study field, or left some of its values out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct NotPreselected {
    /// The field of the study record.
    pub study_field: String,
    /// The event of the study record, or empty.
    pub event: String,
    /// The field of the EHR in the first mapping line of the study field.
    pub source_field: String,
    /// One sentence for the coordinator.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::super::candidate::order;
    use super::*;
    use crate::{
        fhir::Json,
        fields::{Rules, catalog, read},
    };

    const RULES: Rules =
        Rules { include_preliminary: false, now: jiff::civil::datetime(2026, 1, 1, 0, 0, 0, 0) };

    fn observations(rows: &[(&str, &str)]) -> Vec<Candidate> {
        let field = catalog::field("1-1").unwrap();
        let mut values = Vec::new();
        for (number, (time, value)) in rows.iter().enumerate() {
            let json = format!(
                r#"{{"resourceType": "Observation", "id": "o{number}", "status": "final", "code": {{"coding": [{{"code": "1-1"}}]}},
                    "effectiveDateTime": "{time}", {value}}}"#
            );
            let read = read(&field, &Json::parse(&json).unwrap(), &RULES).unwrap();
            values.extend(read.iter().map(Candidate::from));
        }
        values.sort_by(order);
        values
    }

    fn selection(rule: Option<Preselect>, anchor: &str, values: &[Candidate]) -> (Vec<String>, Vec<String>) {
        let group = PreselectionGroup {
            preselect: rule,
            anchor: Anchor::parse(anchor),
            values: values.iter().collect(),
            is_list: false,
        };
        let Selection { chosen, reasons } = group.select();
        (chosen.into_iter().map(|at| values[at].resource_id.clone()).collect(), reasons)
    }

    fn chosen(rule: Option<Preselect>, anchor: &str, rows: &[(&str, &str)]) -> Vec<String> {
        selection(rule, anchor, &observations(rows)).0
    }

    const RULES_OF_A_MAPPING: [Option<Preselect>; 6] = [
        None,
        Some(Preselect::Min),
        Some(Preselect::Max),
        Some(Preselect::First),
        Some(Preselect::Last),
        Some(Preselect::Near),
    ];

    fn in_unit(value: &str, unit: &str) -> String {
        format!(
            r#""valueQuantity": {{"value": {value}, "unit": "{unit}", "system": "http://unitsofmeasure.org", "code": "{unit}"}}"#
        )
    }

    #[test]
    fn values_of_several_units_are_not_compared_and_the_reason_is_returned() {
        let (kg, lb) = (in_unit("80", "kg"), in_unit("176", "[lb_av]"));
        let rows: [(&str, &str); 2] = [("2020-01-10", &kg), ("2020-01-12", &lb)];
        let bare: [(&str, &str); 2] = [("2020-01-10", &kg), ("2020-01-12", r#""valueInteger": 7"#)];
        for rule in RULES_OF_A_MAPPING {
            let (chosen, reasons) = selection(rule, "2020-01-10", &observations(&rows));
            assert!(chosen.is_empty(), "{rule:?}");
            assert_eq!(reasons.len(), 1);
            assert!(reasons[0].contains("different units ([lb_av], kg)"), "{reasons:?}");
            let (chosen, reasons) = selection(rule, "2020-01-10", &observations(&bare));
            assert!(chosen.is_empty() && reasons[0].contains("(none, kg)"), "{rule:?} {reasons:?}");
        }
        let words: [(&str, &str); 2] = [("2020-01-10", &kg), ("2020-01-12", r#""valueString": "see note""#)];
        assert_eq!(chosen(Some(Preselect::Last), "", &words), ["o1"], "words have no unit");
    }

    #[test]
    fn only_values_in_the_required_unit_are_chosen_and_the_others_are_reported() {
        let (kg, lb) = (in_unit("80", "kg"), in_unit("176", "[lb_av]"));
        let with_unit = |rows: &[(&str, &str)]| -> Vec<Candidate> {
            let require = |one| Candidate { required_unit: Some("kg".to_owned()), ..one };
            observations(rows).into_iter().map(require).collect()
        };
        let mixed = with_unit(&[("2020-01-10", &kg), ("2020-01-12", &lb)]);
        for rule in RULES_OF_A_MAPPING {
            let (chosen, reasons) = selection(rule, "2020-01-10", &mixed);
            assert_eq!(chosen, ["o0"], "{rule:?}");
            assert_eq!(reasons, ["1 value is not in the unit kg, which the mapping requires."]);
        }
        let (chosen, reasons) = selection(None, "2020-01-10", &with_unit(&[("2020-01-12", &lb)]));
        assert_eq!((chosen.len(), reasons.len()), (0, 1));
    }

    #[test]
    fn a_numeric_rule_never_chooses_a_limit_and_a_rule_about_time_may() {
        let limit = r#""valueQuantity": {"value": 200, "comparator": ">"}"#;
        let range = r#""valueRange": {"high": {"value": 30}}"#;
        for value in [limit, range] {
            let alone: [(&str, &str); 1] = [("2020-01-10", value)];
            for rule in [Preselect::Min, Preselect::Max, Preselect::Near] {
                let (chosen, reasons) = selection(Some(rule), "2020-01-10", &observations(&alone));
                assert!(
                    chosen.is_empty() && reasons[0].contains("Limits such as >200"),
                    "{rule:?} {reasons:?}"
                );
            }
            for rule in [None, Some(Preselect::First), Some(Preselect::Last)] {
                assert_eq!(chosen(rule, "2020-01-10", &alone), ["o0"], "{rule:?}");
            }
        }
    }

    #[test]
    fn a_corrected_result_replaces_the_final_one_of_the_same_time() {
        let row = |id: &str, time: &str, number: &str, status: &str| {
            let one = observations(&[(time, &quantity(number))]).remove(0);
            Candidate { resource_id: id.to_owned(), status: Some(status.to_owned()), ..one }
        };
        for status in ["corrected", "amended"] {
            let mut values = [
                row("final", "2020-01-10T08:00:00Z", "90", "final"),
                row("later", "2020-01-11T08:00:00Z", "70", "final"),
                row("right", "2020-01-10T08:00:00Z", "80", status),
            ];
            values.sort_by(order);
            for (rule, expected) in [
                (Some(Preselect::Max), "right"),
                (Some(Preselect::First), "right"),
                (Some(Preselect::Near), "right"),
                (None, "right"),
                (Some(Preselect::Last), "later"),
            ] {
                assert_eq!(selection(rule, "2020-01-10", &values).0, [expected], "{rule:?}");
            }
        }
    }

    #[test]
    fn a_candidate_is_the_same_after_it_was_stored() {
        let one = quantity("1");
        let candidates = observations(&[
            ("2020-01-10", &one),
            ("2020-01-10T08:00:00", &one),
            ("2020-01-10T08:00:00Z", &one),
            (
                "2020-01-10T08:00:00-05:00",
                r#""valueQuantity": {"value": 9, "comparator": "<", "unit": "kg"}"#,
            ),
        ]);
        let offsets: BTreeSet<_> = candidates.iter().map(|candidate| candidate.offset).collect();
        assert_eq!(offsets.len(), 4);
        for candidate in candidates {
            let stored = serde_json::to_string(&candidate).unwrap();
            assert_eq!(serde_json::from_str::<Candidate>(&stored).unwrap(), candidate, "{stored}");
        }
    }

    #[test]
    fn times_of_several_offsets_are_compared_only_with_a_time_zone() {
        let one = quantity("1");
        let rows: [(&str, &str); 2] = [("2020-01-10T08:00:00-05:00", &one), ("2020-01-10T12:00:00Z", &one)];
        let mixed = observations(&rows);
        for rule in RULES_OF_A_MAPPING {
            let (chosen, reasons) = selection(rule, "2020-01-10", &mixed);
            assert!(
                chosen.is_empty() && reasons[0].contains("different UTC offsets"),
                "{rule:?} {reasons:?}"
            );
        }
        let bare: [(&str, &str); 2] = [("2020-01-10T08:00:00", &one), ("2020-01-10T12:00:00Z", &one)];
        assert!(chosen(Some(Preselect::Last), "", &bare).is_empty());
        let date: [(&str, &str); 2] = [("2020-01-10", &one), ("2020-01-10T12:00:00Z", &one)];
        assert_eq!(chosen(Some(Preselect::Last), "", &date), ["o1"], "a date has no offset");
        let zone = crate::clock::time_zone("America/New_York").unwrap();
        let at_site = |rows: &[(&str, &str)]| {
            let mut values: Vec<Candidate> = observations(rows);
            for value in &mut values {
                let text = value.time.take().unwrap().1;
                let time = crate::fhir::time::FhirTime::parse(&text).unwrap().at_site(&zone);
                (value.instant, value.time) = (time.instant, Some((time.earliest, time.text)));
            }
            values.sort_by(order);
            values
        };
        let first = |rows: &[(&str, &str)]| selection(Some(Preselect::First), "", &at_site(rows)).0;
        assert_eq!(first(&rows), ["o1"], "12:00 UTC is 07:00 there");
        assert_eq!(first(&bare), ["o1"]);
        // The hour that the clock shows twice: 01:50 before the change, 01:10 after it.
        let twice: [(&str, &str); 2] = [("2024-11-03T06:10:00Z", &one), ("2024-11-03T05:50:00Z", &one)];
        assert_eq!(first(&twice), ["o1"]);
        assert_eq!(selection(Some(Preselect::Last), "", &at_site(&twice)).0, ["o0"]);
    }

    #[test]
    fn a_candidate_that_was_stored_before_units_and_offsets_is_still_read() {
        let old = r#"{"time": ["2020-01-10T08:00:00", "2020-01-10T08:00:00Z"], "number": "1", "resource_id": "o", "component": 0}"#;
        let read: Candidate = serde_json::from_str(old).unwrap();
        assert_eq!((read.unit, read.offset, read.limit), (None, None, false));
    }

    fn quantity(text: &str) -> String {
        format!(r#""valueQuantity": {{"value": {text}}}"#)
    }

    #[test]
    fn each_rule_chooses_a_value_and_the_earlier_of_equal_ones() {
        let (one, two, less) =
            (quantity("1"), quantity("2.0"), r#""valueQuantity": {"value": 9, "comparator": "<"}"#);
        let rows: [(&str, &str); 5] = [
            ("2020-01-10T08:00:00Z", &two),
            ("2020-01-12", &one),
            ("2020-01-08T12:00:00Z", &one),
            ("2020-01-09", less),
            ("2020-01-11T16:00:00Z", &two),
        ];
        assert_eq!(chosen(Some(Preselect::Min), "", &rows), ["o2"]);
        assert_eq!(chosen(Some(Preselect::Max), "", &rows), ["o0"]);
        assert_eq!(chosen(Some(Preselect::First), "", &rows), ["o2"]);
        assert_eq!(chosen(Some(Preselect::Last), "", &rows), ["o1"]);
        assert_eq!(chosen(Some(Preselect::Near), "2020-01-10T07:00", &rows), ["o0"]);
        // Noon of the 10th is 28 hours from both o4 and o2's neighbour; a day's noon is its center.
        let tie: [(&str, &str); 2] = [("2020-01-11T12:00:00Z", &one), ("2020-01-09T12:00:00Z", &two)];
        assert_eq!(chosen(Some(Preselect::Near), "2020-01-10", &tie), ["o1"]);
        assert!(
            chosen(Some(Preselect::Max), "", &[("2020", r#""valueString": "x""#), ("2021", less)]).is_empty()
        );
    }

    #[test]
    fn without_a_rule_only_a_single_value_is_chosen() {
        let one = quantity("1");
        let rows: [(&str, &str); 3] =
            [("2020-01-10T08:00:00Z", &one), ("2020-01-12", &one), ("2020-01-12", &one)];
        assert_eq!(chosen(None, "2020-01-10", &rows), ["o0"]);
        assert!(chosen(None, "2020-01-12", &rows).is_empty());
        assert!(chosen(None, "2020-01-11", &rows).is_empty());
        assert_eq!(chosen(None, "2020-01-11", &rows[..1]), ["o0"]);
    }
}
