//! Faults on demand: errors of real EHRs, set for all requests or for the next few.

/// A fault, for `--help` and `--fault help`.
#[derive(Debug, Clone, Copy)]
pub struct FaultDoc {
    /// The name, with its argument if it has one.
    pub usage: &'static str,
    /// What it does, as part of a sentence.
    pub effect: &'static str,
    argument: Argument,
    endpoint: Endpoint,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Argument {
    None,
    Number,
    Text,
    /// A number that can be negative. The fault cannot have a count.
    SignedRest,
    /// The rest of the text with its colons (an HTTP date, JSON). The fault cannot have a count.
    Rest,
}

/// Where a fault without a target applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Endpoint {
    /// FHIR reads and searches.
    Fhir,
    Token,
    Discovery,
    /// The redirect to the application.
    Callback,
}

const fn doc(usage: &'static str, effect: &'static str, argument: Argument, endpoint: Endpoint) -> FaultDoc {
    FaultDoc { usage, effect, argument, endpoint }
}

/// All faults.
pub const FAULTS: &[FaultDoc] = &[
    doc("fhir-status:CODE", "FHIR requests get an error with this status", Argument::Number, Endpoint::Fhir),
    doc(
        "token-status:CODE",
        "token requests get an error with this status",
        Argument::Number,
        Endpoint::Token,
    ),
    doc(
        "retry-after:SECONDS|DATE",
        "the errors of the two faults above have this Retry-After",
        Argument::Rest,
        Endpoint::Fhir,
    ),
    doc("html-error", "500 with an HTML page, as from a proxy", Argument::None, Endpoint::Fhir),
    doc("empty-body", "200 without a body", Argument::None, Endpoint::Fhir),
    doc("fhir-body:JSON", "200 with this body for every FHIR request", Argument::Rest, Endpoint::Fhir),
    doc(
        "status-of-success:CODE",
        "a successful answer has this status, such as 206",
        Argument::Number,
        Endpoint::Fhir,
    ),
    doc("bundle-type:TYPE", "the Bundle of a search has this type", Argument::Text, Endpoint::Fhir),
    doc("total-plus:NUMBER", "Bundle.total is too large by this number", Argument::Number, Endpoint::Fhir),
    doc(
        "truncated-json",
        "half of the body, with a Content-Length that matches",
        Argument::None,
        Endpoint::Fhir,
    ),
    doc("wrong-media-type", "correct JSON with the media type text/html", Argument::None, Endpoint::Fhir),
    doc(
        "next-foreign-origin",
        "the next link leads to http://localhost:PORT, another origin",
        Argument::None,
        Endpoint::Fhir,
    ),
    doc("next-loop", "the next link leads to the same page", Argument::None, Endpoint::Fhir),
    doc("next-relative", "the next link is relative to the FHIR base URL", Argument::None, Endpoint::Fhir),
    doc(
        "page-repeats",
        "a page begins with the last entry of the previous page (O27)",
        Argument::None,
        Endpoint::Fhir,
    ),
    doc(
        "outcome-in-searchset",
        "each search set has an OperationOutcome entry (E17)",
        Argument::None,
        Endpoint::Fhir,
    ),
    doc("other-patient", "a search set has an entry of another patient", Argument::None, Endpoint::Fhir),
    doc(
        "two-patients",
        "a search by identifier finds a second Patient with the same identifier (O23)",
        Argument::None,
        Endpoint::Fhir,
    ),
    doc("slow:MILLISECONDS", "the answer is delayed", Argument::Number, Endpoint::Fhir),
    doc("never-answers", "the request is read but never answered", Argument::None, Endpoint::Fhir),
    doc("close-early", "the connection closes in the middle of the body", Argument::None, Endpoint::Fhir),
    doc("huge-body:BYTES", "this many spaces come before the body", Argument::Number, Endpoint::Fhir),
    doc(
        "refused-token-status:CODE",
        "a refused access token gets this status instead of 401",
        Argument::Number,
        Endpoint::Fhir,
    ),
    doc(
        "token-answer:JSON",
        "token requests get this body, with status 200 or that of token-status",
        Argument::Rest,
        Endpoint::Token,
    ),
    doc(
        "code-before-client",
        "an unknown code is refused before the client is authenticated",
        Argument::None,
        Endpoint::Token,
    ),
    doc(
        "bad-code-is-invalid-request",
        "a bad code is refused with invalid_request instead of invalid_grant (FusionAuth)",
        Argument::None,
        Endpoint::Token,
    ),
    doc("no-expires-in", "the token answer has no expires_in", Argument::None, Endpoint::Token),
    doc("expires-in-string", "expires_in is a string", Argument::None, Endpoint::Token),
    doc("no-token-type", "the token answer has no token_type", Argument::None, Endpoint::Token),
    doc("lower-case-bearer", "token_type is bearer", Argument::None, Endpoint::Token),
    doc(
        "token-text-plain",
        "the token answer has the media type text/plain",
        Argument::None,
        Endpoint::Token,
    ),
    doc("missing-access-token", "the token answer has no access_token", Argument::None, Endpoint::Token),
    doc("redirect-foreign", "302 to http://localhost:PORT, another origin", Argument::None, Endpoint::Fhir),
    doc(
        "deny-type:TYPE",
        "403 for one resource type, although the scope was granted (O34)",
        Argument::Text,
        Endpoint::Fhir,
    ),
    doc(
        "required-missing:TYPE",
        "500 with an OperationOutcome fatal/required for searches of one type (O22)",
        Argument::Text,
        Endpoint::Fhir,
    ),
    doc(
        "ignore-search-params",
        "a search returns all resources of the type that the token may read",
        Argument::None,
        Endpoint::Fhir,
    ),
    doc("page-expired", "requests for the next page are refused (E18)", Argument::None, Endpoint::Fhir),
    doc(
        "callback-iss:URL",
        "the callback has this iss, as in a mix-up of two servers (RFC 9207)",
        Argument::Rest,
        Endpoint::Callback,
    ),
    doc(
        "endpoint-base:URL",
        "the discovery documents have the endpoints below this URL instead of the real one",
        Argument::Rest,
        Endpoint::Discovery,
    ),
    doc(
        "clock-skew:SECONDS",
        "all Date headers, and the clock that assertions are checked with, are wrong by this; it can be negative",
        Argument::SignedRest,
        Endpoint::Discovery,
    ),
];

impl FaultDoc {
    /// The name without the argument.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.usage.split(':').next().unwrap_or(self.usage)
    }
}

/// A fault that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    pub(crate) argument: String,
    /// How many more requests it applies to. None if it applies to all.
    pub(crate) remaining: Option<u32>,
    /// `token`, `discovery`, `fhir` or a resource type. None if it applies to its endpoint.
    pub(crate) target: Option<String>,
    endpoint: Endpoint,
}

impl std::str::FromStr for Fault {
    type Err = String;

    /// Reads `NAME[:ARG][:N][@token|@discovery|@ResourceType]`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (text, target) = match text.rsplit_once('@') {
            Some((text, target)) if !target.is_empty() => (text, Some(target.to_owned())),
            _ => (text, None),
        };
        let (name, rest) = text.split_once(':').unwrap_or((text, ""));
        let doc = FAULTS
            .iter()
            .find(|doc| doc.name() == name)
            .ok_or_else(|| format!("There is no fault {name:?}. The faults are:\n{}", list()))?;
        let usage = || format!("Write this fault as {}[:N]", doc.usage);
        let (argument, count) = match doc.argument {
            Argument::None => ("", rest),
            Argument::Rest | Argument::SignedRest => (rest, ""),
            Argument::Number | Argument::Text => rest.split_once(':').unwrap_or((rest, "")),
        };
        if doc.argument != Argument::None && argument.is_empty()
            || doc.argument == Argument::Number && argument.parse::<u64>().is_err()
            || doc.argument == Argument::SignedRest && argument.parse::<i32>().is_err()
        {
            return Err(usage());
        }
        let remaining = match count {
            "" => None,
            number => Some(number.parse().map_err(|_| usage())?),
        };
        Ok(Self {
            name: doc.name(),
            argument: argument.to_owned(),
            remaining,
            target,
            endpoint: doc.endpoint,
        })
    }
}

/// The faults with their effects, one per line.
pub(crate) fn list() -> String {
    FAULTS.iter().map(|doc| format!("  {:<26} {}\n", doc.usage, doc.effect)).collect()
}

/// The kind of a request. It selects the faults that apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestKind<'a> {
    /// A read or a search of a resource type.
    Fhir(&'a str),
    Discovery,
    Token,
    /// The redirect to the application.
    Callback,
}

/// All faults that are set.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

/// The faults that apply to one request.
#[derive(Debug, Default, Clone)]
pub(crate) struct RequestFaults(Vec<Fault>);

impl Faults {
    pub(crate) fn set(&mut self, fault: Fault) {
        // More than one type can be denied. Any other fault is set once per target.
        let repeatable = matches!(fault.name, "deny-type" | "required-missing");
        self.0.retain(|other| {
            other.name != fault.name
                || other.target != fault.target
                || repeatable && other.argument != fault.argument
        });
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The fault `clock-skew`, which applies to every reply, in milliseconds.
    pub(crate) fn clock_skew_ms(&self) -> i64 {
        self.argument("clock-skew").and_then(|seconds| seconds.parse::<i64>().ok()).unwrap_or(0) * 1000
    }

    /// The argument of a fault that applies without regard to the request. It has no count.
    pub(crate) fn argument(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|fault| fault.name == name).map(|fault| fault.argument.as_str())
    }

    /// The faults that apply to a request. Faults with a count count down.
    pub(crate) fn for_request(&mut self, kind: RequestKind<'_>) -> RequestFaults {
        let mut applying = Vec::new();
        for fault in &mut self.0 {
            if fault.applies_to(kind) {
                if let Some(remaining) = &mut fault.remaining {
                    if *remaining == 0 {
                        continue;
                    }
                    *remaining -= 1;
                }
                applying.push(fault.clone());
            }
        }
        RequestFaults(applying)
    }
}

impl Fault {
    fn applies_to(&self, kind: RequestKind<'_>) -> bool {
        // Retry-After belongs to the errors of both endpoints.
        if self.name == "retry-after" && self.target.is_none() {
            return true;
        }
        if matches!(self.name, "deny-type" | "required-missing") {
            return matches!(kind, RequestKind::Fhir(resource_type) if resource_type == self.argument);
        }
        match (self.target.as_deref(), kind) {
            (None, RequestKind::Fhir(_)) | (Some("fhir"), RequestKind::Fhir(_)) => {
                self.endpoint == Endpoint::Fhir
            }
            (None, RequestKind::Token) => self.endpoint == Endpoint::Token,
            (None, RequestKind::Discovery) => self.endpoint == Endpoint::Discovery,
            (None, RequestKind::Callback) => self.endpoint == Endpoint::Callback,
            (Some("token"), RequestKind::Token) | (Some("discovery"), RequestKind::Discovery) => true,
            (Some(target), RequestKind::Fhir(resource_type)) => target == resource_type,
            _ => false,
        }
    }
}

impl RequestFaults {
    pub(crate) fn contains(&self, name: &str) -> bool {
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
        assert!(!faults.for_request(RequestKind::Token).contains("fhir-status"));
        assert!(faults.for_request(RequestKind::Token).contains("slow"));
        assert_eq!(faults.for_request(RequestKind::Fhir("Patient")).number("fhir-status"), Some(503));
        assert!(!faults.for_request(RequestKind::Fhir("Patient")).contains("fhir-status"));
    }

    #[test]
    fn an_unknown_fault_is_answered_with_the_list() {
        let error = "nonsense".parse::<Fault>().expect_err("no such fault");
        assert!(error.contains("never-answers"));
        let date = "retry-after:Wed, 21 Oct 2026 07:28:00 GMT".parse::<Fault>().expect("a date");
        assert!(date.argument.ends_with("GMT"));
    }
}
