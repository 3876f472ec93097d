//! `/auth/token`: codes, refresh tokens and the system account's credentials become access tokens.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::digest;
use serde_json::{Map, Value, json};

use crate::{
    Personality,
    auth::{
        AccessToken, Grant, RefreshToken,
        clients::{Refusal, SYSTEM},
        oauth_error::{self, OauthError},
        scope::{self, Level, Scope},
    },
    faults::{Aim, Met},
    fhir::damage,
    http::{Form, Reply, Request},
    world::{State, World, random_token},
};

/// The tenant Oracle names in its answers.
pub(crate) const TENANT: &str = "ehr-sim";

const fn error(code: &'static str, why: &'static str, urn: &'static str) -> OauthError {
    OauthError { code, why, urn }
}

const BAD_CODE: OauthError =
    error("invalid_grant", "the code is invalid, spent or expired", "oauth2:token:code-invalid-or-expired");
const BAD_REFRESH: OauthError =
    error("invalid_grant", "the refresh token is invalid", "oauth2:token:refresh-token:token-invalid");

fn bad_code(met: &Met) -> OauthError {
    let code = if met.has("bad-code-is-invalid-request") { "invalid_request" } else { BAD_CODE.code };
    OauthError { code, ..BAD_CODE }
}

/// What is answered when a request succeeds.
struct Granted {
    grant: u64,
    refresh_token: Option<String>,
    /// Scopes to answer instead of all of the grant, for a narrowing refresh.
    scopes: Option<Vec<Scope>>,
}

pub(crate) fn answer(world: &World, request: &Request) -> Reply {
    let met = world.state().faults.meet(Aim::Token);
    if let Some(reply) = damage::instead(world, request, &met, "token-status") {
        return damage::wire(reply, &met);
    }
    let reply = if request.method == "POST" {
        let form = request.body_form();
        token(world, request, &form, &met)
    } else {
        Reply::text(405, format!("ehr-sim does not implement {} at the token endpoint", request.method))
    };
    damage::wire(damage::body(reply, &met), &met)
}

fn token(world: &World, request: &Request, form: &Form, met: &Met) -> Reply {
    let named = form.get("client_id").unwrap_or_default();
    if met.has("code-before-client") && form.get("grant_type") == Some("authorization_code") {
        let known = form.get("code").is_some_and(|code| world.state().auth.codes.contains_key(code));
        if !known {
            return oauth_error::token_reply(world, bad_code(met), named);
        }
    }
    let client = match world.clients.authenticate(request, form, world.profile.secret_in_body) {
        Ok(client) => client,
        Err(refusal) => {
            let urn = match refusal {
                Refusal::Header => "oauth2:token:invalid_authorization_header",
                Refusal::Credentials => "oauth2:token:invalid_client_credentials",
            };
            let wrong = error("invalid_client", "the client is not authenticated", urn);
            return oauth_error::token_reply(world, wrong, named);
        }
    };
    let mut state = world.state();
    let now = world.clock.now_ms();
    state.auth.sweep(now);
    let result = match form.get("grant_type") {
        Some("authorization_code") => from_code(&mut state, form, client, now)
            .map_err(|wrong| if wrong.urn == BAD_CODE.urn { bad_code(met) } else { wrong }),
        Some("refresh_token") => from_refresh(world, &mut state, form, client),
        Some("client_credentials") => from_credentials(world, &mut state, form, client),
        _ => Err(error(
            "unsupported_grant_type",
            "ehr-sim does not implement this grant_type",
            "oauth2:token:unsupported-grant-type",
        )),
    };
    let mut reply = match result {
        Ok(granted) => success(world, &mut state, granted, now, met),
        Err(wrong) => oauth_error::token_reply(world, wrong, client),
    };
    reply.client = Some(client.to_owned());
    reply
}

fn from_code(state: &mut State, form: &Form, client: &str, now: i64) -> Result<Granted, OauthError> {
    // Taken out whatever comes: a code is presented once.
    let code = form
        .get("code")
        .and_then(|code| state.auth.codes.remove(code))
        .filter(|code| code.expires > now)
        .ok_or(BAD_CODE)?;
    if code.grant.client != client {
        return Err(error(
            "invalid_grant",
            "the code belongs to another client",
            "oauth2:token:code:client:mismatch",
        ));
    }
    if form.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(error(
            "invalid_grant",
            "the redirect_uri is not that of the authorize request",
            "oauth2:token:invalid-redirect-uri",
        ));
    }
    let verifier = form.get("code_verifier");
    let proven = match (&code.challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
            URL_SAFE_NO_PAD.encode(hash) == *challenge
        }
        _ => false,
    };
    if !proven {
        return Err(error(
            "invalid_grant",
            "the code_verifier does not fit the code_challenge",
            "oauth2:token:code:invalid",
        ));
    }
    let wants_refresh =
        ["online_access", "offline_access"].iter().any(|access| scope::has(&code.grant.scopes, access));
    let grant = state.auth.add_grant(code.grant);
    let refresh_token = wants_refresh.then(|| new_refresh(state, grant));
    Ok(Granted { grant, refresh_token, scopes: None })
}

fn new_refresh(state: &mut State, grant: u64) -> String {
    let token = random_token(32);
    let record = RefreshToken { grant, spent: false };
    state.auth.refresh.insert(token.clone(), record);
    token
}

fn from_refresh(world: &World, state: &mut State, form: &Form, client: &str) -> Result<Granted, OauthError> {
    let token = form.get("refresh_token").unwrap_or_default();
    let (id, spent) =
        state.auth.refresh.get(token).map(|record| (record.grant, record.spent)).ok_or(BAD_REFRESH)?;
    let grant = state.auth.grants.get_mut(&id).ok_or(BAD_REFRESH)?;
    if grant.client != client || grant.revoked {
        return Err(BAD_REFRESH);
    }
    if spent {
        // A spent token came back: someone else holds the chain, so it ends for all.
        grant.revoked = true;
        state.auth.access.retain(|_, access| access.grant != id);
        return Err(BAD_REFRESH);
    }
    let scopes = match form.get("scope") {
        Some(asked) => {
            let asked = scope::known(asked, world.profile);
            if asked.is_empty() || asked.iter().any(|scope| !grant.scopes.contains(scope)) {
                return Err(error(
                    "invalid_scope",
                    "a refresh cannot widen the scope",
                    "oauth2:token:empty-scopes",
                ));
            }
            Some(asked)
        }
        None => None,
    };
    let refresh_token = if world.options.rotate_refresh_tokens {
        if let Some(record) = state.auth.refresh.get_mut(token) {
            record.spent = true;
        }
        Some(new_refresh(state, id))
    } else if world.options.personality == Personality::Smart {
        Some(token.to_owned())
    } else {
        None // O3, E7: the original stays good and is not repeated.
    };
    Ok(Granted { grant: id, refresh_token, scopes })
}

fn from_credentials(
    world: &World,
    state: &mut State,
    form: &Form,
    client: &str,
) -> Result<Granted, OauthError> {
    if client != SYSTEM {
        return Err(error(
            "unauthorized_client",
            "the client is no system account",
            "oauth2:token:unsupported-grant-type",
        ));
    }
    let asked = form.get("scope").unwrap_or_default();
    let scopes = scope::known(asked, world.profile);
    // O12: system scopes are not mixed with others.
    if scopes.is_empty() || scopes.iter().any(|scope| scope.level() != Some(Level::System)) {
        return Err(error(
            "invalid_scope",
            "only system scopes can be granted here",
            "oauth2:token:empty-scopes",
        ));
    }
    let grant = state.auth.add_grant(Grant {
        client: client.to_owned(),
        scopes,
        context: super::Context::default(),
        revoked: false,
    });
    Ok(Granted { grant, refresh_token: None, scopes: None })
}

fn success(world: &World, state: &mut State, granted: Granted, now: i64, met: &Met) -> Reply {
    let seconds =
        world.options.access_token_lifetime.map_or(world.profile.access_token_seconds, |life| life.as_secs());
    let lifetime = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000);
    let token = random_token(32);
    let access = AccessToken {
        grant: granted.grant,
        expires: now.saturating_add(lifetime),
        scopes: granted.scopes.clone(),
    };
    state.auth.access.insert(token.clone(), access);
    let Some(grant) = state.auth.grants.get(&granted.grant) else {
        return Reply::text(500, "ehr-sim lost a grant");
    };
    let scopes = granted.scopes.as_ref().unwrap_or(&grant.scopes);
    let mut body = Map::new();
    if !met.has("missing-access-token") {
        body.insert("access_token".to_owned(), token.into());
    }
    if met.has("lower-case-bearer") {
        body.insert("token_type".to_owned(), "bearer".into());
    } else if !met.has("no-token-type") {
        body.insert("token_type".to_owned(), "Bearer".into());
    }
    if met.has("expires-in-string") {
        body.insert("expires_in".to_owned(), seconds.to_string().into());
    } else if !met.has("no-expires-in") {
        body.insert("expires_in".to_owned(), seconds.into());
    }
    body.insert("scope".to_owned(), scope_text(world.options.personality, scopes).into());
    if let Some(refresh_token) = granted.refresh_token {
        body.insert("refresh_token".to_owned(), refresh_token.into());
    }
    context(world, grant, &mut body);
    let media_type = if met.has("token-text-plain") { "text/plain" } else { "application/json" };
    Reply::new(200, media_type, Value::Object(body).to_string())
        .with("cache-control", "no-store")
        .with("pragma", "no-cache")
}

/// Epic leaves a space at the end and never tells the access scopes (E6).
fn scope_text(personality: Personality, scopes: &[Scope]) -> String {
    let epic = personality == Personality::Epic;
    let mut text = scopes
        .iter()
        .map(|scope| scope.text.as_str())
        .filter(|scope| !epic || !matches!(*scope, "online_access" | "offline_access"))
        .collect::<Vec<_>>()
        .join(" ");
    if epic {
        text.push(' ');
    }
    text
}

/// The launch context beside the token.
fn context(world: &World, grant: &Grant, body: &mut Map<String, Value>) {
    if grant.client == SYSTEM {
        return;
    }
    let personality = world.options.personality;
    if let Some(patient) = &grant.context.patient {
        body.insert("patient".to_owned(), patient.clone().into());
    }
    if let Some(encounter) = &grant.context.encounter {
        body.insert("encounter".to_owned(), encounter.clone().into());
    }
    if let Some(user) = &grant.context.user {
        body.insert("user".to_owned(), user.clone().into());
        body.insert("username".to_owned(), user.clone().into());
    }
    if let Some(banner) = grant.context.need_patient_banner {
        let banner = if personality == Personality::Epic { json!(banner.to_string()) } else { json!(banner) };
        body.insert("need_patient_banner".to_owned(), banner);
        body.insert("smart_style_url".to_owned(), format!("{}/smart-style.json", world.base).into());
    }
    if personality == Personality::Oracle {
        body.insert("tenant".to_owned(), TENANT.into());
    }
}
