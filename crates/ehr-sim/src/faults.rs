//! Faults on demand: what can go wrong at a real EHR, switched on for all or for the next requests.

/// A fault that exists, for `--help` and `--fault help`.
#[derive(Debug, Clone, Copy)]
pub struct FaultDoc {
    /// The name, with its argument if it has one.
    pub usage: &'static str,
    /// What it does.
    pub effect: &'static str,
    argument: Argument,
    target: Target,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Argument {
    None,
    Number,
    Text,
    /// Takes all that follows, colons too (an HTTP date), so no count.
    Rest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// FHIR reads and searches.
    Fhir,
    Token,
}

const fn doc(usage: &'static str, effect: &'static str, argument: Argument, target: Target) -> FaultDoc {
    FaultDoc { usage, effect, argument, target }
}

/// All faults there are.
pub const FAULTS: &[FaultDoc] = &[
    doc("fhir-status:CODE", "FHIR requests are answered with this status", Argument::Number, Target::Fhir),
    doc("token-status:CODE", "token requests are answered with this status", Argument::Number, Target::Token),
    doc(
        "retry-after:SECONDS|DATE",
        "errors made by the two above carry this Retry-After",
        Argument::Rest,
        Target::Fhir,
    ),
    doc("html-error", "500 with an HTML page, as from a proxy", Argument::None, Target::Fhir),
    doc("empty-body", "200 without a body", Argument::None, Target::Fhir),
    doc("fhir-body:JSON", "200 with this body, whatever was asked", Argument::Rest, Target::Fhir),
    doc(
        "status-of-success:CODE",
        "a good answer carries this status, such as 206",
        Argument::Number,
        Target::Fhir,
    ),
    doc(
        "bundle-type:TYPE",
        "a search set says that it is a Bundle of this type",
        Argument::Text,
        Target::Fhir,
    ),
    doc(
        "total-plus:NUMBER",
        "Bundle.total counts this many matches more than there are",
        Argument::Number,
        Target::Fhir,
    ),
    doc(
        "truncated-json",
        "half of the body, with a Content-Length that fits it",
        Argument::None,
        Target::Fhir,
    ),
    doc("wrong-media-type", "good JSON labelled text/html", Argument::None, Target::Fhir),
    doc(
        "next-foreign-origin",
        "the next link leads to http://localhost:PORT, another origin",
        Argument::None,
        Target::Fhir,
    ),
    doc("next-loop", "the next link leads to the same page", Argument::None, Target::Fhir),
    doc("next-relative", "the next link is relative to the FHIR base", Argument::None, Target::Fhir),
    doc(
        "page-repeats",
        "a page begins with the last entry of the one before (O27)",
        Argument::None,
        Target::Fhir,
    ),
    doc(
        "outcome-in-searchset",
        "an OperationOutcome entry in each search set (E17)",
        Argument::None,
        Target::Fhir,
    ),
    doc("other-patient", "one entry of a search belongs to another patient", Argument::None, Target::Fhir),
    doc(
        "two-patients",
        "an identifier search finds a second Patient with the same identifier (O23)",
        Argument::None,
        Target::Fhir,
    ),
    doc("slow:MILLISECONDS", "the answer comes late", Argument::Number, Target::Fhir),
    doc("never-answers", "the request is read and nothing comes back", Argument::None, Target::Fhir),
    doc("close-early", "the connection ends in the middle of the body", Argument::None, Target::Fhir),
    doc("huge-body:BYTES", "the body is preceded by this many spaces", Argument::Number, Target::Fhir),
    doc(
        "refused-token-status:CODE",
        "a refused access token is answered with this status instead of 401",
        Argument::Number,
        Target::Fhir,
    ),
    doc(
        "token-answer:JSON",
        "token requests are answered with this body; the status is 200, or that of token-status",
        Argument::Rest,
        Target::Token,
    ),
    doc(
        "code-before-client",
        "an unknown code is refused before the client is looked at, whatever its secret",
        Argument::None,
        Target::Token,
    ),
    doc(
        "bad-code-is-invalid-request",
        "a bad code is refused with invalid_request instead of invalid_grant (FusionAuth)",
        Argument::None,
        Target::Token,
    ),
    doc("no-expires-in", "the token answer has no expires_in", Argument::None, Target::Token),
    doc("expires-in-string", "expires_in is a string", Argument::None, Target::Token),
    doc("no-token-type", "the token answer has no token_type", Argument::None, Target::Token),
    doc("lower-case-bearer", "token_type is bearer", Argument::None, Target::Token),
    doc("token-text-plain", "the token answer is labelled text/plain", Argument::None, Target::Token),
    doc("missing-access-token", "the token answer has no access_token", Argument::None, Target::Token),
    doc("redirect-foreign", "302 to http://localhost:PORT, another origin", Argument::None, Target::Fhir),
    doc(
        "deny-type:TYPE",
        "403 for one resource type, though the scope was granted (O34)",
        Argument::Text,
        Target::Fhir,
    ),
    doc(
        "required-missing:TYPE",
        "500 OperationOutcome fatal/required for searches of one type (O22)",
        Argument::Text,
        Target::Fhir,
    ),
    doc(
        "ignore-search-params",
        "searches give all of the type that the token may see, whatever was asked",
        Argument::None,
        Target::Fhir,
    ),
    doc("page-expired", "next pages are refused (E18 4113)", Argument::None, Target::Fhir),
];

impl FaultDoc {
    /// The name without the argument.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.usage.split(':').next().unwrap_or(self.usage)
    }
}

/// A fault that is switched on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    pub(crate) argument: String,
    /// How many requests it still meets; none means all.
    pub(crate) remaining: Option<u32>,
    /// `token`, `discovery` or a resource type: what it meets instead of all FHIR requests.
    pub(crate) only: Option<String>,
    target: Target,
}

impl std::str::FromStr for Fault {
    type Err = String;

    /// Reads `NAME[:ARG][:N][@token|@discovery|@ResourceType]`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (text, only) = match text.rsplit_once('@') {
            Some((text, only)) if !only.is_empty() => (text, Some(only.to_owned())),
            _ => (text, None),
        };
        let (name, rest) = text.split_once(':').unwrap_or((text, ""));
        let doc = FAULTS
            .iter()
            .find(|doc| doc.name() == name)
            .ok_or_else(|| format!("there is no fault {name:?}; there are:\n{}", list()))?;
        let usage = || format!("the fault is written {}[:N]", doc.usage);
        let (argument, count) = match doc.argument {
            Argument::None => ("", rest),
            Argument::Rest => (rest, ""),
            Argument::Number | Argument::Text => rest.split_once(':').unwrap_or((rest, "")),
        };
        if doc.argument != Argument::None && argument.is_empty()
            || doc.argument == Argument::Number && argument.parse::<u64>().is_err()
        {
            return Err(usage());
        }
        let remaining = match count {
            "" => None,
            number => Some(number.parse().map_err(|_| usage())?),
        };
        Ok(Self { name: doc.name(), argument: argument.to_owned(), remaining, only, target: doc.target })
    }
}

/// The faults with their effects, one a line.
pub(crate) fn list() -> String {
    FAULTS.iter().map(|doc| format!("  {:<26} {}\n", doc.usage, doc.effect)).collect()
}

/// What a request is, for choosing the faults it meets.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Aim<'a> {
    Fhir(&'a str),
    Discovery,
    Token,
}

/// The faults that are on.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

/// The faults one request meets.
#[derive(Debug, Default, Clone)]
pub(crate) struct Met(Vec<Fault>);

impl Faults {
    pub(crate) fn set(&mut self, fault: Fault) {
        // Two types can be denied at once; any other fault is there once for a target.
        let many = matches!(fault.name, "deny-type" | "required-missing");
        self.0.retain(|other| {
            other.name != fault.name || other.only != fault.only || many && other.argument != fault.argument
        });
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The faults that meet a request; those for a number of requests count down.
    pub(crate) fn meet(&mut self, aim: Aim<'_>) -> Met {
        let mut met = Vec::new();
        for fault in &mut self.0 {
            if fault.meets(aim) {
                if let Some(remaining) = &mut fault.remaining {
                    if *remaining == 0 {
                        continue;
                    }
                    *remaining -= 1;
                }
                met.push(fault.clone());
            }
        }
        Met(met)
    }
}

impl Fault {
    fn meets(&self, aim: Aim<'_>) -> bool {
        // Retry-After rides on both kinds of error.
        if self.name == "retry-after" && self.only.is_none() {
            return true;
        }
        if matches!(self.name, "deny-type" | "required-missing") {
            return matches!(aim, Aim::Fhir(resource_type) if resource_type == self.argument);
        }
        match (self.only.as_deref(), aim) {
            (None, Aim::Fhir(_)) | (Some("fhir"), Aim::Fhir(_)) => self.target == Target::Fhir,
            (None, Aim::Token) => self.target == Target::Token,
            (Some("token"), Aim::Token) | (Some("discovery"), Aim::Discovery) => true,
            (Some(only), Aim::Fhir(resource_type)) => only == resource_type,
            _ => false,
        }
    }
}

impl Met {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|fault| fault.name == name)
    }

    pub(crate) fn argument(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|fault| fault.name == name).map(|fault| fault.argument.as_str())
    }

    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.argument(name)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_counts_down_and_has_a_target() {
        let mut faults = Faults::default();
        faults.set("fhir-status:503:1".parse().expect("a fault"));
        faults.set("slow:5@token".parse().expect("a fault"));
        assert!(!faults.meet(Aim::Token).has("fhir-status"));
        assert!(faults.meet(Aim::Token).has("slow"));
        assert_eq!(faults.meet(Aim::Fhir("Patient")).number("fhir-status"), Some(503));
        assert!(!faults.meet(Aim::Fhir("Patient")).has("fhir-status"));
    }

    #[test]
    fn an_unknown_fault_lists_what_there_is() {
        let error = "nonsense".parse::<Fault>().expect_err("no such fault");
        assert!(error.contains("never-answers"));
        let date = "retry-after:Wed, 21 Oct 2026 07:28:00 GMT".parse::<Fault>().expect("a date");
        assert!(date.argument.ends_with("GMT"));
    }
}
