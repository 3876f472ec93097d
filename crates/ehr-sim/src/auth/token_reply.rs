//! The answer to a successful token request, with the faults that change its members.

use serde_json::{Map, Value, json};

use crate::{
    auth::{id_token, scope::Scope, state::Grant},
    ehr::{Ehr, State},
    faults::RequestFaults,
    http::Reply,
    options::Personality,
};

/// What a successful request is answered with.
pub(super) struct TokenGrant {
    /// The id of the grant.
    pub(super) grant: u64,
    pub(super) refresh_token: Option<String>,
    /// Set if a refresh requested fewer scopes than the grant has.
    pub(super) scopes: Option<Vec<Scope>>,
    /// The answer to a code has an id_token; that to a refresh has none.
    pub(super) has_id_token: bool,
}

/// Makes an access token and answers with it. `now` is in milliseconds since 1970.
pub(super) fn success(
    ehr: &Ehr,
    state: &mut State,
    granted: TokenGrant,
    now: i64,
    faults: &RequestFaults,
) -> Reply {
    let seconds =
        ehr.options.access_token_lifetime.map_or(ehr.profile.access_token_seconds, |life| life.as_secs());
    let lifetime_ms = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000);
    let expires = now.saturating_add(lifetime_ms);
    let in_token = ehr.profile.scopes_in_token;
    let token = state.auth.add_access_token(granted.grant, granted.scopes.clone(), expires, in_token);
    let Some(grant) = state.auth.grant(granted.grant) else {
        return Reply::text(500, "ehr-sim lost a grant");
    };
    let scopes = granted.scopes.as_ref().unwrap_or(&grant.scopes);
    let mut body = Map::new();
    if granted.has_id_token
        && let Some(id_token) = id_token::of_grant(ehr, state, grant, &token, now, faults)
    {
        body.insert("id_token".to_owned(), id_token.into());
    }
    if !faults.contains("missing-access-token") {
        body.insert("access_token".to_owned(), token.into());
    }
    if faults.contains("lower-case-bearer") {
        body.insert("token_type".to_owned(), "bearer".into());
    } else if !faults.contains("no-token-type") {
        body.insert("token_type".to_owned(), "Bearer".into());
    }
    if faults.contains("expires-in-string") {
        body.insert("expires_in".to_owned(), seconds.to_string().into());
    } else if !faults.contains("no-expires-in") {
        body.insert("expires_in".to_owned(), seconds.into());
    }
    body.insert("scope".to_owned(), scope_text(ehr.options.personality, scopes).into());
    if let Some(refresh_token) = granted.refresh_token {
        body.insert("refresh_token".to_owned(), refresh_token.into());
    }
    add_context(ehr, grant, &mut body);
    for name in &ehr.options.token_answer_without {
        body.remove(name);
    }
    let media_type = if faults.contains("token-text-plain") { "text/plain" } else { "application/json" };
    Reply::new(200, media_type, Value::Object(body).to_string())
        .with("cache-control", "no-store")
        .with("pragma", "no-cache")
}

/// The granted scopes. Epic ends them with a space, and leaves `online_access` and `offline_access` out (E6, E8).
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

/// Adds the launch context. Tokens of the system account have none.
fn add_context(ehr: &Ehr, grant: &Grant, body: &mut Map<String, Value>) {
    if grant.system {
        return;
    }
    let personality = ehr.options.personality;
    if let Some(patient) = &grant.context.patient {
        body.insert("patient".to_owned(), patient.clone().into());
    }
    if let Some(encounter) = &grant.context.encounter {
        body.insert("encounter".to_owned(), encounter.clone().into());
    }
    if let Some(user) = grant.context.user.as_ref().filter(|_| ehr.profile.names_user) {
        body.insert("user".to_owned(), user.clone().into());
        body.insert("username".to_owned(), user.clone().into());
    }
    if let Some(banner) = grant.context.need_patient_banner {
        // Epic sends the boolean as a string.
        let banner = if personality == Personality::Epic { json!(banner.to_string()) } else { json!(banner) };
        body.insert("need_patient_banner".to_owned(), banner);
        body.insert(
            "smart_style_url".to_owned(),
            format!("{}{}/smart-style.json", ehr.base, ehr.prefix).into(),
        );
    }
    if let Some(intent) = &grant.context.intent {
        body.insert("intent".to_owned(), intent.clone().into());
    }
    if !grant.context.fhir_context.is_empty() {
        let items = grant.context.fhir_context.iter().map(|item| context_item(ehr, item)).collect();
        body.insert("fhirContext".to_owned(), Value::Array(items));
    }
    if matches!(personality, Personality::Oracle | Personality::Generic) {
        body.insert("tenant".to_owned(), ehr.tenant.clone().into());
    }
}

/// An element of `fhirContext`: a reference as a string (SMART 2.0) or as an object (2.1 and later). JSON is sent as it is.
fn context_item(ehr: &Ehr, item: &str) -> Value {
    if item.starts_with('{')
        && let Ok(object) = serde_json::from_str(item)
    {
        return object;
    }
    if ehr.options.fhir_context_strings { item.into() } else { json!({ "reference": item }) }
}
