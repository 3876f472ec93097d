//! Token introspection (RFC 7662): what the EHR says about a stored token. Of the answer, only members that name no person are
//! kept.

use super::{
    Grant, Holder, not_found, of_holder,
    refresh::system_registration,
    token_client::{EndpointCredentials, TokenClient},
    token_management::{TokenInQuestion, TokenKind, TokenService, json_object},
};
use crate::{
    clock::UnixSeconds,
    error::{Code, Error, Result},
    log::Event,
    net::Response,
    secret::{ExposeSecret, Secret},
    source::Source,
};
use serde::Serialize;
use serde_json::{Map, Value};

/// The longest text of an answer that is kept, in bytes. Scopes may be long.
const MAX_TEXT_BYTES: usize = 8 * 1024;

/// What the EHR says about one stored token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Introspection {
    /// The token.
    pub token: TokenKind,
    /// Whether the token's sign-in can read the patient of its launch only.
    pub patient_bound: bool,
    /// Whether the EHR accepts the token. If not, all other members are null.
    pub active: bool,
    /// The scopes of the token, separated by spaces.
    pub scope: Option<String>,
    /// The client that the token was issued to.
    pub client_id: Option<String>,
    /// Whether this is the client of the configuration; null if the EHR names none.
    pub own_client: Option<bool>,
    /// The type of the token, such as `Bearer`.
    pub token_type: Option<String>,
    /// When the token expires, in seconds since 1970.
    pub expires_at: Option<UnixSeconds>,
    /// When the token was issued, in seconds since 1970.
    pub issued_at: Option<UnixSeconds>,
    /// The issuer of the token.
    pub issuer: Option<String>,
}

impl TokenClient<'_> {
    /// Asks the EHR about the tokens of a holder at a source: the access token and the refresh token of each grant. A token that
    /// was issued by another server is not sent.
    ///
    /// # Errors
    /// [`Code::GrantNotFound`], [`Code::IntrospectionNotSupported`], [`Code::IntrospectionFailed`], [`Code::InvalidClient`],
    /// [`Code::TokenUnavailable`], the errors of discovery, the network's and the store's.
    pub fn introspect(&self, source: &Source, holder: &Holder) -> Result<Vec<Introspection>> {
        let grants = of_holder(&self.context.records, source, holder)?.grants;
        let has_token = |grant: &Grant| {
            [&grant.access_token, &grant.refresh_token].iter().any(|token| !token.expose_secret().is_empty())
        };
        if !grants.iter().any(|grant| has_token(&grant.value)) {
            return Err(not_found(source));
        }
        let registration = match holder {
            Holder::System => system_registration(source)?,
            Holder::User(_) => &source.registration,
        };
        let credentials = self.credentials(source, registration)?;
        let mut found = Vec::new();
        for grant in grants {
            if grant.value.issuer != source.issuer(&credentials.endpoint) {
                return Err(source.other_server_error(Code::GrantNotFound));
            }
            for (kind, token) in [
                (TokenKind::AccessToken, &grant.value.access_token),
                (TokenKind::RefreshToken, &grant.value.refresh_token),
            ] {
                if !token.expose_secret().is_empty() {
                    let question = TokenInQuestion { kind, token };
                    found.push(self.introspect_token(&credentials, question, &grant.value)?);
                }
            }
        }
        Ok(found)
    }

    fn introspect_token(
        &self,
        credentials: &EndpointCredentials<'_>,
        question: TokenInQuestion<'_>,
        grant: &Grant,
    ) -> Result<Introspection> {
        let (source, service) = (credentials.source, TokenService::Introspection);
        let endpoint = self.service_endpoint(source, &credentials.endpoint, service)?;
        let own_client = &credentials.registration.client_id;
        let secrets = [&grant.access_token, &grant.refresh_token];
        let read = |response: &Response| read(response, question.kind, own_client, &secrets);
        let answer = self.ask_about_token(credentials, service, &endpoint, question, read)?;
        self.context.events.log(Event::TokenIntrospected { source: &source.id, active: answer.active });
        Ok(Introspection { patient_bound: grant.patient.is_some(), ..answer })
    }
}

/// Reads a successful answer. `active` must be a boolean: anything else does not say whether the token is accepted. `secrets` are the
/// tokens of the grant: no text that repeats one of them is kept.
fn read(
    response: &Response,
    kind: TokenKind,
    own_client: &str,
    secrets: &[&Secret],
) -> Result<Introspection> {
    let invalid = |what: &str| {
        Err(Error::new(Code::IntrospectionFailed).detail(what.to_owned()).status(response.status))
    };
    let Some(body) = json_object(response) else { return invalid("it is not a JSON object") };
    let Some(active) = body.get("active").and_then(Value::as_bool) else {
        return invalid("the member active is not true or false");
    };
    // RFC 7662, 2.2: an inactive token has no other members.
    let body = if active { body } else { Map::new() };
    let text = |name: &str| text(&body, name, secrets);
    let client_id = text("client_id");
    Ok(Introspection {
        token: kind,
        patient_bound: false,
        active,
        scope: text("scope"),
        own_client: client_id.as_deref().map(|id| id == own_client),
        client_id,
        token_type: text("token_type"),
        expires_at: seconds(&body, "exp"),
        issued_at: seconds(&body, "iat"),
        issuer: text("iss"),
    })
}

/// A member as text. A text that repeats a token is left out.
fn text(body: &Map<String, Value>, name: &str, secrets: &[&Secret]) -> Option<String> {
    let text = body.get(name)?.as_str()?.trim();
    let repeats = |secret: &&Secret| {
        let secret = secret.expose_secret();
        !secret.is_empty() && text.contains(secret)
    };
    let is_safe = !text.is_empty() && text.len() <= MAX_TEXT_BYTES && !secrets.iter().any(repeats);
    is_safe.then(|| text.to_owned())
}

/// A time in seconds since 1970. Servers send it as a whole number, as a decimal or as text.
fn seconds(body: &Map<String, Value>, name: &str) -> Option<UnixSeconds> {
    let digits = match body.get(name)? {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, "0"));
    let is_decimal = [whole, fraction].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if is_decimal && whole.len() <= 15 { whole.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn introspection(status: u16, body: &str) -> Result<Introspection> {
        let token = Secret::from("top-secret-token");
        read(&Response::for_test(status, body), TokenKind::AccessToken, "app", &[&token])
    }

    /// #270
    #[test]
    fn an_introspection_answer_is_read_without_members_that_name_a_person() {
        let answer = introspection(
            200,
            r#"{"active": true, "scope": "patient/*.read", "client_id": "app", "exp": 1700000000, "iat": "1690000000.5",
                "token_type": "Bearer", "iss": "https://ehr.example", "sub": "alice", "username": "alice",
                "patient": "p-17", "fhirUser": "https://ehr.example/Practitioner/p-9", "jti": "top-secret-token"}"#,
        )
        .unwrap();
        assert!(answer.active);
        assert_eq!(answer.scope.as_deref(), Some("patient/*.read"));
        assert_eq!((answer.own_client, answer.expires_at), (Some(true), Some(1_700_000_000)));
        assert_eq!((answer.issued_at, answer.token_type.as_deref()), (Some(1_690_000_000), Some("Bearer")));
        let json = serde_json::to_string(&answer).unwrap();
        for hidden in ["alice", "p-17", "p-9", "top-secret"] {
            assert!(!json.contains(hidden), "{json}");
        }
    }

    #[test]
    fn an_inactive_token_has_no_other_members_and_odd_answers_are_errors() {
        let inactive = introspection(200, r#"{"active": false, "scope": "x", "client_id": "app"}"#).unwrap();
        assert!(!inactive.active && inactive.scope.is_none() && inactive.own_client.is_none());
        for body in
            ["", "[]", "{}", r#"{"active": "true"}"#, r#"{"active": 1}"#, "<html>", r#"{"active": null}"#]
        {
            let error = introspection(200, body).unwrap_err();
            assert_eq!(error.code(), Code::IntrospectionFailed, "{body}");
        }
        let odd = r#"{"active": true, "scope": "is top-secret-token", "client_id": "other", "exp": 1.7e9, "iat": -1}"#;
        let answer = introspection(200, odd).unwrap();
        assert_eq!((answer.scope, answer.own_client), (None, Some(false)));
        assert_eq!((answer.expires_at, answer.issued_at), (Some(1_700_000_000), None));
        let late = introspection(200, r#"{"active": true, "exp": "soon", "iat": 1e300}"#).unwrap();
        assert_eq!((late.expires_at, late.issued_at), (None, None));
    }
}
