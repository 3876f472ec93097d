//! The other endpoints of the authorization server: introspection (RFC 7662), revocation (RFC 7009), dynamic
//! registration (RFC 7591), the page of granted access, the JWK set and the OpenID configuration.

use serde_json::{Value, json};
use url::Url;

use crate::{
    auth::{
        client_auth::authenticate,
        oauth_error::{self, OauthError},
        scope,
        state::Grant,
    },
    ehr::Ehr,
    faults::RequestKind,
    fhir::fault_effects,
    http::{Reply, Request, escape},
    openid,
    page::{Layout, page},
    random::{random_token, random_uuid},
    registration::{AuthMethod, Registration},
};

/// Answers `/auth/NAME` for every endpoint but authorize and token. None if there is no such endpoint.
pub(crate) fn answer(ehr: &Ehr, name: &str, request: &Request) -> Option<Reply> {
    match (request.method.as_str(), name) {
        ("POST", "introspect") => {
            Some(with_faults(ehr, request, RequestKind::Introspect, || introspect(ehr, request)))
        }
        ("POST", "revoke") if ehr.profile.has_revocation => {
            Some(with_faults(ehr, request, RequestKind::Revoke, || revoke(ehr, request)))
        }
        ("POST", "register") if ehr.profile.open_registration => Some(register(ehr, request)),
        ("GET", "manage") => Some(manage(ehr)),
        ("GET", "jwks") => {
            let state = ehr.state();
            if let Some(status) = state.faults.argument("jwks-status").and_then(|status| status.parse().ok())
            {
                return Some(Reply::text(status, "The keys are not available"));
            }
            Some(Reply::json(200, &state.server_keys.document()).with("cache-control", "max-age=300"))
        }
        ("GET", _) => {
            let issuer = ehr.issuer();
            let at = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
            (at == ehr.auth_url(name)).then(|| openid::configuration(ehr))
        }
        _ => None,
    }
}

/// The reply of an endpoint, with the faults that are set for it.
fn with_faults(ehr: &Ehr, request: &Request, kind: RequestKind<'_>, reply: impl FnOnce() -> Reply) -> Reply {
    let faults = ehr.state().faults.for_request(kind);
    let reply = fault_effects::replacement(ehr, request, &faults, kind).unwrap_or_else(reply);
    fault_effects::with_transport_faults(fault_effects::corrupt(reply, &faults), &faults)
}

/// The token of a request, and the client id, if the client is authenticated.
fn read_token(ehr: &Ehr, request: &Request, allows_public: bool) -> Result<(String, String), Reply> {
    let form = request.body_form();
    let client = form.get("client_id").unwrap_or_default();
    let registration =
        authenticate(ehr, request, &form).map_err(|error| oauth_error::token_reply(ehr, error, client))?;
    if !allows_public && registration.methods() == [AuthMethod::None] {
        let error = OauthError {
            code: "invalid_client",
            description: "The client must authenticate",
            urn: "oauth2:token:invalid_client_credentials",
        };
        return Err(oauth_error::token_reply(ehr, error, client));
    }
    let Some(token) = form.get("token") else {
        let error = OauthError {
            code: "invalid_request",
            description: "token is missing",
            urn: "oauth2:token:unspecified",
        };
        return Err(oauth_error::token_reply(ehr, error, &registration.client_id));
    };
    Ok((token.to_owned(), registration.client_id.clone()))
}

/// A token of another client or tenant is reported as inactive, and so is a refresh token that was used up. A public client is
/// refused: RFC 7662, 2.1, requires authorization, so that no one can try out tokens.
fn introspect(ehr: &Ehr, request: &Request) -> Reply {
    let (token, client) = match read_token(ehr, request, false) {
        Ok(read) => read,
        Err(reply) => return reply,
    };
    let state = ehr.state();
    let now = ehr.clock.now_ms();
    let of_client = |grant: &Grant| grant.client == client && grant.tenant == ehr.tenant;
    let access = state.auth.grant_of(&token, now).filter(of_client);
    let refresh = state
        .auth
        .refresh_token(&token)
        .filter(|token| !token.used)
        .and_then(|token| state.auth.grant(token.grant))
        .filter(|grant| of_client(grant) && !grant.revoked);
    let Some(grant) = access.as_ref().or(refresh) else {
        return Reply::json(200, &json!({ "active": false }));
    };
    let mut body = json!({
        "active": true,
        "client_id": grant.client,
        "scope": scope::join(&grant.scopes),
        "iss": ehr.issuer(),
    });
    if let Some(end) = state.auth.access_token_end(&token) {
        body["exp"] = json!(end / 1000);
    }
    for (name, value) in [
        ("patient", &grant.context.patient),
        ("encounter", &grant.context.encounter),
        ("username", &grant.context.user),
        ("intent", &grant.context.intent),
    ] {
        if let Some(value) = value {
            body[name] = json!(value);
        }
    }
    Reply::json(200, &body).with("cache-control", "no-store")
}

/// RFC 7009: an unknown token is answered with 200, and so is one of another client, which stays valid.
fn revoke(ehr: &Ehr, request: &Request) -> Reply {
    let (token, client) = match read_token(ehr, request, true) {
        Ok(read) => read,
        Err(reply) => return reply,
    };
    let now = ehr.clock.now_ms();
    let mut state = ehr.state();
    let refresh = state.auth.refresh_token(&token).filter(|refresh| {
        state
            .auth
            .grant(refresh.grant)
            .is_some_and(|grant| grant.client == client && grant.tenant == ehr.tenant)
    });
    if let Some(refresh) = refresh {
        if ehr.profile.keeps_access_tokens {
            state.auth.revoke_refresh_of(refresh.grant);
        } else {
            state.auth.revoke_grant(refresh.grant);
        }
        return Reply::empty(200);
    }
    let access = state.auth.grant_of(&token, now);
    if access.is_some_and(|grant| grant.client == client && grant.tenant == ehr.tenant) {
        if ehr.profile.keeps_access_tokens {
            drop(state);
            let error = OauthError {
                code: "unsupported_token_type",
                description: "Access tokens cannot be revoked",
                urn: "oauth2:token:unspecified",
            };
            return oauth_error::token_reply(ehr, error, &client);
        }
        state.auth.remove_access_token(&token);
    }
    Reply::empty(200)
}

/// The page on which a user sees which applications have access.
fn manage(ehr: &Ehr) -> Reply {
    let state = ehr.state();
    let mut rows: Vec<(&str, &str)> = state
        .auth
        .active_grants()
        .filter(|grant| grant.tenant == ehr.tenant)
        .map(|grant| (grant.client.as_str(), grant.context.user.as_deref().unwrap_or("system account")))
        .collect();
    rows.sort_unstable();
    rows.dedup();
    let rows: String = rows
        .into_iter()
        .map(|(client, user)| {
            format!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escape(client), escape(user))
        })
        .collect();
    let main = format!(
        "<h1>Applications with access</h1>\n<table class=\"list\"><thead><tr><th scope=\"col\">Application</th>\
         <th scope=\"col\">EHR user</th></tr></thead>\n<tbody>\n{rows}</tbody></table>"
    );
    page(200, Layout::Plain, "Applications with access", None, &main)
}

fn register(ehr: &Ehr, request: &Request) -> Reply {
    let refusal = |code: &str, description: &str| {
        Reply::json(400, &json!({ "error": code, "error_description": description }))
    };
    let Ok(metadata) = serde_json::from_slice::<Value>(&request.body) else {
        return refusal("invalid_client_metadata", "The body is not JSON");
    };
    let registration = match read_metadata(&metadata) {
        Ok(registration) => registration,
        Err((code, description)) => return refusal(code, description),
    };
    let mut body = metadata;
    body["client_id"] = json!(registration.client_id);
    body["client_id_issued_at"] = json!(ehr.shown_time_ms() / 1000);
    if let Some(secret) = registration.secrets.first() {
        body["client_secret"] = json!(secret);
        body["client_secret_expires_at"] = json!(0);
    }
    body["token_endpoint_auth_method"] = json!(registration.auth_methods[0].as_str());
    let registration =
        Registration { active_after_seconds: ehr.options.activation_delay.as_secs(), ..registration };
    ehr.state().registry.put(registration, ehr.clock.now_ms());
    Reply::json(201, &body).with("cache-control", "no-store")
}

/// The registration for the metadata of RFC 7591, section 2. The error is a code with a description.
fn read_metadata(metadata: &Value) -> Result<Registration, (&'static str, &'static str)> {
    let invalid = |description| ("invalid_client_metadata", description);
    let strings = |name: &str| -> Option<Vec<String>> {
        let list = metadata.get(name)?.as_array()?;
        Some(list.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect())
    };
    let text = |name: &str| metadata[name].as_str().map(str::to_owned);
    let grants = strings("grant_types").unwrap_or_else(|| vec!["authorization_code".to_owned()]);
    let system = grants.iter().any(|grant| grant == "client_credentials");
    if system && grants.iter().any(|grant| grant == "authorization_code") {
        return Err(invalid("A system account cannot have users"));
    }
    let redirect_uris = strings("redirect_uris").unwrap_or_default();
    if !system && redirect_uris.is_empty() || !redirect_uris.iter().all(|uri| is_redirect_uri(uri)) {
        return Err((
            "invalid_redirect_uri",
            "redirect_uris must be https URLs, or http URLs of this machine",
        ));
    }
    let method = match metadata["token_endpoint_auth_method"].as_str() {
        None | Some("client_secret_basic") => AuthMethod::ClientSecretBasic,
        Some("client_secret_post") => AuthMethod::ClientSecretPost,
        Some("private_key_jwt") => AuthMethod::PrivateKeyJwt,
        Some("none") if !system => AuthMethod::None,
        Some(_) => return Err(invalid("The token_endpoint_auth_method is not supported")),
    };
    let jwks = metadata.get("jwks").cloned();
    let jwks_url = text("jwks_uri");
    if jwks.is_some() && jwks_url.is_some() {
        return Err(invalid("jwks and jwks_uri cannot be combined"));
    }
    if method == AuthMethod::PrivateKeyJwt && jwks.is_none() && jwks_url.is_none() {
        return Err(invalid("private_key_jwt requires jwks or jwks_uri"));
    }
    let has_secret = matches!(method, AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost);
    Ok(Registration {
        client_id: random_uuid(),
        name: text("client_name").unwrap_or_default(),
        secrets: has_secret.then(random_token::<24>).into_iter().collect(),
        jwks,
        jwks_url,
        auth_methods: vec![method],
        redirect_uris,
        system,
        scopes: text("scope")
            .map(|text| text.split_whitespace().map(str::to_owned).collect())
            .unwrap_or_default(),
        ..Registration::default()
    })
}

/// Whether a URL can be registered: https, or http on this machine, without a fragment (RFC 6749, 3.1.2).
pub(crate) fn is_redirect_uri(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    let local = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"))
        || url.host_str().is_some_and(|host| host.ends_with(".localhost"));
    url.fragment().is_none() && (url.scheme() == "https" || url.scheme() == "http" && local)
}
