//! OperationOutcome: the issues of an answer, the worst first (E17, E18).

use super::Json;
use crate::error::{Owner, Retry};
use once_cell::sync::Lazy;
use std::collections::BTreeMap;

/// The severity of an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// For information.
    Information,
    /// The answer is usable, but differs from the request.
    Warning,
    /// The request failed.
    Error,
    /// The server failed.
    Fatal,
}

/// The effect of an issue on the answer that contains it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Nothing is missing.
    Remark,
    /// Data is missing.
    Withholds,
    /// Data is missing because the sign-in may not read it.
    Denies,
}

const TABLE: &str = include_str!("outcome_codes.tsv");

/// What the table says about a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    effect: Effect,
    /// Who can fix it. `None`: as the error's code says.
    pub owner: Option<Owner>,
    /// When to retry. `None`: as the error's code says.
    pub retry: Option<Retry>,
    /// Whether the retry makes sense on the next day only.
    pub is_daily: bool,
    /// Why, in a plain sentence.
    pub cause: &'static str,
}

/// The lines of the table, by system and code.
static LINES: Lazy<BTreeMap<(&str, &str), Line>> = Lazy::new(|| {
    let row = |line: &'static str| {
        let mut cells = line.split('\t');
        let key = (cells.next()?, cells.next()?);
        let effect = match cells.next()? {
            "remark" => Effect::Remark,
            "withholds" => Effect::Withholds,
            "denies" => Effect::Denies,
            _ => return None,
        };
        let owner = match cells.next()? {
            "-" => None,
            word => Some(Owner::from_name(word)?),
        };
        let (retry, is_daily) = match cells.next()? {
            "-" => (None, false),
            "tomorrow" => (Some(Retry::Later), true),
            word => (Some(Retry::from_name(word)?), false),
        };
        Some((key, Line { effect, owner, retry, is_daily, cause: cells.next()? }))
    };
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(row).collect()
});

/// The line of one of Epic's codes (E18).
fn epic(code: &str) -> Option<Line> {
    LINES.get(&("epic", code)).copied()
}

/// One issue. Its texts are not kept, because they may contain identifiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// The severity.
    pub severity: Severity,
    /// The FHIR issue type, such as `forbidden`.
    pub kind: String,
    /// The codes of the vendor, such as 4101.
    pub vendor_codes: Vec<String>,
}

impl Issue {
    /// The effect of the issue. A vendor code that the table lists decides; of several, the one with the worst effect. Otherwise
    /// the FHIR issue type decides, and an error is never only a remark. An issue type that FHIR does not define counts as
    /// missing data.
    pub fn effect(&self) -> Effect {
        let vendor = self.vendor_codes.iter().filter_map(|code| epic(code)).map(|line| line.effect).max();
        if let Some(effect) = vendor {
            return effect;
        }
        let by_type = self.type_line().map_or(Effect::Withholds, |line| line.effect);
        if self.severity >= Severity::Error { by_type.max(Effect::Withholds) } else { by_type }
    }

    /// Whether the answer lacks data that was requested.
    pub fn withholds(&self) -> bool {
        self.effect() != Effect::Remark
    }

    /// Whether the answer lacks data because the sign-in may not read it.
    pub fn denies(&self) -> bool {
        self.effect() == Effect::Denies
    }

    /// The code that decides the effect: the vendor's, or the FHIR issue type.
    pub fn code(&self) -> &str {
        let decisive = self.vendor_codes.iter().max_by_key(|code| epic(code).map(|line| line.effect));
        decisive.map_or(&self.kind, String::as_str)
    }

    /// The table's line for that code, or else for the FHIR issue type.
    pub fn line(&self) -> Option<Line> {
        epic(self.code()).or_else(|| self.type_line())
    }

    fn type_line(&self) -> Option<Line> {
        LINES.get(&("fhir", self.kind.as_str())).copied()
    }
}

/// The issues of an OperationOutcome, the worst first.
pub fn issues(outcome: &Json) -> Vec<Issue> {
    let mut issues: Vec<Issue> = outcome.get("issue").items().iter().map(issue).collect();
    issues.sort_by_key(|issue| std::cmp::Reverse(issue.severity));
    issues
}

fn issue(issue: &Json) -> Issue {
    let severity = match super::token(issue.get("severity")).as_str() {
        "information" => Severity::Information,
        "warning" => Severity::Warning,
        "fatal" => Severity::Fatal,
        _ => Severity::Error,
    };
    let word = |json: &Json| -> Option<String> {
        json.text().map(|text| text.chars().filter(char::is_ascii_graphic).take(40).collect())
    };
    let codings = issue.at(&["details", "coding"]).items().iter();
    let vendor_codes = codings.filter_map(|coding| word(coding.get("code"))).collect();
    Issue { severity, kind: word(issue.get("code")).unwrap_or_default().to_ascii_lowercase(), vendor_codes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_issue_comes_first() {
        let outcome = Json::parse(
            r#"{"issue": [{"severity": "warning", "code": "processing", "details": {"coding": [{"code": "4119"}]}},
                          {"severity": "error ", "code": "forbidden"}, {"severity": "odd"}]}"#,
        );
        let issues = issues(&outcome.unwrap());
        assert_eq!(issues[0].kind, "forbidden");
        assert_eq!(issues[2].code(), "4119");
        assert_eq!(issues.iter().map(Issue::withholds).collect::<Vec<_>>(), [true, true, false]);
    }

    #[test]
    fn the_code_of_an_issue_decides_its_effect_and_not_the_severity() {
        for (severity, kind, vendor, effect) in [
            ("warning", "suppressed", "", Effect::Denies),
            ("information", "suppressed", "", Effect::Denies),
            ("warning", "processing", "59204", Effect::Denies),
            ("information", "informational", "59204", Effect::Denies),
            ("warning", "processing", "4101", Effect::Remark),
            ("error", "not-found", "4101", Effect::Remark),
            ("warning", "incomplete", "4119", Effect::Remark),
            ("information", "incomplete", "", Effect::Withholds),
            ("warning", "processing", "", Effect::Remark),
            ("error", "processing", "", Effect::Withholds),
            ("warning", "processing", "77777", Effect::Remark),
            ("error", "processing", "77777", Effect::Withholds),
            ("information", "Informational", "", Effect::Remark),
            ("information", "no-such-type", "", Effect::Withholds),
            ("information", "", "", Effect::Withholds),
            ("fatal", "forbidden", "", Effect::Denies),
        ] {
            let vendor_codes = if vendor.is_empty() {
                String::new()
            } else {
                format!(r#", "details": {{"coding": [{{"code": "unlisted"}}, {{"code": "{vendor}"}}]}}"#)
            };
            let text =
                format!(r#"{{"issue": [{{"severity": "{severity}", "code": "{kind}" {vendor_codes}}}]}}"#);
            let found = &issues(&Json::parse(&text).unwrap())[0];
            assert_eq!(found.effect(), effect, "{severity} {kind} {vendor}");
        }
    }

    #[test]
    fn every_line_of_the_table_is_read_and_every_issue_type_of_r4_is_listed() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(LINES.len(), lines);
        let epic = LINES.keys().filter(|(system, _)| *system == "epic").count();
        assert_eq!(epic, 38, "E18: 37 codes, and 59204");
        assert_eq!(LINES.keys().filter(|(system, _)| *system == "fhir").count(), 32);
    }
}
