//! The id_token of a code exchange, with the faults that change it.

use serde_json::{Map, Value, json};

use crate::{
    auth::{scope, state::Grant},
    ehr::{Ehr, State},
    faults::RequestFaults,
    options::Personality,
    server_keys::Signing,
    server_options::FhirUserForm,
    users,
};

/// How long an id_token is valid.
const ID_TOKEN_SECONDS: i64 = 300;
/// How much the fault `id-token-huge` adds.
const HUGE_BYTES: usize = 60_000;

/// The id_token for a grant; none if `openid` was not granted. `now` is in milliseconds since 1970.
pub(super) fn of_grant(
    ehr: &Ehr,
    state: &State,
    grant: &Grant,
    access_token: &str,
    now: i64,
    faults: &RequestFaults,
) -> Option<String> {
    if !scope::contains(&grant.scopes, "openid") || faults.contains("id-token-missing") {
        return None;
    }
    let user = grant.context.user.as_deref()?;
    // The clock of the server may be wrong, and so are the times in its tokens.
    let now = now.saturating_add(state.faults.clock_skew_ms()) / 1000;
    let mut claims = claims(ehr, grant, user, now);
    if ehr.options.personality == Personality::Generic {
        claims.insert("azp".to_owned(), grant.client.clone().into());
        claims.insert("at_hash".to_owned(), state.server_keys.access_token_hash(access_token).into());
    }
    if let Some(claim) = faults.argument("id-token-wrong") {
        make_wrong(&mut claims, claim, now);
    }
    if let Some(Value::Object(changed)) =
        faults.argument("id-token-claims").and_then(|text| serde_json::from_str(text).ok())
    {
        claims.extend(changed);
        claims.retain(|_, value| !value.is_null());
    }
    state.rule_switches.change_id_token(&mut claims);
    if faults.contains("id-token-huge") {
        claims.insert("address".to_owned(), "x".repeat(HUGE_BYTES).into());
    }
    let mut text = Value::Object(claims).to_string();
    if faults.contains("id-token-duplicate") {
        text.insert_str(1, "\"sub\":\"another-user\",");
    }
    Some(state.server_keys.token(&text, signing(faults)))
}

/// The claims of the personality. Epic and Oracle name the user, SMART Health IT and oidc-provider do not (O19: at Oracle, `sub` may
/// be the user name).
fn claims(ehr: &Ehr, grant: &Grant, user: &str, now: i64) -> Map<String, Value> {
    let personality = ehr.options.personality;
    let sub = if personality == Personality::Oracle { user.to_owned() } else { users::subject(user) };
    let claims = json!({
        "iss": ehr.issuer(), "sub": sub, "aud": grant.client, "iat": now, "exp": now + ID_TOKEN_SECONDS,
    });
    let Value::Object(mut claims) = claims else { return Map::new() };
    if let Some(nonce) = &grant.context.nonce {
        claims.insert("nonce".to_owned(), nonce.clone().into());
    }
    if matches!(personality, Personality::Oracle | Personality::Epic) {
        claims.insert("preferred_username".to_owned(), user.into());
    }
    let has = |name: &str| scope::contains(&grant.scopes, name);
    if has("fhirUser") || has("profile") {
        let relative = format!("Practitioner/{}", users::practitioner_id(user));
        let absolute = format!("{}/{relative}", ehr.iss());
        let form = ehr.options.fhir_user.unwrap_or(match personality {
            Personality::Smart => FhirUserForm::Relative,
            _ => FhirUserForm::Absolute,
        });
        let (name, reference) = match form {
            FhirUserForm::Absolute => ("fhirUser", absolute),
            FhirUserForm::Relative => ("fhirUser", relative),
            FhirUserForm::Profile => ("profile", absolute),
            FhirUserForm::Foreign => ("fhirUser", format!("https://directory.ehr.example/r4/{relative}")),
        };
        claims.insert(name.to_owned(), reference.into());
    }
    claims
}

fn make_wrong(claims: &mut Map<String, Value>, claim: &str, now: i64) {
    let wrong = match claim {
        "exp" => json!(now - 600),
        "iat" | "nbf" => json!(now + 600),
        "aud" => json!(["another-client", "a-third-client"]),
        "iss" => json!("https://another-issuer.example/"),
        _ => json!("another"),
    };
    claims.insert(claim.to_owned(), wrong);
}

fn signing(faults: &RequestFaults) -> Signing {
    match faults.argument("id-token-signature") {
        Some("wrong") => Signing::Wrong,
        Some("none") => Signing::None,
        Some("hs256") => Signing::PublicKeyAsSecret,
        Some("unknown-kid") => Signing::UnknownKey,
        Some("own-key") => Signing::OwnKey,
        _ => Signing::Right,
    }
}
