//! Authentication of clients at the token endpoint.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use url::form_urlencoded;

use crate::{
    auth::{
        assertion::{self, ASSERTION_TYPE},
        clients::SYSTEM,
        oauth_error::OauthError,
    },
    ehr::Ehr,
    http::{Form, Request},
    jose::Jwt,
    options::Personality,
    registration::{AuthMethod, BackgroundUser, Registration},
    server_options::BasicEncoding,
};

const fn invalid_client(description: &'static str) -> OauthError {
    OauthError { code: "invalid_client", description, urn: "oauth2:token:invalid_client_credentials" }
}

const WRONG: OauthError = invalid_client("The client could not be authenticated");

/// A header that is not HTTP Basic (O12, O17).
const WRONG_HEADER: OauthError = OauthError {
    code: "invalid_client",
    description: "The Authorization header is not HTTP Basic",
    urn: "oauth2:token:invalid_authorization_header",
};

/// RFC 6749, 2.3: a client must not use more than one method in a request.
const SEVERAL_METHODS: OauthError = OauthError {
    code: "invalid_request",
    description: "The request has more than one client authentication",
    urn: "oauth2:token:invalid_client_credentials",
};

/// The registration of the client of a token request, if its credentials are right.
pub(super) fn authenticate(
    ehr: &Ehr,
    request: &Request,
    form: &Form,
) -> Result<Arc<Registration>, OauthError> {
    check_form(request, form)?;
    let header = request.header("authorization");
    let basic =
        header.map(|header| read_basic(header, ehr.basic_encoding()).ok_or(WRONG_HEADER)).transpose()?;
    let secret = form.get("client_secret");
    let has_assertion = form.get("client_assertion").is_some() || form.get("client_assertion_type").is_some();
    if [basic.is_some(), secret.is_some(), has_assertion].iter().filter(|used| **used).count() > 1 {
        return Err(SEVERAL_METHODS);
    }
    let named = form.get("client_id");
    let (client, method) = match (&basic, secret, has_assertion) {
        (Some((client, _)), ..) => (client.clone(), AuthMethod::ClientSecretBasic),
        (None, None, true) => (assertion_client(form)?, AuthMethod::PrivateKeyJwt),
        (None, Some(_), _) => (named.unwrap_or_default().to_owned(), AuthMethod::ClientSecretPost),
        (None, None, false) => (named.unwrap_or_default().to_owned(), AuthMethod::None),
    };
    if named.is_some_and(|named| named != client) {
        return Err(invalid_client("The client_id is not that of the credentials"));
    }
    let registration = ehr.state().registry.active(&client, ehr.clock.now_ms()).ok_or(WRONG)?;
    check_method(ehr, &registration, method)?;
    let secret_is_right = |secret: &str| registration.secrets.iter().any(|right| right == secret);
    match method {
        AuthMethod::None => {}
        AuthMethod::ClientSecretBasic if basic.is_some_and(|(_, secret)| secret_is_right(&secret)) => {}
        AuthMethod::ClientSecretPost if secret.is_some_and(secret_is_right) => {}
        AuthMethod::PrivateKeyJwt => {
            let text = form.get("client_assertion").unwrap_or_default();
            assertion::verify(ehr, &registration, text).map_err(invalid_client)?;
        }
        _ => return Err(WRONG),
    }
    check_tenant(ehr, &registration)?;
    Ok(registration)
}

/// RFC 6749, 3.2 and 4.1.3: the body is a form, and no parameter occurs twice.
fn check_form(request: &Request, form: &Form) -> Result<(), OauthError> {
    let description = if !request.has_form_body() {
        "The Content-Type is not application/x-www-form-urlencoded"
    } else if form.has_duplicate() {
        "A parameter occurs twice"
    } else {
        return Ok(());
    };
    Err(OauthError { code: "invalid_request", description, urn: "oauth2:token:unspecified" })
}

/// Whether the server and the registration permit a method.
fn check_method(ehr: &Ehr, registration: &Registration, method: AuthMethod) -> Result<(), OauthError> {
    let server_permits = method == AuthMethod::None || ehr.profile.auth_methods.contains(&method);
    if !server_permits || !registration.methods().contains(&method) {
        return Err(WRONG);
    }
    if ehr.options.personality == Personality::Epic && registration.system {
        // Epic's backend services have keys only. The built-in system account keeps its secret, so that tests of FHIR
        // searches need no key.
        if method != AuthMethod::PrivateKeyJwt && registration.client_id != SYSTEM {
            return Err(invalid_client("A backend service authenticates with private_key_jwt"));
        }
        if registration.background_user == BackgroundUser::Missing {
            return Err(invalid_client("The client is not mapped to a background user"));
        }
    }
    Ok(())
}

fn check_tenant(ehr: &Ehr, registration: &Registration) -> Result<(), OauthError> {
    if registration.is_enabled_for(&ehr.tenant) {
        return Ok(());
    }
    // Epic does not say more than that the client is not known (E1).
    if ehr.options.personality == Personality::Epic {
        return Err(WRONG);
    }
    Err(OauthError {
        code: "unauthorized_client",
        description: "The tenant has not enabled the client",
        urn: "oauth2:grant:unauthorized-client-for-tenant",
    })
}

/// The client id and the secret of an HTTP Basic header.
fn read_basic(header: &str, encoding: BasicEncoding) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (client, secret) = text.split_once(':')?;
    Some(match encoding {
        BasicEncoding::Raw => (client.to_owned(), secret.to_owned()),
        BasicEncoding::Form => (form_decode(client), form_decode(secret)),
    })
}

fn form_decode(text: &str) -> String {
    form_urlencoded::parse(format!("x={text}").as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

/// The client id in an assertion. Its signature is checked later.
fn assertion_client(form: &Form) -> Result<String, OauthError> {
    if form.get("client_assertion_type") != Some(ASSERTION_TYPE) {
        return Err(invalid_client("The client_assertion_type is not jwt-bearer"));
    }
    let text = form.get("client_assertion").ok_or(invalid_client("The client_assertion is missing"))?;
    let jwt = Jwt::parse(text).map_err(invalid_client)?;
    jwt.claim_text("iss").map(str::to_owned).ok_or(invalid_client("The assertion has no iss"))
}
