//! `/auth/authorize`: leads the user through the sign-in pages and sends the browser back to the application.

use crate::{
    auth::{
        authorize_request::validate,
        oauth_error::{self, OauthError, callback_url},
        pages, scope,
        state::{Session, Step},
    },
    ehr::Ehr,
    http::{Form, Reply, Request},
    options::Personality,
    random::random_token,
};

/// What the user does at the consent page.
#[derive(Debug, Clone)]
pub(crate) enum Decision {
    Approve {
        /// The patient chosen in a standalone launch; the default patient if there is none.
        patient: Option<String>,
    },
    Deny,
}

/// The base URL of a tenant that a request is for: that of its sign-in, or the one in `aud`. Otherwise the first.
pub(crate) fn base_of<'a>(root: &'a Ehr, tenant: &'a Ehr, form: &Form) -> &'a Ehr {
    let session = form.get("session").and_then(|id| root.state().auth.session(id, root.clock.now_ms()));
    let iss = session.as_ref().map(|session| session.iss.as_str()).or_else(|| form.get("aud"));
    let named = iss.and_then(|iss| root.base_of_iss(iss.trim_end_matches('/')));
    named.filter(|base| base.tenant == tenant.tenant).unwrap_or(tenant)
}

/// `tenant` is any base URL of the tenant whose authorize endpoint got the request.
pub(crate) fn answer(root: &Ehr, tenant: &Ehr, request: &Request) -> Reply {
    let form = match request.method.as_str() {
        "GET" => request.query_form(),
        "POST" => request.body_form(),
        method => {
            return Reply::text(
                405,
                format!("ehr-sim does not implement {method} at the authorize endpoint"),
            );
        }
    };
    let ehr = base_of(root, tenant, &form);
    if form.get("session").is_some() {
        return continue_session(ehr, &form);
    }
    if request.method == "POST" && !ehr.options.discovery.has("authorize-post") {
        return Reply::text(405, "Method Not Allowed").with("allow", "GET");
    }
    if request.method == "POST" && !request.has_form_body() {
        return pages::error("The Content-Type of the request is not application/x-www-form-urlencoded.");
    }
    if ehr.options.auto_approve {
        return decide_at_once(ehr, &form, Decision::Approve { patient: None });
    }
    match validate(ehr, &form) {
        Ok(session) => {
            let id = random_token::<16>();
            let page = pages::page(ehr, &id, &session, None);
            ehr.state().auth.put_session(id, session);
            page
        }
        Err(reply) => reply,
    }
}

/// The reply that a user gets who signs in and decides, without the pages in between.
pub(crate) fn decide_at_once(ehr: &Ehr, form: &Form, decision: Decision) -> Reply {
    let mut session = match validate(ehr, form) {
        Ok(session) => session,
        Err(reply) => return reply,
    };
    match decision {
        Decision::Deny => deny(ehr, &session),
        Decision::Approve { patient } => {
            if session.needs_patient {
                session.context.patient = patient
                    .or_else(|| ehr.options.default_patient.clone())
                    .or_else(|| ehr.resources().patients().next().map(|first| first.id.clone()));
            }
            session.context.user.get_or_insert_with(|| ehr.default_user());
            approve(ehr, session)
        }
    }
}

/// What a submitted page leads to.
enum Progress {
    /// The page of the session's step.
    Page,
    /// The same page again, with this message.
    Rejected(&'static str),
    Approved,
}

/// Answers the form of a sign-in page.
fn continue_session(ehr: &Ehr, form: &Form) -> Reply {
    let id = form.get("session").unwrap_or_default();
    let Some(mut session) = ehr.state().auth.session(id, ehr.clock.now_ms()) else {
        return pages::error("This sign-in has ended. Start again from the application.");
    };
    if form.get("decision") == Some("deny") {
        ehr.state().auth.remove_session(id);
        return deny(ehr, &session);
    }
    let message = match submit(ehr, form, &mut session) {
        Progress::Approved => {
            ehr.state().auth.remove_session(id);
            return approve(ehr, session);
        }
        Progress::Page => None,
        Progress::Rejected(message) => Some(message),
    };
    let page = pages::page(ehr, id, &session, message);
    ehr.state().auth.put_session(id.to_owned(), session);
    page
}

/// Checks the form of the page that a session is at, and moves the session to its next step.
fn submit(ehr: &Ehr, form: &Form, session: &mut Session) -> Progress {
    match session.step {
        Step::Login => {
            let Some(user) = sign_in(ehr, form, session.context.user.as_deref()) else {
                return Progress::Rejected("The user name or the password is wrong.");
            };
            session.context.user = Some(user);
            session.step = Step::SecondFactor;
        }
        Step::SecondFactor => {
            if form.get("code") != Some(session.second_factor.as_str()) {
                return Progress::Rejected("The code is wrong.");
            }
            session.step = if session.needs_patient { Step::Patient } else { Step::Consent };
        }
        Step::Patient => {
            let patient = form.get("patient").filter(|id| ehr.resources().get("Patient", id).is_some());
            let Some(patient) = patient else {
                return Progress::Rejected("Choose a patient.");
            };
            session.context.patient = Some(patient.to_owned());
            session.step = Step::Consent;
        }
        Step::Consent if form.get("decision") == Some("approve") => return Progress::Approved,
        Step::Consent => {}
    }
    Progress::Page
}

/// The user, if the form has a known name and the right password. The user of an EHR launch is known to the EHR: if
/// no login has that name, any password is accepted.
fn sign_in(ehr: &Ehr, form: &Form, launch_user: Option<&str>) -> Option<String> {
    let user = form.get("username")?;
    let password = form.get("password").unwrap_or_default();
    let logins = &ehr.options.logins;
    let correct = match logins.iter().find(|login| login.user == user) {
        Some(login) => login.password.as_ref().is_none_or(|expected| expected == password),
        None if launch_user == Some(user) => true,
        None => logins.is_empty() && user == "portal" && password == "portal",
    };
    correct.then(|| user.to_owned())
}

fn approve(ehr: &Ehr, mut session: Session) -> Reply {
    // Epic gives a public client no refresh token, so it does not grant these scopes either (E6).
    if ehr.options.personality == Personality::Epic && session.public {
        session.scopes.retain(|scope| !matches!(scope.text.as_str(), "online_access" | "offline_access"));
    }
    if let Some(granted) = &ehr.options.user_grants {
        let granted = scope::parse_list(granted, ehr.profile);
        session.scopes = scope::granted_parts(&session.scopes, &granted);
    }
    let (redirect_uri, state) = (session.redirect_uri.clone(), session.state.clone());
    let code = ehr.state().auth.add_code(session, ehr.clock.now_ms());
    Reply::redirect(303, &callback_url(ehr, &redirect_uri, &[("code", &code), ("state", &state)]))
}

fn deny(ehr: &Ehr, session: &Session) -> Reply {
    let error = OauthError {
        code: "access_denied",
        description: "The user denied access",
        urn: "oauth2:grant:denied-by-user",
    };
    let to = oauth_error::callback(ehr, &session.redirect_uri, Some(&session.state), error, &session.client);
    Reply::redirect(303, &to)
}
