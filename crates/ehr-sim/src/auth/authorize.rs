//! `/auth/authorize`: judges the request, leads the user through the pages, sends the browser back.

use crate::{
    auth::{
        CODE_MS, Code, Context, Decision, Grant, SESSION_MS,
        clients::PUBLIC,
        oauth_error::{self, OauthError},
        pages,
        scope::{self, Level, Scope},
    },
    http::{Form, Reply, Request, with_query},
    world::{World, random_token},
};

/// An authorize request that was found good, and how far the user has come.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) client: String,
    redirect_uri: String,
    state: String,
    pub(crate) scopes: Vec<Scope>,
    challenge: Option<String>,
    pub(crate) context: Context,
    pub(crate) needs_patient: bool,
    pub(crate) step: Step,
    pub(crate) second_factor: String,
    pub(super) expires: i64,
}

/// The page the user is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Login,
    SecondFactor,
    Patient,
    Consent,
}

pub(crate) fn answer(world: &World, request: &Request) -> Reply {
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
    if form.get("session").is_some() {
        return step(world, &form);
    }
    if world.options.auto_approve {
        return decide_now(world, &form, Decision::Approve { patient: None });
    }
    match judge(world, &form) {
        Ok(session) => {
            let id = random_token(16);
            let page = pages::page(world, &id, &session, None);
            world.state().auth.sessions.insert(id, session);
            page
        }
        Err(reply) => reply,
    }
}

/// What a user who signs in and decides at once would get: no pages.
pub(crate) fn decide_now(world: &World, form: &Form, decision: Decision) -> Reply {
    let mut session = match judge(world, form) {
        Ok(session) => session,
        Err(reply) => return reply,
    };
    match decision {
        Decision::Deny => deny(world, &session),
        Decision::Approve { patient } => {
            if session.needs_patient {
                session.context.patient = patient
                    .or_else(|| world.options.default_patient.clone())
                    .or_else(|| world.records().patients().next().map(|first| first.id.clone()));
            }
            session.context.user.get_or_insert_with(|| default_user(world));
            approve(world, session)
        }
    }
}

pub(crate) fn default_user(world: &World) -> String {
    world.options.logins.first().map_or_else(|| "portal".to_owned(), |login| login.user.clone())
}

/// Judges an authorize request. A wrong client or redirect URI gives a page; all else goes back to the client.
fn judge(world: &World, form: &Form) -> Result<Session, Reply> {
    let client = form.get("client_id").unwrap_or_default();
    if !world.clients.is_user_client(client) {
        return Err(pages::error("The client_id is not registered for users."));
    }
    let redirect_uri = form.get("redirect_uri").unwrap_or_default();
    if !world.clients.accepts_redirect(redirect_uri) {
        return Err(pages::error("The redirect_uri is not registered for this client."));
    }
    let state = form.get("state");
    let back = |code, why, urn| {
        let error = OauthError { code, why, urn };
        let to = oauth_error::callback(world, redirect_uri, state, error, client);
        Reply::redirect(302, &to)
    };
    let invalid = |why, urn| back("invalid_request", why, urn);
    if form.get("response_type") != Some("code") {
        return Err(back(
            "unsupported_response_type",
            "response_type must be code",
            "oauth2:grant:unsupported-response-type",
        ));
    }
    let Some(state) = state else {
        return Err(invalid("state is missing", "oauth2:grant:invalid-request"));
    };
    match form.get("aud") {
        None if !world.profile.lenient_aud => {
            // O8
            return Err(invalid("aud is missing", "smart-v1:grant:launch:audience-required"));
        }
        Some(aud) if !is_audience(world, aud) => {
            return Err(invalid(
                "aud is not this FHIR server",
                "smart-v1:grant:launch:unknown-resource-server",
            ));
        }
        _ => {}
    }
    let challenge = form.get("code_challenge");
    match (challenge, form.get("code_challenge_method")) {
        (None, None) => {}
        (Some(challenge), Some("S256")) if challenge.len() == 43 => {}
        _ => {
            return Err(invalid(
                "PKCE must be S256 with a challenge of 43 characters",
                "oauth2:grant:invalid-request",
            ));
        }
    }
    let scopes: Vec<Scope> = scope::known(form.get("scope").unwrap_or_default(), world.profile)
        .into_iter()
        .filter(|scope| scope.level() != Some(Level::System))
        .collect();
    if scopes.is_empty() {
        return Err(back(
            "invalid_scope",
            "no scope of the request can be granted",
            "oauth2:token:empty-scopes",
        ));
    }
    let context =
        launch_context(world, form, &scopes).map_err(|(why, urn)| back("invalid_request", why, urn))?;
    let standalone = scope::has(&scopes, "launch/patient") && context.patient.is_none();
    Ok(Session {
        client: client.to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        state: state.to_owned(),
        challenge: challenge.map(str::to_owned),
        needs_patient: standalone,
        scopes,
        context,
        step: Step::Login,
        second_factor: format!("{:06}", u32::from_be_bytes(four_random()) % 1_000_000),
        expires: world.clock.now_ms() + SESSION_MS,
    })
}

fn four_random() -> [u8; 4] {
    let mut four = [0; 4];
    four.copy_from_slice(&crate::world::random_bytes(4));
    four
}

fn is_audience(world: &World, aud: &str) -> bool {
    let iss = world.iss();
    aud == iss || world.profile.lenient_aud && aud.strip_suffix('/') == Some(&iss)
}

/// The context behind the `launch` parameter; it must go together with the scope `launch`.
fn launch_context(
    world: &World,
    form: &Form,
    scopes: &[Scope],
) -> Result<Context, (&'static str, &'static str)> {
    match (form.get("launch"), scope::has(scopes, "launch")) {
        (None, false) => Ok(Context::default()),
        (None, true) => {
            Err(("the scope launch needs the launch parameter", "smart-v1:grant:launch:launch-code-required"))
        }
        (Some(_), false) => {
            Err(("the launch parameter needs the scope launch", "smart-v1:grant:launch:unspecified"))
        }
        (Some(token), true) => {
            let now = world.clock.now_ms();
            let state = world.state();
            let launch = state.auth.launches.get(token).filter(|launch| launch.expires > now).ok_or((
                "the launch token is unknown or has expired",
                "smart-v1:grant:launch:invalid-code",
            ))?;
            Ok(Context {
                patient: Some(launch.options.patient.clone()),
                encounter: launch.options.encounter.clone(),
                user: launch.options.user.clone(),
                need_patient_banner: Some(launch.options.need_patient_banner),
            })
        }
    }
}

/// A form of one of the pages came back.
fn step(world: &World, form: &Form) -> Reply {
    let id = form.get("session").unwrap_or_default();
    let now = world.clock.now_ms();
    let found = world.state().auth.sessions.get(id).cloned();
    let Some(mut session) = found.filter(|session| session.expires > now) else {
        return pages::error("This sign-in has ended. Start again from the application.");
    };
    if form.get("decision") == Some("deny") {
        world.state().auth.sessions.remove(id);
        return deny(world, &session);
    }
    let mut complaint = None;
    match session.step {
        Step::Login => match sign_in(world, form, session.context.user.as_deref()) {
            Some(user) => {
                session.context.user = Some(user);
                session.step = Step::SecondFactor;
            }
            None => complaint = Some("The user name or the password is wrong."),
        },
        Step::SecondFactor if form.get("code") == Some(session.second_factor.as_str()) => {
            session.step = if session.needs_patient { Step::Patient } else { Step::Consent };
        }
        Step::SecondFactor => complaint = Some("The code is wrong."),
        Step::Patient => {
            let chosen = form.get("patient").filter(|id| world.records().get("Patient", id).is_some());
            match chosen {
                Some(patient) => {
                    session.context.patient = Some(patient.to_owned());
                    session.step = Step::Consent;
                }
                None => complaint = Some("Choose a patient."),
            }
        }
        Step::Consent if form.get("decision") == Some("approve") => {
            world.state().auth.sessions.remove(id);
            return approve(world, session);
        }
        Step::Consent => {}
    }
    let page = pages::page(world, id, &session, complaint);
    world.state().auth.sessions.insert(id.to_owned(), session);
    page
}

/// The user who signs in with a known name and the right password. Who launched from the EHR is known to it: if
/// there is no login of that name, any password does.
fn sign_in(world: &World, form: &Form, launched_by: Option<&str>) -> Option<String> {
    let user = form.get("username")?;
    let password = form.get("password").unwrap_or_default();
    let logins = &world.options.logins;
    let right = match logins.iter().find(|login| login.user == user) {
        Some(login) => login.password.as_ref().is_none_or(|right| right == password),
        None if launched_by == Some(user) => true,
        None => logins.is_empty() && user == "portal" && password == "portal",
    };
    right.then(|| user.to_owned())
}

fn approve(world: &World, session: Session) -> Reply {
    let code = random_token(24);
    // E6: a public client gets no refresh token at Epic, so the scope is not granted either.
    let mut scopes = session.scopes;
    if world.options.personality == crate::Personality::Epic && session.client == PUBLIC {
        scopes.retain(|scope| !matches!(scope.text.as_str(), "online_access" | "offline_access"));
    }
    let now = world.clock.now_ms();
    let mut state = world.state();
    state.auth.sweep(now);
    state.auth.codes.insert(
        code.clone(),
        Code {
            grant: Grant { client: session.client, scopes, context: session.context, revoked: false },
            redirect_uri: session.redirect_uri.clone(),
            challenge: session.challenge,
            expires: now + CODE_MS,
        },
    );
    let pairs = [("code", code.as_str()), ("state", session.state.as_str())];
    Reply::redirect(303, &with_query(&session.redirect_uri, &pairs))
}

fn deny(world: &World, session: &Session) -> Reply {
    let error =
        OauthError { code: "access_denied", why: "the user refused", urn: "oauth2:grant:denied-by-user" };
    let to =
        oauth_error::callback(world, &session.redirect_uri, Some(&session.state), error, &session.client);
    Reply::redirect(303, &to)
}
