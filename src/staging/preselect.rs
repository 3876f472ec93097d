//! Which of the values that compete for one place of the study record is preselected.

use crate::fields::{Value, number, time::Anchor};
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// Which of several values is marked for acceptance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Preselect {
    /// The smallest number.
    Min,
    /// The greatest number.
    Max,
    /// The earliest.
    First,
    /// The latest.
    Last,
    /// The one nearest to the record's date.
    Near,
}

impl Preselect {
    /// The rule that a mapping names.
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

/// What of a value decides on its order and on its selection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The first moment of its time, and the time's text.
    pub time: Option<(DateTime, String)>,
    /// The number, when it is one that can be compared.
    pub number: Option<String>,
    /// The resource's id.
    pub resource_id: String,
    /// Its place among the components of the resource.
    pub component: usize,
}

impl From<&Value> for Candidate {
    fn from(value: &Value) -> Self {
        Candidate {
            time: value.time.as_ref().map(|time| (time.earliest, time.text.clone())),
            number: value.number.clone(),
            resource_id: value.resource_id.clone(),
            component: value.position,
        }
    }
}

/// The values that compete for one place of the study record.
#[derive(Debug)]
pub struct Contest<'a> {
    /// The rule, that of the place's first line.
    pub preselect: Option<Preselect>,
    /// The record's date, for temporal lines.
    pub anchor: Option<Anchor>,
    /// The values, ordered with [`order`].
    pub values: Vec<&'a Candidate>,
    /// Whether all entries belong into the place together.
    pub is_list: bool,
}

/// The order of values: by time, what has none first; then by the time's text, so that a partial date
/// stands before a whole one; then by resource and component, so that every run gives the same.
pub fn order(a: &Candidate, b: &Candidate) -> Ordering {
    let place = |value: &Candidate| (value.resource_id.clone(), value.component);
    a.time.cmp(&b.time).then_with(|| place(a).cmp(&place(b)))
}

impl Contest<'_> {
    /// Which values are preselected, by their position.
    pub fn preselected(&self) -> Vec<usize> {
        if self.is_list {
            return (0..self.values.len()).collect();
        }
        if self.values.len() == 1 && self.preselect.is_none() {
            return vec![0];
        }
        let chosen = match self.preselect {
            Some(Preselect::Min) => self.extreme(Ordering::Less),
            Some(Preselect::Max) => self.extreme(Ordering::Greater),
            Some(Preselect::First) => self.timed().next().map(|(at, _)| at),
            Some(Preselect::Last) => self.latest(),
            Some(Preselect::Near) => self.nearest(),
            None => self.only_one_of_the_day(),
        };
        chosen.into_iter().collect()
    }

    fn timed(&self) -> impl Iterator<Item = (usize, DateTime)> {
        let moments = self.values.iter().enumerate();
        moments.filter_map(|(at, value)| Some((at, value.time.as_ref()?.0)))
    }

    /// The first of those that no other exceeds; what is no number is passed over.
    fn extreme(&self, wanted: Ordering) -> Option<usize> {
        let mut best: Option<(usize, &str)> = None;
        for (at, value) in self.values.iter().enumerate() {
            let Some(number) = value.number.as_deref() else { continue };
            if best.is_none_or(|(_, champion)| number::compare(number, champion) == wanted) {
                best = Some((at, number));
            }
        }
        best.map(|(at, _)| at)
    }

    fn latest(&self) -> Option<usize> {
        let last = self.timed().map(|(_, moment)| moment).max()?;
        self.timed().find(|(_, moment)| *moment == last).map(|(at, _)| at)
    }

    /// The smallest distance; of two equal ones the earlier.
    fn nearest(&self) -> Option<usize> {
        let center = self.anchor?.center();
        let distance = |moment: DateTime| moment.duration_since(center).unsigned_abs();
        self.timed().min_by_key(|(_, moment)| (distance(*moment), *moment)).map(|(at, _)| at)
    }

    /// Without a rule: the value of the record's very day, if it is the only one of that day.
    fn only_one_of_the_day(&self) -> Option<usize> {
        let day = self.anchor?.moment.date();
        let mut same = self.timed().filter(|(_, moment)| moment.date() == day);
        match (same.next(), same.next()) {
            (Some((at, _)), None) => Some(at),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::Json;
    use crate::fields::{Rules, catalogue, read};

    const RULES: Rules =
        Rules { include_preliminary: false, now: jiff::civil::datetime(2026, 1, 1, 0, 0, 0, 0) };

    fn observations(rows: &[(&str, &str)]) -> Vec<Candidate> {
        let field = catalogue::field("1-1").unwrap();
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

    fn chosen(rule: Option<Preselect>, anchor: &str, rows: &[(&str, &str)]) -> Vec<String> {
        let values = observations(rows);
        let contest = Contest {
            preselect: rule,
            anchor: Anchor::parse(anchor),
            values: values.iter().collect(),
            is_list: false,
        };
        contest.preselected().into_iter().map(|at| values[at].resource_id.clone()).collect()
    }

    fn quantity(text: &str) -> String {
        format!(r#""valueQuantity": {{"value": {text}}}"#)
    }

    #[test]
    fn rules_choose_and_ties_take_the_earlier() {
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
    fn without_a_rule_only_what_leaves_no_choice() {
        let one = quantity("1");
        let rows: [(&str, &str); 3] =
            [("2020-01-10T08:00:00Z", &one), ("2020-01-12", &one), ("2020-01-12", &one)];
        assert_eq!(chosen(None, "2020-01-10", &rows), ["o0"]);
        assert!(chosen(None, "2020-01-12", &rows).is_empty());
        assert!(chosen(None, "2020-01-11", &rows).is_empty());
        assert_eq!(chosen(None, "2020-01-11", &rows[..1]), ["o0"]);
    }
}
