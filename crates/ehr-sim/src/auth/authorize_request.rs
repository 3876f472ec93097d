//! The checks of an authorize request.

use crate::{
    auth::{
        clients::accepts_redirect,
        oauth_error::{self, OauthError},
        pages,
        scope::{self, Level, Scope},
        simulated_errors,
        state::{Context, SESSION_MS, Session, Step},
    },
    ehr::Ehr,
    faults::RequestKind,
    http::{Form, Reply},
    options::Personality,
    random::random_bytes,
    registration::Registration,
    server_options::PkcePolicy,
};

/// The length of an S256 challenge: base64url of 32 bytes.
const CHALLENGE_LENGTH: usize = 43;

/// Checks an authorize request. A wrong client or redirect URI is answered with a page; any other error is sent to
/// the redirect URI.
pub(super) fn validate(ehr: &Ehr, form: &Form) -> Result<Session, Reply> {
    let client = form.get("client_id").unwrap_or_default();
    let registration = ehr.state().registry.active(client, ehr.clock.now_ms());
    // Epic does not say more than that the request is not valid (E1).
    let epic = ehr.options.personality == Personality::Epic;
    let refusal = |message, urn| {
        Err(if epic {
            pages::error("Invalid OAuth 2.0 request.")
        } else {
            pages::error_with_urn(ehr, message, urn)
        })
    };
    let Some(registration) = registration.filter(|registration| !registration.system) else {
        return refusal("The client_id is not registered for users.", "unknown-client");
    };
    let redirect_uri = form.get("redirect_uri").unwrap_or_default();
    if !accepts_redirect(&registration, redirect_uri) {
        return refusal("The redirect_uri is not registered for this client.", "redirect-uri-not-registered");
    }
    if epic && !registration.is_enabled_for(&ehr.tenant) {
        return refusal("The tenant has not enabled the client.", "unauthorized-client-for-tenant");
    }
    let faults = ehr.state().faults.for_request(RequestKind::Authorize);
    if let Some(reply) = simulated_errors::at_authorize(ehr, &faults, form) {
        return Err(reply);
    }
    validate_parameters(ehr, form, &registration, redirect_uri).map_err(|error| {
        let to = oauth_error::callback(ehr, redirect_uri, form.get("state"), error, client);
        Reply::redirect(302, &to)
    })
}

/// Checks everything but the client and the redirect URI.
fn validate_parameters(
    ehr: &Ehr,
    form: &Form,
    registration: &Registration,
    redirect_uri: &str,
) -> Result<Session, OauthError> {
    if !registration.is_enabled_for(&ehr.tenant) {
        return Err(OauthError {
            code: "unauthorized_client",
            description: "The tenant has not enabled the client",
            urn: "oauth2:grant:unauthorized-client-for-tenant",
        });
    }
    if form.has_duplicate() {
        // RFC 6749, 3.1.
        return Err(invalid("A parameter occurs twice", "oauth2:grant:invalid-request"));
    }
    if form.get("response_type") != Some("code") {
        return Err(OauthError {
            code: "unsupported_response_type",
            description: "response_type must be code",
            urn: "oauth2:grant:unsupported-response-type",
        });
    }
    let state =
        form.get("state").ok_or_else(|| invalid("state is missing", "oauth2:grant:invalid-request"))?;
    check_audience(ehr, form.get("aud"))?;
    let challenge = read_challenge(ehr, form)?;
    let scopes = read_scopes(ehr, form, registration)?;
    let nonce = form.get("nonce").map(str::to_owned);
    let context = Context { nonce, ..launch_context(ehr, form, &scopes)? };
    let needs_patient = scope::contains(&scopes, "launch/patient") && context.patient.is_none();
    Ok(Session {
        client: registration.client_id.clone(),
        client_name: registration.display_name().to_owned(),
        public: registration.is_public(),
        iss: ehr.iss(),
        tenant: ehr.tenant.clone(),
        redirect_uri: redirect_uri.to_owned(),
        state: state.to_owned(),
        challenge: challenge.map(str::to_owned),
        needs_patient,
        scopes,
        context,
        step: Step::Login,
        second_factor: format!("{:06}", u32::from_be_bytes(random_bytes::<4>()) % 1_000_000),
        expires: ehr.clock.now_ms() + SESSION_MS,
    })
}

fn invalid(description: &'static str, urn: &'static str) -> OauthError {
    OauthError { code: "invalid_request", description, urn }
}

/// `aud` must be the FHIR base URL. Oracle refuses a request without it (O8).
fn check_audience(ehr: &Ehr, aud: Option<&str>) -> Result<(), OauthError> {
    let Some(aud) = aud else {
        return match ehr.profile.lenient_aud {
            true => Ok(()),
            false => Err(invalid("aud is missing", "smart-v1:grant:launch:audience-required")),
        };
    };
    let iss = ehr.iss();
    if aud == iss || ehr.profile.lenient_aud && aud.strip_suffix('/') == Some(&iss) {
        return Ok(());
    }
    Err(invalid("aud is not this FHIR server", "smart-v1:grant:launch:unknown-resource-server"))
}

/// The PKCE challenge. A request may have none unless the server requires it.
fn read_challenge<'a>(ehr: &Ehr, form: &'a Form) -> Result<Option<&'a str>, OauthError> {
    if ehr.pkce() == PkcePolicy::Ignored {
        return Ok(None);
    }
    match (form.get("code_challenge"), form.get("code_challenge_method")) {
        (None, None) if ehr.pkce() == PkcePolicy::Required => {
            Err(invalid("code_challenge is missing", "oauth2:grant:invalid-request"))
        }
        (None, None) => Ok(None),
        (Some(challenge), Some("S256")) if challenge.len() == CHALLENGE_LENGTH => Ok(Some(challenge)),
        _ => Err(invalid(
            "PKCE must be S256 with a challenge of 43 characters",
            "oauth2:grant:invalid-request",
        )),
    }
}

/// The scopes that a user can grant. Scopes that the client is not registered for are ignored (O11, E8).
fn read_scopes(ehr: &Ehr, form: &Form, registration: &Registration) -> Result<Vec<Scope>, OauthError> {
    let mut scopes = scope::parse_list(form.get("scope").unwrap_or_default(), ehr.profile);
    if ehr.profile.grants_registered_scopes && !registration.scopes.is_empty() {
        scopes.retain(|scope| scope.level().is_none());
        let registered = scope::parse_list(&registration.scopes.join(" "), ehr.profile);
        scopes.extend(registered.into_iter().filter(|scope| scope.level().is_some()));
    }
    scopes.retain(|scope| scope.level() != Some(Level::System) && scope.is_registered(registration));
    if scopes.is_empty() {
        return Err(OauthError {
            code: "invalid_scope",
            description: "No scope of the request can be granted",
            urn: "oauth2:token:empty-scopes",
        });
    }
    Ok(scopes)
}

/// The context of the `launch` parameter. The parameter and the scope `launch` require each other.
fn launch_context(ehr: &Ehr, form: &Form, scopes: &[Scope]) -> Result<Context, OauthError> {
    match (form.get("launch"), scope::contains(scopes, "launch")) {
        (None, false) => Ok(Context::default()),
        (None, true) => Err(invalid(
            "The scope launch requires the launch parameter",
            "smart-v1:grant:launch:launch-code-required",
        )),
        (Some(_), false) => Err(invalid(
            "The launch parameter requires the scope launch",
            "smart-v1:grant:launch:unspecified",
        )),
        (Some(token), true) => {
            let state = ehr.state();
            let launch = state.auth.launch(token, &ehr.tenant, ehr.clock.now_ms()).ok_or_else(|| {
                invalid("The launch token is unknown or has expired", "smart-v1:grant:launch:invalid-code")
            })?;
            Ok(Context {
                patient: Some(launch.options.patient.clone()),
                encounter: launch.options.encounter.clone(),
                user: launch.options.user.clone(),
                need_patient_banner: Some(launch.options.need_patient_banner),
                fhir_context: launch.options.fhir_context.clone(),
                intent: launch.options.intent.clone(),
                nonce: None,
            })
        }
    }
}
