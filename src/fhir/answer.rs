//! Reads an answer of the FHIR server: FHIR data, a refusal or a failure.

use super::{
    Json,
    bundle::{self, Page, PageDefect},
    json::JsonError,
    outcome::{self, Issue, Severity},
};
use crate::{
    error::{Code, Error, Result, VendorError},
    net::{
        Response,
        charset::{self, DecodeError},
        retry_after,
    },
};
use std::{borrow::Cow, time::Duration};

/// A successful answer.
#[derive(Debug)]
pub struct Answer {
    /// The resource or Bundle.
    pub body: Json,
    /// Whether the status is 200: another status of success, such as 206, does not promise the whole answer.
    pub is_status_200: bool,
    /// Where the answer differs from the specification and could still be read.
    pub warnings: Vec<String>,
}

/// Reads the answer to a read of one resource.
///
/// # Errors
/// [`Code::FhirUnauthorized`] for 401 and for a 403 with `invalid_token`, [`Code::FhirDenied`] for a refusal,
/// [`Code::FhirUnavailable`] for a temporary failure, [`Code::FhirError`] for an error of the request,
/// [`Code::RequestHeadersTooLarge`] for 431,
/// [`Code::ResponseTooLarge`] for JSON with too many values or levels, and [`Code::ResponseNotFhir`].
pub fn judge(response: &Response) -> Result<Answer> {
    let text = charset::text(response);
    let body =
        text.as_deref().map_err(BodyError::from).and_then(|text| Json::read(text).map_err(BodyError::from));
    let kind = body.as_ref().ok().and_then(|json| json.get("resourceType").text()).unwrap_or_default();
    let issues = if kind == "OperationOutcome" { body.as_ref().map(outcome::issues) } else { Ok(Vec::new()) };
    let has_type = !kind.is_empty();
    refuse_failure(response, &issues.unwrap_or_default())?;
    match body {
        Ok(body) if has_type => {
            Ok(Answer { warnings: warnings(response), is_status_200: response.status == 200, body })
        }
        Ok(_) => Err(with_context(Code::ResponseNotFhir, response, &[])),
        Err(why) => Err(body_error(why, response)),
    }
}

/// Reads one page of the answer to a search. `text` is its text ([`charset::text`]). Also returns where the answer differs from
/// the specification.
///
/// # Errors
/// As [`judge`]; [`Code::FhirDenied`] and [`Code::SearchNotAnswered`] for an answer that is not a Bundle, because that is not
/// an empty result.
pub fn judge_page<'a>(
    response: &Response,
    text: &'a std::result::Result<Cow<'a, str>, DecodeError>,
) -> Result<(Page<'a>, Vec<String>)> {
    let text = text.as_deref().map_err(BodyError::from);
    let members = text.and_then(|text| Json::members(text).map_err(BodyError::from));
    let member = |name: &str| members.as_ref().ok()?.get(name).and_then(|raw| Json::parse(raw.get()));
    let kind = member("resourceType").unwrap_or(Json::Null);
    let kind = kind.text().unwrap_or_default();
    let issues = if kind == "Bundle" { Vec::new() } else { issues_of(member("issue")) };
    refuse_failure(response, if kind == "OperationOutcome" { &issues } else { &[] })?;
    let members = match &members {
        Ok(members) if !kind.is_empty() => members,
        Ok(_) => return Err(with_context(Code::ResponseNotFhir, response, &[])),
        Err(why) => return Err(body_error(*why, response)),
    };
    if kind != "Bundle" {
        return Err(not_a_bundle(kind, response, &issues));
    }
    let mut page = bundle::page(members).map_err(|why| body_error(why.into(), response))?;
    if response.status != 200 {
        page.defects.insert(PageDefect::Status);
    }
    Ok((page, warnings(response)))
}

fn issues_of(issue: Option<Json>) -> Vec<Issue> {
    let issue = ("issue".to_owned(), issue.unwrap_or(Json::Null));
    outcome::issues(&Json::Object([issue].into()))
}

/// Refuses an answer with a status or an issue of a failed request.
fn refuse_failure(response: &Response, issues: &[Issue]) -> Result<()> {
    let failed = issues.first().is_some_and(|worst| worst.severity >= Severity::Error);
    if (200..300).contains(&response.status) && !failed {
        return Ok(());
    }
    let denied = issues.iter().any(Issue::denies);
    let code = match response.status {
        401 => Code::FhirUnauthorized,
        403 if refuses_token(response) => Code::FhirUnauthorized,
        403 => Code::FhirDenied,
        _ if denied => Code::FhirDenied,
        // O22: the stored data is wrong, and a retry does not help.
        500..=599 if issues.iter().any(|issue| issue.kind == "required") => Code::FhirError,
        429 | 500..=599 => Code::FhirUnavailable,
        431 => {
            return Err(with_context(Code::RequestHeadersTooLarge, response, issues).hint(
                "Remove resource types that no mapping uses from resources of the source, then sign in again. With many scopes, \
                 the access token is larger than the EHR accepts (O10).",
            ));
        }
        _ => Code::FhirError,
    };
    Err(with_context(code, response, issues))
}

fn not_a_bundle(kind: &str, response: &Response, issues: &[Issue]) -> Error {
    let denied = kind == "OperationOutcome" && issues.iter().any(Issue::denies);
    let code = if denied { Code::FhirDenied } else { Code::SearchNotAnswered };
    let error = with_context(code, response, issues);
    // The error names only these resource types, never another text of the server.
    let named_types = ["OperationOutcome", "Parameters", "CapabilityStatement", "Conformance", "List"];
    if named_types.contains(&kind) && !denied { error.detail(format!("it sent {kind}")) } else { error }
}

/// The kind of markup of an answer. Some servers always send XML, and proxies send HTML pages.
fn markup_kind(response: &Response) -> Option<&'static str> {
    let body = response.body.trim_ascii_start();
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    if !body.starts_with(b"<") {
        return None;
    }
    let start = body[..body.len().min(200)].to_ascii_lowercase();
    let is_page = [&b"<!doctype html"[..], b"<html"].iter().any(|tag| start.starts_with(tag));
    Some(if is_page || response.media_type == "text/html" { "an HTML page" } else { "XML" })
}

/// Why the body of an answer cannot be read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum BodyError {
    /// Its bytes are not text.
    Bytes(DecodeError),
    /// Its text is not JSON, or is too large.
    Json(JsonError),
}

impl From<&DecodeError> for BodyError {
    fn from(why: &DecodeError) -> Self {
        BodyError::Bytes(*why)
    }
}

impl From<JsonError> for BodyError {
    fn from(why: JsonError) -> Self {
        BodyError::Json(why)
    }
}

/// The error for a body that cannot be read.
pub(crate) fn body_error(why: BodyError, response: &Response) -> Error {
    match why {
        BodyError::Bytes(why) => with_context(Code::ResponseNotFhir, response, &[]).detail(why.reason()),
        BodyError::Json(JsonError::NotJson) => {
            let error = with_context(Code::ResponseNotFhir, response, &[]);
            match markup_kind(response) {
                Some(what) => error.detail(format!("HTTP {}, {what} instead of JSON", response.status)),
                None => error,
            }
        }
        BodyError::Json(why) => {
            Error::new(Code::ResponseTooLarge).detail(why.detail()).status(response.status)
        }
    }
}

/// Whether the answer has the error `invalid_token` (RFC 6750, 3.1). Some servers use status 403 for that.
fn refuses_token(response: &Response) -> bool {
    response.all_headers("www-authenticate").any(|challenge| {
        let mut quoted = false;
        let parameters = challenge.split(|c: char| {
            quoted ^= c == '"';
            c == ',' && !quoted
        });
        parameters.filter_map(|parameter| parameter.split_once('=')).any(|(name, value)| {
            // The first parameter follows the name of the scheme.
            let name = name.split_whitespace().last().unwrap_or_default();
            name.eq_ignore_ascii_case("error")
                && value.trim().trim_matches('"').trim().eq_ignore_ascii_case("invalid_token")
        })
    })
}

fn warnings(response: &Response) -> Vec<String> {
    let is_json = response.media_type.ends_with("json") || response.media_type.ends_with("json+fhir");
    if is_json { Vec::new() } else { vec![format!("media type {:.40}", response.media_type)] }
}

/// An error with the server's code and correlation id, but without its text, which may contain identifiers.
fn with_context(code: Code, response: &Response, issues: &[Issue]) -> Error {
    let worst = issues.first();
    let vendor = VendorError {
        code: worst.map(|issue| issue.code().to_owned()),
        correlation_id: ["x-request-id", "x-correlation-id"]
            .iter()
            .find_map(|name| response.header(name))
            .map(|id| id.chars().filter(char::is_ascii_graphic).take(80).collect()),
        ..VendorError::default()
    };
    let detail = match vendor.code.as_deref().filter(|code| !code.is_empty()) {
        Some(code) => format!("HTTP {}, code {code}", response.status),
        None => format!("HTTP {}", response.status),
    };
    let error =
        Error::new(code).detail(detail).status(response.status).vendor(vendor).after(retry_after(response));
    // A refusal of the token is about the sign-in, whatever the issue says.
    match worst.and_then(Issue::line).filter(|_| code != Code::FhirUnauthorized) {
        Some(line) => {
            let wait = error.retry_after().or(line.is_daily.then_some(ONE_DAY));
            error.explained(line.owner, line.retry, line.cause).after(wait)
        }
        None => error,
    }
}

/// After how long an error of a daily limit is worth a retry (E18: 4135).
const ONE_DAY: Duration = Duration::from_secs(86_400);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Owner, Retry};

    #[test]
    fn an_epic_code_gives_the_error_its_owner_retry_and_cause() {
        let judged = |status, code: &str| {
            let body = format!(
                r#"{{"resourceType": "OperationOutcome", "issue": [{{"severity": "fatal", "code": "processing",
                    "details": {{"coding": [{{"system": "urn:oid:1.2.840.114350.1.13.0.1.7.2.657369", "code": "{code}"}}]}}}}]}}"#
            );
            judge(&Response::for_test(status, &body)).unwrap_err()
        };
        for (status, epic, code, owner, retry, cause) in [
            (403, "4130", Code::FhirDenied, Owner::EhrTeam, Retry::Never, "break-the-glass"),
            (403, "4131", Code::FhirDenied, Owner::EhrTeam, Retry::Never, "restricted"),
            (400, "4134", Code::FhirDenied, Owner::EhrTeam, Retry::Never, "break-the-glass"),
            (400, "4135", Code::FhirError, Owner::EhrTeam, Retry::Later, "daily limit"),
            (400, "4113", Code::FhirError, Owner::You, Retry::Now, "must start again"),
            (400, "59108", Code::FhirError, Owner::You, Retry::Never, "category or code"),
            (403, "4118", Code::FhirDenied, Owner::EhrTeam, Retry::Never, "not authorized"),
            (500, "59177", Code::FhirUnavailable, Owner::EhrTeam, Retry::Later, "internal error"),
            (
                400,
                "59187",
                Code::FhirError,
                Owner::EhrTeam,
                Retry::Never,
                "Epic error 59187; your EHR team can look it up.",
            ),
        ] {
            let error = judged(status, epic);
            assert_eq!((error.code(), error.owner(), error.retry()), (code, owner, retry), "{epic}");
            assert!(error.cause().is_some_and(|text| text.contains(cause)), "{epic} {error:?}");
            let waits = error.retry_after().map(|wait| wait.as_secs());
            assert_eq!(waits, (epic == "4135").then_some(86_400), "{epic}");
        }
        let error = judged(401, "4118");
        assert_eq!((error.retry(), error.cause()), (Retry::AfterSignIn, None), "the token was refused");
        let error = judged(400, "77777");
        assert_eq!((error.owner(), error.retry()), (Owner::EhrTeam, Retry::Never), "as the code says");
    }

    #[test]
    fn an_answer_in_xml_or_html_is_named() {
        for (body, expected) in [
            ("<Bundle xmlns=\"http://hl7.org/fhir\"/>", "HTTP 200, XML instead of JSON"),
            ("\n <?xml version=\"1.0\"?><Bundle/>", "HTTP 200, XML instead of JSON"),
            ("<!DOCTYPE html><p>", "HTTP 200, an HTML page instead of JSON"),
            ("nothing", "HTTP 200"),
        ] {
            let error = judge(&Response::for_test(200, body)).unwrap_err();
            assert_eq!(error.code(), Code::ResponseNotFhir);
            assert!(error.message().ends_with(&format!("({expected})")), "{error}");
        }
    }

    #[test]
    fn a_403_is_about_the_token_only_if_the_challenge_has_invalid_token() {
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
