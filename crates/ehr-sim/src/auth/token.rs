//! `/auth/token`: exchanges codes, refresh tokens and the system account's credentials for access tokens.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::digest;

use crate::{
    auth::{
        client_auth::authenticate,
        oauth_error::{self, OauthError},
        scope::{self, Level},
        simulated_errors,
        state::{Code, Context, Grant},
        token_reply::{self, TokenGrant},
    },
    ehr::{Ehr, State},
    faults::{RequestFaults, RequestKind},
    fhir::fault_effects,
    http::{Form, Reply, Request},
    options::Personality,
    registration::{BackgroundUser, Registration},
    server_options::PkcePolicy,
};

const fn error(code: &'static str, description: &'static str, urn: &'static str) -> OauthError {
    OauthError { code, description, urn }
}

const BAD_CODE: OauthError = error(
    "invalid_grant",
    "The code is invalid, has expired or was used before",
    "oauth2:token:code-invalid-or-expired",
);
const BAD_REFRESH_TOKEN: OauthError =
    error("invalid_grant", "The refresh token is invalid", "oauth2:token:refresh-token:token-invalid");
const ENDED_SESSION: OauthError =
    error("invalid_grant", "The session of the user has ended", "oauth2:token:refresh-token:session-invalid");

fn bad_code(faults: &RequestFaults) -> OauthError {
    let code = if faults.contains("bad-code-is-invalid-request") { "invalid_request" } else { BAD_CODE.code };
    OauthError { code, ..BAD_CODE }
}

pub(crate) fn answer(ehr: &Ehr, request: &Request) -> Reply {
    let faults = ehr.state().faults.for_request(RequestKind::Token);
    if let Some(reply) = fault_effects::replacement(ehr, request, &faults, RequestKind::Token) {
        return fault_effects::with_transport_faults(reply, &faults);
    }
    if let Some(reply) = simulated_errors::at_token(ehr, &faults, &request.body_form()) {
        return fault_effects::with_transport_faults(reply, &faults);
    }
    let reply = if request.method == "POST" {
        exchange(ehr, request, &faults)
    } else {
        Reply::text(405, format!("ehr-sim does not implement {} at the token endpoint", request.method))
    };
    fault_effects::with_transport_faults(fault_effects::corrupt(reply, &faults), &faults)
}

fn exchange(ehr: &Ehr, request: &Request, faults: &RequestFaults) -> Reply {
    let form = request.body_form();
    let client_id = form.get("client_id").unwrap_or_default();
    if faults.contains("code-before-client") && form.get("grant_type") == Some("authorization_code") {
        let known = form.get("code").is_some_and(|code| ehr.state().auth.has_code(code));
        if !known {
            return oauth_error::token_reply(ehr, bad_code(faults), client_id);
        }
    }
    let registration = match authenticate(ehr, request, &form) {
        Ok(registration) => registration,
        Err(error) => return oauth_error::token_reply(ehr, error, client_id),
    };
    let client = registration.client_id.as_str();
    let mut state = ehr.state();
    let now = ehr.clock.now_ms();
    state.auth.remove_expired(now);
    let result = match form.get("grant_type") {
        Some("authorization_code") => exchange_code(ehr, &mut state, &form, client, faults),
        Some("refresh_token") => exchange_refresh_token(ehr, &mut state, &form, client, faults),
        Some("client_credentials") => exchange_credentials(ehr, &mut state, &form, &registration),
        _ => Err(error(
            "unsupported_grant_type",
            "ehr-sim does not implement this grant_type",
            "oauth2:token:unsupported-grant-type",
        )),
    };
    let mut reply = match result {
        Ok(granted) => token_reply::success(ehr, &mut state, granted, now, faults),
        Err(error) => oauth_error::token_reply(ehr, error, client),
    };
    reply.client = Some(client.to_owned());
    reply
}

fn exchange_code(
    ehr: &Ehr,
    state: &mut State,
    form: &Form,
    client: &str,
    faults: &RequestFaults,
) -> Result<TokenGrant, OauthError> {
    // The code is removed even if a check below fails: it may be presented once.
    let code = form.get("code").and_then(|code| state.auth.take_code(code, ehr.clock.now_ms()));
    let code = code.ok_or_else(|| bad_code(faults))?;
    if code.grant.client != client {
        return Err(error(
            "invalid_grant",
            "The code belongs to another client",
            "oauth2:token:code:client:mismatch",
        ));
    }
    if code.grant.tenant != ehr.tenant {
        return Err(error(
            "invalid_grant",
            "The code belongs to another tenant",
            "oauth2:token:code:tenant:mismatch",
        ));
    }
    if form.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(error(
            "invalid_grant",
            "The redirect_uri differs from that of the authorize request",
            "oauth2:token:invalid-redirect-uri",
        ));
    }
    if ehr.pkce() != PkcePolicy::Ignored && !verifies_challenge(&code, form.get("code_verifier")) {
        return Err(error(
            "invalid_grant",
            "The code_verifier does not match the code_challenge",
            "oauth2:token:code:invalid",
        ));
    }
    let refreshable =
        ["online_access", "offline_access"].iter().any(|access| scope::contains(&code.grant.scopes, access));
    let grant = state.auth.add_grant(code.grant);
    let refresh_token = refreshable.then(|| state.auth.add_refresh_token(grant));
    Ok(TokenGrant { grant, refresh_token, scopes: None, has_id_token: true })
}

/// PKCE (RFC 7636, 4.6): a request without a challenge must have no verifier either.
fn verifies_challenge(code: &Code, verifier: Option<&str>) -> bool {
    match (&code.challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
            URL_SAFE_NO_PAD.encode(hash) == *challenge
        }
        _ => false,
    }
}

fn exchange_refresh_token(
    ehr: &Ehr,
    state: &mut State,
    form: &Form,
    client: &str,
    faults: &RequestFaults,
) -> Result<TokenGrant, OauthError> {
    // Both answers are those of a revoked token, apart from the URN of the second.
    if faults.contains("suspended-refresh-token") {
        return Err(BAD_REFRESH_TOKEN);
    }
    if faults.contains("ended-user-session") {
        return Err(ENDED_SESSION);
    }
    let text = form.get("refresh_token").unwrap_or_default();
    let token = state.auth.refresh_token(text).ok_or(BAD_REFRESH_TOKEN)?;
    let grant = state.auth.grant(token.grant).ok_or(BAD_REFRESH_TOKEN)?;
    if grant.client != client || grant.revoked || grant.tenant != ehr.tenant {
        return Err(BAD_REFRESH_TOKEN);
    }
    if token.used {
        // The second use shows that two parties have the token, so all tokens of the grant end (RFC 9700, 4.14.2).
        state.auth.revoke_grant(token.grant);
        return Err(BAD_REFRESH_TOKEN);
    }
    let scopes = form.get("scope").map(|text| scope::parse_list(text, ehr.profile));
    if let Some(scopes) = &scopes
        && (scopes.is_empty() || scopes.iter().any(|scope| !grant.scopes.contains(scope)))
    {
        return Err(error("invalid_scope", "A refresh cannot add scopes", "oauth2:token:empty-scopes"));
    }
    let refresh_token = if ehr.options.rotate_refresh_tokens {
        state.auth.mark_refresh_token_used(text);
        Some(state.auth.add_refresh_token(token.grant))
    } else if ehr.options.personality == Personality::Smart {
        Some(text.to_owned())
    } else {
        // At Oracle and Epic the first refresh token remains valid, and the answer does not repeat it (O3, E7).
        None
    };
    Ok(TokenGrant { grant: token.grant, refresh_token, scopes, has_id_token: false })
}

fn exchange_credentials(
    ehr: &Ehr,
    state: &mut State,
    form: &Form,
    registration: &Registration,
) -> Result<TokenGrant, OauthError> {
    if !registration.system {
        return Err(error(
            "unauthorized_client",
            "The client is not a system account",
            "oauth2:token:unsupported-grant-type",
        ));
    }
    let scopes = scope::parse_list(form.get("scope").unwrap_or_default(), ehr.profile);
    if scopes.iter().any(|scope| !scope.is_registered(registration)) {
        return Err(error(
            "invalid_scope",
            "The client is not registered for a scope of the request",
            "oauth2:token:empty-scopes",
        ));
    }
    // Oracle does not mix system scopes with others (O12).
    if scopes.is_empty() || scopes.iter().any(|scope| scope.level() != Some(Level::System)) {
        return Err(error(
            "invalid_scope",
            "A system account can have system scopes only",
            "oauth2:token:empty-scopes",
        ));
    }
    let grant = state.auth.add_grant(Grant {
        client: registration.client_id.clone(),
        scopes,
        context: Context::default(),
        tenant: ehr.tenant.clone(),
        system: true,
        denied: registration.background_user == BackgroundUser::Denied,
        revoked: false,
    });
    Ok(TokenGrant { grant, refresh_token: None, scopes: None, has_id_token: false })
}
