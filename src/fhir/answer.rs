//! Judging an answer of the FHIR server: FHIR, a refusal or a failure, each its own thing.

use super::{
    Json,
    bundle::{self, Doubt, Page},
    outcome::{self, Issue, Severity},
};
use crate::{
    error::{Code, Error, Result, VendorError},
    net::{Response, charset, retry_after},
};

/// A good answer.
#[derive(Debug)]
pub struct Answer {
    /// The resource or Bundle.
    pub body: Json,
    /// Whether the status is 200: another status of success, such as 206, does not promise the whole answer.
    pub is_status_200: bool,
    /// What was not as the specification has it, but could be read.
    pub tolerated: Vec<String>,
}

/// Reads the answer to a read or a search.
///
/// # Errors
/// [`Code::FhirUnauthorized`] for 401 and for a 403 that says `invalid_token`, [`Code::FhirDenied`] for a refusal, [`Code::FhirUnavailable`] for
/// what may pass, [`Code::FhirError`] for what the server says of the request, and
/// [`Code::ResponseNotFhir`].
pub fn judge(response: &Response) -> Result<Answer> {
    let text = charset::text(response);
    let body = text.as_deref().ok().and_then(Json::parse);
    let kind = body.as_ref().and_then(|json| json.get("resourceType").text()).unwrap_or_default().to_owned();
    let issues =
        body.as_ref().filter(|_| kind == "OperationOutcome").map(outcome::issues).unwrap_or_default();
    let failed = issues.first().is_some_and(|worst| worst.severity >= Severity::Error);
    if (200..300).contains(&response.status) && !failed {
        return match body {
            Some(body) if !kind.is_empty() => {
                Ok(Answer { tolerated: tolerated(response), is_status_200: response.status == 200, body })
            }
            _ => {
                let error = with_context(Code::ResponseNotFhir, response, &issues);
                Err(text.err().map_or(error.clone(), |why| error.detail(why.reason())))
            }
        };
    }
    let denied = issues.iter().any(Issue::denies);
    let code = match response.status {
        401 => Code::FhirUnauthorized,
        403 if refuses_token(response) => Code::FhirUnauthorized,
        403 => Code::FhirDenied,
        _ if denied => Code::FhirDenied,
        // O22: the stored data are at fault, and asking again does not help.
        500..=599 if issues.iter().any(|issue| issue.kind == "required") => Code::FhirError,
        429 | 500..=599 => Code::FhirUnavailable,
        _ => Code::FhirError,
    };
    Err(with_context(code, response, &issues))
}

/// Reads the answer to a search: one page of it.
///
/// # Errors
/// As [`judge`]; [`Code::FhirDenied`] and [`Code::SearchNotAnswered`] for an answer that holds something else than a
/// Bundle, which is not an empty result.
pub fn judge_page(response: &Response) -> Result<(Page, Vec<String>)> {
    let answer = judge(response)?;
    let kind = answer.body.get("resourceType").text().unwrap_or_default();
    if kind != "Bundle" {
        let issues = outcome::issues(&answer.body);
        let denied = kind == "OperationOutcome" && issues.iter().any(Issue::denies);
        let code = if denied { Code::FhirDenied } else { Code::SearchNotAnswered };
        let error = with_context(code, response, &issues);
        // The name of a type of FHIR, never the server's own words.
        let known = ["OperationOutcome", "Parameters", "CapabilityStatement", "Conformance", "List"];
        return Err(if known.contains(&kind) && !denied {
            error.detail(format!("it sent {kind}"))
        } else {
            error
        });
    }
    let mut page = bundle::page(answer.body);
    if !answer.is_status_200 {
        page.doubts.insert(Doubt::Status);
    }
    Ok((page, answer.tolerated))
}

/// Whether the answer says that the token is not valid (RFC 6750 3.1). Some servers say it with 403.
fn refuses_token(response: &Response) -> bool {
    response.all_headers("www-authenticate").any(|challenge| {
        let mut quoted = false;
        let parameters = challenge.split(|c: char| {
            quoted ^= c == '"';
            c == ',' && !quoted
        });
        parameters.filter_map(|parameter| parameter.split_once('=')).any(|(name, value)| {
            // The first one follows the name of the scheme.
            let name = name.split_whitespace().last().unwrap_or_default();
            name.eq_ignore_ascii_case("error")
                && value.trim().trim_matches('"').trim().eq_ignore_ascii_case("invalid_token")
        })
    })
}

fn tolerated(response: &Response) -> Vec<String> {
    let json = response.media_type.ends_with("json") || response.media_type.ends_with("json+fhir");
    if json { Vec::new() } else { vec![format!("media type {:.40}", response.media_type)] }
}

/// The server's own code and correlation id go along; its text does not, it may hold identifiers.
fn with_context(code: Code, response: &Response, issues: &[Issue]) -> Error {
    let worst = issues.first();
    let vendor = VendorError {
        code: worst.map(|issue| issue.code().to_owned()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_403_is_about_the_token_only_where_the_challenge_says_so() {
        for (status, challenge, code) in [
            (403, r#"Bearer error="invalid_token""#, Code::FhirUnauthorized),
            (
                403,
                r#"Bearer realm="a, b", error="invalid_token", error_description="x""#,
                Code::FhirUnauthorized,
            ),
            (403, "bearer realm=x,Error = Invalid_Token", Code::FhirUnauthorized),
            (403, r#"Bearer error="insufficient_scope""#, Code::FhirDenied),
            (
                403,
                r#"Bearer error="insufficient_scope", error_description="not error=invalid_token""#,
                Code::FhirDenied,
            ),
            (403, r#"Bearer realm="x, error=invalid_token""#, Code::FhirDenied),
            (403, "", Code::FhirDenied),
            (404, r#"Bearer error="invalid_token""#, Code::FhirError),
            (401, "", Code::FhirUnauthorized),
        ] {
            let response = Response::for_test(status, "").with_header("www-authenticate", challenge);
            assert_eq!(judge(&response).unwrap_err().code(), code, "{status} {challenge}");
        }
    }
}
