//! OperationOutcome: the issues of an answer, worst first; several may stand in one (E17, E18).

use super::Json;

/// How bad an issue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// For information.
    Information,
    /// The answer is good but not as asked.
    Warning,
    /// The request failed.
    Error,
    /// The server failed.
    Fatal,
}

/// One issue. Its texts are not kept: they may repeat identifiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// How bad it is.
    pub severity: Severity,
    /// FHIR's own issue type, such as `forbidden`.
    pub kind: String,
    /// The vendor's code, such as 4101.
    pub vendor_code: Option<String>,
}

impl Issue {
    /// Whether the server says that it leaves data out: "no results" (4101) and "there may be more
    /// elsewhere" (4119) do not, a suppressed or forbidden part (59204, 4118, break-the-glass) does (E18).
    pub fn withholds(&self) -> bool {
        const CODES: [&str; 6] = ["59204", "4118", "4130", "4131", "4134", "4135"];
        const KINDS: [&str; 6] =
            ["suppressed", "forbidden", "security", "incomplete", "too-costly", "timeout"];
        let by_code = self.vendor_code.as_deref().is_some_and(|code| CODES.contains(&code));
        by_code || KINDS.contains(&self.kind.as_str()) || self.severity >= Severity::Error
    }

    /// The vendor's code, or FHIR's.
    pub fn code(&self) -> &str {
        self.vendor_code.as_deref().unwrap_or(&self.kind)
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
    let word =
        |json: &Json| json.text().map(|text| text.chars().filter(char::is_ascii_graphic).take(40).collect());
    let vendor_code =
        issue.at(&["details", "coding"]).items().iter().find_map(|coding| word(coding.get("code")));
    Issue { severity, kind: word(issue.get("code")).unwrap_or_default(), vendor_code }
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
}
