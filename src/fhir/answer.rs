//! Judging an answer of the FHIR server: FHIR, a refusal or a failure, each its own thing.

use super::{
    Json,
    outcome::{self, Issue, Severity},
};
use crate::{
    error::{Code, Error, Result, VendorError},
    net::{Response, retry_after},
};

/// A good answer.
#[derive(Debug)]
pub struct Answer {
    /// The resource or Bundle.
    pub body: Json,
    /// What was not as the specification has it, but could be read.
    pub tolerated: Vec<String>,
}

/// Epic's codes for a refusal by policy: 4118 not authorised, 4130, 4131 and 4134 break-the-glass (E18).
const DENIED: [&str; 4] = ["4118", "4130", "4131", "4134"];

/// Reads the answer to a read or a search.
///
/// # Errors
/// [`Code::FhirUnauthorized`] for 401, [`Code::FhirDenied`] for a refusal, [`Code::FhirUnavailable`] for
/// what may pass, [`Code::FhirError`] for what the server says of the request, and
/// [`Code::ResponseNotFhir`].
pub fn judge(response: &Response) -> Result<Answer> {
    let body = Json::parse_bytes(&response.body);
    let kind = body.as_ref().and_then(|json| json.get("resourceType").text()).unwrap_or_default().to_owned();
    let issues =
        body.as_ref().filter(|_| kind == "OperationOutcome").map(outcome::issues).unwrap_or_default();
    let failed = issues.first().is_some_and(|worst| worst.severity >= Severity::Error);
    if (200..300).contains(&response.status) && !failed {
        return match body {
            Some(body) if !kind.is_empty() => Ok(Answer { tolerated: tolerated(response), body }),
            _ => Err(with_context(Code::ResponseNotFhir, response, &issues)),
        };
    }
    let denied = issues.iter().any(|issue| {
        issue.vendor_code.as_deref().is_some_and(|code| DENIED.contains(&code)) || issue.kind == "forbidden"
    });
    let code = match response.status {
        401 => Code::FhirUnauthorized,
        403 => Code::FhirDenied,
        _ if denied => Code::FhirDenied,
        // O22: the stored data are at fault, and asking again does not help.
        500..=599 if issues.iter().any(|issue| issue.kind == "required") => Code::FhirError,
        429 | 500..=599 => Code::FhirUnavailable,
        _ => Code::FhirError,
    };
    Err(with_context(code, response, &issues))
}

fn tolerated(response: &Response) -> Vec<String> {
    let json = response.media_type.ends_with("json") || response.media_type.ends_with("json+fhir");
    if json { Vec::new() } else { vec![format!("media type {:.40}", response.media_type)] }
}

/// The server's own code and correlation id go along; its text does not, it may hold identifiers.
fn with_context(code: Code, response: &Response, issues: &[Issue]) -> Error {
    let worst = issues.first();
    let vendor = VendorError {
        code: worst.map(|issue| issue.vendor_code.clone().unwrap_or_else(|| issue.kind.clone())),
        correlation_id: ["x-request-id", "x-correlation-id"]
            .iter()
            .find_map(|name| response.header(name))
            .map(|id| id.chars().filter(char::is_ascii_graphic).take(80).collect()),
    };
    let detail = match vendor.code.as_deref().filter(|code| !code.is_empty()) {
        Some(own) => format!("HTTP {}, code {own}", response.status),
        None => format!("HTTP {}", response.status),
    };
    Error::new(code).detail(detail).status(response.status).vendor(vendor).after(retry_after(response))
}
