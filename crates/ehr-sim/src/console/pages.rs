//! The pages of the console. They need no script.

use std::fmt::Write as _;

use crate::{
    auth::registry::Entry,
    ehr::Ehr,
    http::{Reply, escape},
    page::{self, Layout, page},
    registration::{AuthMethod, Registration, ScopeVersion},
};

const BACK: &str = "<p><a href=\"/console\">Developer console</a></p>";

/// The ids of all tenants, each once.
pub(super) fn tenants(root: &Ehr) -> Vec<String> {
    let mut tenants: Vec<String> = root.bases().map(|base| base.tenant.clone()).collect();
    tenants.dedup();
    tenants
}

/// All registrations, and the forms.
pub(super) fn overview(root: &Ehr) -> Reply {
    let tenants = tenants(root);
    let now = root.clock.now_ms();
    let entries = root.state().registry.entries().to_vec();
    let rows: String = entries.iter().map(|entry| row(root, entry, &tenants, now)).collect();
    let main = format!(
        "<h1>Developer console</h1>\n<p class=\"soft\">Register the application, let a tenant enable it, and test its \
         keys. A new application is active after {} seconds.</p>\n\
         <table class=\"list\"><caption>Registered applications</caption><thead><tr><th scope=\"col\">Application</th>\
         <th scope=\"col\">Status</th><th scope=\"col\">Authentication</th><th scope=\"col\">Redirect URIs</th>\
         <th scope=\"col\">Enabled for</th></tr></thead>\n<tbody>\n{rows}</tbody></table>\n{}{}",
        root.options.activation_delay.as_secs(),
        register_form(&tenants),
        jwks_form("", ""),
    );
    page(200, Layout::Plain, "Developer console", None, &main)
}

fn row(root: &Ehr, entry: &Entry, tenants: &[String], now: i64) -> String {
    let registration = &entry.registration;
    let wait = entry.active_from.saturating_sub(now);
    let status =
        if wait > 0 { format!("active in {} seconds", (wait + 999) / 1000) } else { "active".to_owned() };
    let permitted =
        |method: &AuthMethod| *method == AuthMethod::None || root.profile.auth_methods.contains(method);
    let mut methods: Vec<String> = registration
        .methods()
        .into_iter()
        .filter(permitted)
        .map(|method| method.as_str().to_owned())
        .collect();
    if let Some(url) = &registration.jwks_url {
        methods.push(format!("keys from <code>{}</code>", escape(url)));
    }
    if let Some(version) = registration.scope_version {
        methods.push(format!("scopes {}", if version == ScopeVersion::V1 { "v1" } else { "v2" }));
    }
    let uris: Vec<String> =
        registration.redirect_uris.iter().map(|uri| format!("<code>{}</code>", escape(uri))).collect();
    let client = escape(&registration.client_id);
    format!(
        "<tr><th scope=\"row\">{} <span class=\"id\">{client}{}</span></th>\
         <td data-label=\"Status\">{status}</td><td data-label=\"Authentication\">{}</td>\
         <td data-label=\"Redirect URIs\">{}</td>\
         <td class=\"app\" data-label=\"Enabled for\"><form method=\"post\" action=\"/console/tenants\">\
         <input type=\"hidden\" name=\"client_id\" value=\"{client}\">{}\
         <button>Save<span class=\"vh\"> the tenants of {client}</span></button></form></td></tr>\n",
        escape(registration.display_name()),
        if registration.system { ", system account" } else { "" },
        methods.join("<br>"),
        uris.join("<br>"),
        tenant_boxes(tenants, |tenant| registration.is_enabled_for(tenant)),
    )
}

fn tenant_boxes(tenants: &[String], is_checked: impl Fn(&str) -> bool) -> String {
    let mut boxes = String::new();
    for tenant in tenants {
        let checked = if is_checked(tenant) { " checked" } else { "" };
        let tenant = escape(tenant);
        let _ = write!(
            boxes,
            "<label><input type=\"checkbox\" name=\"tenant\" value=\"{tenant}\"{checked}> {tenant}</label> "
        );
    }
    boxes
}

fn register_form(tenants: &[String]) -> String {
    let radio = |name: &str, value: &str, label: &str, checked: bool| {
        let checked = if checked { " checked" } else { "" };
        format!("<label><input type=\"radio\" name=\"{name}\" value=\"{value}\"{checked}> {label}</label>")
    };
    format!(
        "<section class=\"console\"><h2>Register an application</h2>\n\
         <form method=\"post\" action=\"/console/register\">\
         <label>Name <input name=\"name\" required></label>\n\
         <fieldset><legend>Users</legend>{}{}</fieldset>\n\
         <fieldset><legend>Authentication</legend>{}{}{}</fieldset>\n\
         <label>JWKS URL <input name=\"jwks_url\"></label>\n\
         <label>Redirect URIs, one on each line <textarea name=\"redirect_uris\" rows=\"3\"></textarea></label>\n\
         <fieldset><legend>Scope syntax</legend>{}{}{}</fieldset>\n\
         <label>Scopes that may be granted, all if empty <textarea name=\"scopes\" rows=\"2\"></textarea></label>\n\
         <fieldset><legend>Enable for</legend>{}</fieldset>\n\
         <div class=\"buttons\"><button class=\"primary\">Register</button></div></form></section>\n",
        radio("users", "users", "people who sign in", true),
        radio("users", "system", "none: it is a system account", false),
        radio("method", "secret", "client secret", true),
        radio("method", "jwks_url", "signed assertion, keys from the JWKS URL", false),
        radio("method", "none", "none: it is a public client", false),
        radio("scope_version", "any", "v1 and v2", true),
        radio("scope_version", "v1", "v1: <code>user/Patient.read</code>", false),
        radio("scope_version", "v2", "v2: <code>user/Patient.rs</code>", false),
        tenant_boxes(tenants, |_| true),
    )
}

/// The form that tests a JWKS URL.
pub(super) fn jwks_form(url: &str, assertion: &str) -> String {
    format!(
        "<section class=\"console\"><h2>Test a JWKS URL</h2>\n<form method=\"post\" action=\"/console/jwks-test\">\
         <label>JWKS URL <input name=\"url\" required value=\"{}\"></label>\n\
         <label>Signed assertion, not required <textarea name=\"assertion\" rows=\"4\">{}</textarea></label>\n\
         <div class=\"buttons\"><button class=\"primary\">Test</button></div></form></section>\n",
        escape(url),
        escape(assertion),
    )
}

/// The page after a registration. It is the only one that shows the secret.
pub(super) fn registered(registration: &Registration) -> Reply {
    let mut list = format!(
        "<dt>Client id</dt><dd><code id=\"client-id\">{}</code></dd>",
        escape(&registration.client_id)
    );
    for secret in &registration.secrets {
        let _ = write!(
            list,
            "<dt>Client secret, shown only here</dt><dd><code id=\"client-secret\">{}</code></dd>",
            escape(secret)
        );
    }
    if let Some(url) = &registration.jwks_url {
        let _ = write!(list, "<dt>JWKS URL</dt><dd><code>{}</code></dd>", escape(url));
    }
    let _ = write!(list, "<dt>Active</dt><dd>in {} seconds</dd>", registration.active_after_seconds);
    let main =
        format!("<h1>{} is registered</h1>\n<dl>{list}</dl>\n{BACK}", escape(registration.display_name()));
    page(200, Layout::Plain, "Registered", None, &main)
}

pub(super) fn problem(message: &str) -> Reply {
    page::error(400, Layout::Plain, "Not registered", message, BACK)
}

/// The result of a JWKS test. `main` is HTML.
pub(super) fn result(main: &str) -> Reply {
    page(200, Layout::Plain, "JWKS test", None, &format!("{main}\n{BACK}"))
}
