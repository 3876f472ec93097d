//! Normalizes a token answer for the oauth2 crate. Deviations of real servers are read, and reported by name.

use super::fhir_context;
use crate::{
    error::{Code, Error, Result},
    scope,
    source::{Source, allowed_url},
};
use jiff::SignedDuration;
use serde_json::{Map, Number, Value};
use url::Url;

/// A member that deviates from the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deviation {
    /// `expires_in` is not a number of seconds.
    ExpiresIn,
    /// `scope` is not text with scopes separated by spaces.
    Scope,
    /// There is no `scope`, so the granted scopes are unknown.
    NoScope,
    /// `patient` is not a plain id.
    Patient,
    /// `encounter` is not a plain id.
    Encounter,
    /// A part of `fhirContext` has another form than in SMART 2.2, or repeats the patient or the encounter.
    FhirContext,
    /// `smart_style_url` is not an https URL.
    SmartStyleUrl,
}

impl Deviation {
    /// Its name in events.
    pub fn name(self) -> &'static str {
        match self {
            Deviation::ExpiresIn => "expires_in",
            Deviation::Scope => "scope",
            Deviation::NoScope => "no_scope",
            Deviation::Patient => "patient",
            Deviation::Encounter => "encounter",
            Deviation::FhirContext => "fhirContext",
            Deviation::SmartStyleUrl => "smart_style_url",
        }
    }
}

/// The longest accepted lifetime: ten years. A greater number is most likely a date.
const MAX_LIFETIME_SECONDS: f64 = 315_360_000.0;

/// The answer in the form of the specification, and the deviations that were found.
///
/// # Errors
/// [`Code::TokenResponseInvalid`] when a token contains a character that RFC 6749 does not allow in a token.
pub(super) fn normalize(mut body: Map<String, Value>) -> Result<(Map<String, Value>, Vec<Deviation>)> {
    let mut deviations = Vec::new();
    body.retain(|_, value| !value.is_null());
    normalize_lifetime(&mut body, &mut deviations);
    normalize_scopes(&mut body, &mut deviations);
    for (member, deviation) in [("patient", Deviation::Patient), ("encounter", Deviation::Encounter)] {
        let plain = |value: &Value| value.as_str().is_some_and(|text| text.is_empty() || is_id(text));
        if body.get(member).is_some_and(|value| !plain(value)) {
            deviations.push(deviation);
        }
    }
    if body.get("fhirContext").is_some_and(|value| !fhir_context::read(value).1) {
        deviations.push(Deviation::FhirContext);
    }
    if body.get("smart_style_url").is_some_and(|value| value != "" && style_url(value).is_none()) {
        deviations.push(Deviation::SmartStyleUrl);
    }
    if body.contains_key("access_token")
        && body.get("token_type").and_then(Value::as_str).is_none_or(str::is_empty)
    {
        body.insert("token_type".into(), "Bearer".into());
    }
    for name in ["refresh_token", "access_token"] {
        match body.get(name).map(Value::as_str) {
            Some(None | Some("")) => {
                body.remove(name);
            }
            // RFC 6749 A.12 and A.17: visible ASCII and spaces.
            Some(Some(token)) if !token.bytes().all(|byte| (0x20..0x7f).contains(&byte)) => {
                return Err(Error::new(Code::TokenResponseInvalid)
                    .detail(format!("the {name} contains a character that is not allowed in a token")));
            }
            _ => {}
        }
    }
    Ok((body, deviations))
}

/// A URL that a style document may have: https, or http on the loopback interface. The text comes from the EHR and reaches the
/// application's pages, so no other scheme passes.
pub(super) fn style_url(value: &Value) -> Option<String> {
    allowed_url(value.as_str()?.trim()).ok().map(String::from)
}

/// `expires_in` as a number, as text, with a unit, or as an ISO 8601 duration.
fn normalize_lifetime(body: &mut Map<String, Value>, deviations: &mut Vec<Deviation>) {
    let Some(value) = body.remove("expires_in") else { return };
    let seconds = match &value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => {
            let text = text.trim();
            let duration = || text.parse::<SignedDuration>().ok().map(|duration| duration.as_secs_f64());
            text.parse().ok().or_else(duration)
        }
        _ => None,
    };
    let seconds = seconds.filter(|seconds| (0.0..=MAX_LIFETIME_SECONDS).contains(seconds));
    if !value.is_u64() || seconds.is_none_or(|seconds| seconds < 1.0) {
        deviations.push(Deviation::ExpiresIn);
    }
    if let Some(seconds) = seconds {
        body.insert("expires_in".into(), Value::from(seconds as u64));
    }
}

/// `scope` as text or as an array, separated by spaces or commas. Without any scope, the granted scopes are unknown.
fn normalize_scopes(body: &mut Map<String, Value>, deviations: &mut Vec<Deviation>) {
    let value = body.remove("scope").unwrap_or(Value::Null);
    let text = match &value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        _ => String::new(),
    };
    let names = scope::split_scopes(&text);
    let is_plain = value.as_str().is_some_and(|text| text.split_whitespace().eq(names.iter().copied()));
    if !is_plain && !value.is_null() {
        deviations.push(Deviation::Scope);
    }
    if names.is_empty() {
        deviations.push(Deviation::NoScope);
    } else {
        body.insert("scope".into(), names.join(" ").into());
    }
}

/// A whole number as its digits; `None` for a number that is not whole or too large to be exact.
pub(super) fn digits(number: &Number) -> Option<String> {
    /// Up to this number a 64-bit float represents every whole number exactly.
    const EXACT: f64 = 9_007_199_254_740_991.0;
    let whole = || {
        let value = number.as_f64().filter(|value| value.fract() == 0.0 && (0.0..=EXACT).contains(value))?;
        Some((value as u64).to_string())
    };
    number.as_u64().map(|value| value.to_string()).or_else(whole)
}

/// The id in a plain id or in a reference to a resource of this source.
pub(super) fn id_of(text: &str, resource_type: &str, source: &Source) -> Option<String> {
    let id = match text.rsplit_once(&format!("{resource_type}/")) {
        None => text,
        Some((server, id)) => {
            let is_here = || {
                Url::parse(server).is_ok_and(|url| {
                    source.replace_alias(url).as_str().eq_ignore_ascii_case(source.base.as_str())
                })
            };
            if !server.is_empty() && !is_here() {
                return None;
            }
            id.split("/_history/").next().unwrap_or_default()
        }
    };
    is_id(id).then(|| id.to_owned())
}

/// FHIR ids may be longer than 64 characters (E11). Characters that a URL path cannot contain are refused.
fn is_id(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"/?#:".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn normal(member: &str, value: Value) -> (Option<Value>, Vec<Deviation>) {
        let mut body = json!({"access_token": "a", "scope": "s"});
        body[member] = value;
        let Value::Object(body) = body else { panic!("an object") };
        let (body, deviations) = normalize(body).unwrap();
        (body.get(member).cloned(), deviations)
    }

    #[test]
    fn a_lifetime_is_read_in_any_form_and_deviations_are_reported() {
        for (value, seconds, is_odd) in [
            (json!(3600), Some(3600), false),
            (json!(3600.0), Some(3600), true),
            (json!(3600.7), Some(3600), true),
            (json!("3600"), Some(3600), true),
            (json!(" 3600.0 "), Some(3600), true),
            (json!("3600s"), Some(3600), true),
            (json!("60 minutes"), Some(3600), true),
            (json!("PT1H"), Some(3600), true),
            (json!(0), Some(0), true),
            (json!(-5), None, true),
            (json!("soon"), None, true),
            (json!(true), None, true),
            (json!([3600]), None, true),
            (json!(1_800_000_000), None, true),
            (json!("NaN"), None, true),
        ] {
            let (found, deviations) = normal("expires_in", value.clone());
            assert_eq!(found.and_then(|found| found.as_i64()), seconds, "{value}");
            assert_eq!(deviations == [Deviation::ExpiresIn], is_odd, "{value}: {deviations:?}");
        }
    }

    #[test]
    fn scopes_are_read_in_any_form_and_deviations_are_reported() {
        let granular = "user/Observation.rs?category=a,b";
        for (value, scopes, deviations) in [
            (json!("a/b.read openid"), Some("a/b.read openid"), vec![]),
            (
                json!("openid,user/Patient.read, launch"),
                Some("openid user/Patient.read launch"),
                vec![Deviation::Scope],
            ),
            (json!(granular), Some(granular), vec![]),
            (
                json!(format!("{granular},user/Patient.rs")),
                Some("user/Observation.rs?category=a,b user/Patient.rs"),
                vec![Deviation::Scope],
            ),
            (json!(["system/Patient.read"]), Some("system/Patient.read"), vec![Deviation::Scope]),
            (json!(["openid launch", 3]), Some("openid launch"), vec![Deviation::Scope]),
            (json!([]), None, vec![Deviation::Scope, Deviation::NoScope]),
            (json!({"a": 1}), None, vec![Deviation::Scope, Deviation::NoScope]),
            (json!(7), None, vec![Deviation::Scope, Deviation::NoScope]),
            (json!("  "), None, vec![Deviation::NoScope]),
            (Value::Null, None, vec![Deviation::NoScope]),
        ] {
            let (found, reported) = normal("scope", value.clone());
            assert_eq!(found.as_ref().and_then(Value::as_str), scopes, "{value}");
            assert_eq!(reported, deviations, "{value}");
        }
    }

    #[test]
    fn a_token_with_a_character_that_is_not_allowed_is_refused() {
        for name in ["access_token", "refresh_token"] {
            for token in ["a\nb", "a\u{0}", "a\r\nX-Header: 1", "a\u{7f}", "\u{fc}", "a\tb"] {
                let mut body = json!({"access_token": "a"});
                body[name] = token.into();
                let Value::Object(body) = body else { panic!("an object") };
                let error = normalize(body).unwrap_err();
                assert_eq!(error.code(), Code::TokenResponseInvalid, "{name} {token:?}");
                assert!(error.message().contains(name) && !error.message().contains(token), "{error}");
            }
        }
    }
}
