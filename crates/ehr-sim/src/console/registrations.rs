//! The forms that add a registration and change its tenants.

use crate::{
    auth::token_management::is_redirect_uri,
    ehr::Ehr,
    http::{Form, Reply},
    random::{random_token, random_uuid},
    registration::{AuthMethod, Registration, ScopeVersion},
};

use super::pages;

/// Adds a registration, and shows its client id and its secret once.
pub(super) fn register(root: &Ehr, form: &Form) -> Reply {
    let registration = match read(root, form) {
        Ok(registration) => registration,
        Err(message) => return pages::problem(message),
    };
    root.state().registry.put(registration.clone(), root.clock.now_ms());
    pages::registered(&registration)
}

/// The registration in the form. The error is a sentence.
fn read(root: &Ehr, form: &Form) -> Result<Registration, &'static str> {
    let lines = |name: &str| -> Vec<String> {
        form.get(name).unwrap_or_default().split_whitespace().map(str::to_owned).collect()
    };
    let name = form.get("name").map(str::trim).filter(|name| !name.is_empty()).ok_or("Enter a name.")?;
    let system = form.get("users") == Some("system");
    let redirect_uris = lines("redirect_uris");
    if !system && redirect_uris.is_empty() {
        return Err("Enter at least one redirect URI. Users return to it after the sign-in.");
    }
    if !redirect_uris.iter().all(|uri| is_redirect_uri(uri)) {
        return Err(
            "A redirect URI must be an https URL, or an http URL of this machine, without a fragment.",
        );
    }
    let mut registration = Registration {
        client_id: random_uuid(),
        name: name.to_owned(),
        redirect_uris,
        system,
        scope_version: match form.get("scope_version") {
            Some("v1") => Some(ScopeVersion::V1),
            Some("v2") => Some(ScopeVersion::V2),
            _ => None,
        },
        scopes: lines("scopes"),
        tenants: Some(read_tenants(root, form)),
        active_after_seconds: root.options.activation_delay.as_secs(),
        ..Registration::default()
    };
    match form.get("method") {
        Some("secret") => registration.secrets = vec![random_token::<24>()],
        Some("jwks_url") => {
            let url = form.get("jwks_url").ok_or("Enter the JWKS URL, or choose another authentication.")?;
            registration.jwks_url = Some(url.trim().to_owned());
        }
        Some("none") if system => return Err("A system account needs a secret or a JWKS URL."),
        Some("none") => registration.auth_methods = vec![AuthMethod::None],
        _ => return Err("Choose how the application authenticates."),
    }
    Ok(registration)
}

/// Changes the tenants that enabled a client.
pub(super) fn set_tenants(root: &Ehr, form: &Form) -> Reply {
    let client = form.get("client_id").unwrap_or_default();
    let tenants = Some(read_tenants(root, form));
    match root.state().registry.set_tenants(client, tenants) {
        true => Reply::redirect(303, "/console"),
        false => pages::problem("There is no such application."),
    }
}

/// The checked tenants. Others than those of this simulator are ignored.
fn read_tenants(root: &Ehr, form: &Form) -> Vec<String> {
    let checked = |tenant: &String| form.0.iter().any(|(name, value)| name == "tenant" && value == tenant);
    pages::tenants(root).into_iter().filter(checked).collect()
}
