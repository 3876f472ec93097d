//! Faults on demand: errors of real EHRs, set for all requests or for the next few.

use crate::fault_list::{Argument, Endpoint, FAULTS, list};

/// A fault that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    pub(crate) argument: String,
    /// How many more requests it applies to. None if it applies to all.
    pub(crate) remaining: Option<u32>,
    /// `token`, `authorize`, `revoke`, `introspect`, `discovery`, `fhir` or a resource type. None if it applies to its endpoint.
    pub(crate) target: Option<String>,
    endpoint: Endpoint,
}

impl std::str::FromStr for Fault {
    type Err = String;

    /// Reads `NAME[:ARG][:N][@token|@authorize|@revoke|@introspect|@discovery|@ResourceType]`.
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

/// The kind of a request. It selects the faults that apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestKind<'a> {
    /// A read or a search of a resource type.
    Fhir(&'a str),
    Discovery,
    Token,
    /// The authorize request.
    Authorize,
    /// The revocation endpoint.
    Revoke,
    /// The introspection endpoint.
    Introspect,
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
        if self.name == "oracle-error" && self.target.is_none() {
            let is_token = self.argument.starts_with("oauth2:token:");
            return kind == if is_token { RequestKind::Token } else { RequestKind::Authorize };
        }
        match (self.target.as_deref(), kind) {
            (None, RequestKind::Fhir(_)) | (Some("fhir"), RequestKind::Fhir(_)) => {
                self.endpoint == Endpoint::Fhir
            }
            (None, RequestKind::Token) => self.endpoint == Endpoint::Token,
            (None, RequestKind::Discovery) => self.endpoint == Endpoint::Discovery,
            (None, RequestKind::Callback) => self.endpoint == Endpoint::Callback,
            (None, RequestKind::Authorize) => self.endpoint == Endpoint::Authorize,
            (Some("token"), RequestKind::Token)
            | (Some("authorize"), RequestKind::Authorize)
            | (Some("revoke"), RequestKind::Revoke)
            | (Some("introspect"), RequestKind::Introspect)
            | (Some("discovery"), RequestKind::Discovery) => true,
            (Some(target), RequestKind::Fhir(resource_type)) => target == resource_type,
            _ => false,
        }
    }
}

impl RequestKind<'_> {
    /// Whether the endpoint belongs to the authorization server, so that it has OAuth errors.
    pub(crate) fn is_oauth(self) -> bool {
        matches!(self, RequestKind::Token | RequestKind::Revoke | RequestKind::Introspect)
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
