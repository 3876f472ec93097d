//! Sign-ins: the query of a launch or callback is handled, the browser is redirected, a user is signed in.

use super::{
    authorize::{self, AuthorizeForm, AuthorizeRequest},
    callback_issuer,
    context::LaunchContext,
    launch_query::{CallbackResult, LaunchQuery},
    pending::{self, HandOver, PendingLaunch, SessionBinding},
    server, unverified,
};
use crate::{
    access::{self, Access, Action},
    config::AuthorizeMethod,
    context::Context,
    error::{Code, Error, Result, escape_for_display},
    grant::{self, Grant, Holder, TokenClient, token_endpoint::TokenRequest, token_errors},
    identity,
    log::Event,
    scope::ScopeSet,
    secret::{self, ExposeSecret, Secret},
    source::{Source, Sources, redirect_uri_registered},
};

/// What the host does next with the browser.
#[derive(Debug)]
pub enum LaunchResult {
    /// Redirect the browser to this URL.
    Redirect(String),
    /// Send the browser to the authorization server with a form that submits itself: the source's `authorize_method` is `post`.
    Form(AuthorizeForm),
    /// The user is signed in.
    SignedIn(SignIn),
    /// The EHR signed a user in whom the application does not know yet. Show the application's own login, then call
    /// [`crate::Client::finish_login`] with the hand-over.
    LoginRequired {
        /// Keep it in the browser's session; it can be used once.
        handover: String,
        /// The EHR's name for the user, to show on the screen.
        ehr_user: Option<String>,
        /// The id of the source.
        source: String,
    },
}

impl LaunchResult {
    /// Its name in documents and events: `redirect`, `form`, `signed_in` or `login_required`.
    pub fn name(&self) -> &'static str {
        match self {
            LaunchResult::Redirect(_) => "redirect",
            LaunchResult::Form(_) => "form",
            LaunchResult::SignedIn(_) => "signed_in",
            LaunchResult::LoginRequired { .. } => "login_required",
        }
    }
}

/// A completed sign-in.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The application's user.
    pub user: String,
    /// The id of the source.
    pub source: String,
    /// The launch context from the EHR.
    pub context: LaunchContext,
}

/// Handles launches, callbacks and sign-ins.
pub struct SignInFlow<'a> {
    /// The sources of the configuration.
    pub sources: &'a Sources,
    /// The services of the call.
    pub context: Context<'a>,
    /// The host's access hook.
    pub access: &'a dyn Access,
}

/// What differs between an EHR launch and a sign-in from the application.
struct AuthorizeStart<'a> {
    scopes: ScopeSet,
    session: &'a str,
    redirect_uri: &'a str,
    aud: &'a str,
    launch: Option<&'a Secret>,
    application_user: Option<&'a str>,
    user_hint: Option<String>,
}

/// Refuses an EHR user who is linked to another user of the application: in one browser, the EHR's session may be another
/// person's than the application's. The tokens of one user are never stored as those of another user.
fn check_same_user(user: &str, linked: &str) -> Result<()> {
    if user == linked {
        return Ok(());
    }
    Err(Error::new(Code::EhrUserOfAnother).hint(
        "Another person may still be signed in to the EHR in this browser. Sign out of the EHR there, then sign in with \
         your own EHR user.",
    ))
}

impl SignInFlow<'_> {
    /// Handles the query that a browser brought: starts a launch, or completes a callback.
    ///
    /// # Errors
    /// See [`crate::Client::handle_launch`].
    pub fn handle_launch(
        &self,
        query: LaunchQuery,
        session: &str,
        redirect_uri: &str,
    ) -> Result<LaunchResult> {
        match query {
            LaunchQuery::Callback { state, result, iss } => {
                self.callback(&state, result, iss.as_deref(), session)
            }
            LaunchQuery::Launch { iss, launch, user_hint } => {
                let source = self.sources.by_iss(&iss)?;
                let start = AuthorizeStart {
                    scopes: source.launch_scopes(),
                    session,
                    redirect_uri,
                    aud: source.policy.aud.as_deref().unwrap_or(&iss),
                    launch: Some(&launch),
                    application_user: None,
                    user_hint: user_hint.filter(|_| source.policy.trust_user_hint),
                };
                self.start(source, start)
            }
        }
    }

    /// Starts a sign-in for a user who is logged in to the application: a redirect or a form.
    ///
    /// # Errors
    /// See [`crate::Client::sign_in`].
    pub fn start_standalone(
        &self,
        source: &str,
        user: &str,
        session: &str,
        redirect_uri: &str,
    ) -> Result<LaunchResult> {
        let source = self.sources.by_id(source)?;
        let start = AuthorizeStart {
            scopes: source.standalone_scopes(),
            session,
            redirect_uri,
            aud: source.policy.aud.as_deref().unwrap_or(&source.iss),
            launch: None,
            application_user: Some(user),
            user_hint: None,
        };
        self.start(source, start)
    }

    fn start(&self, source: &Source, start: AuthorizeStart<'_>) -> Result<LaunchResult> {
        if !redirect_uri_registered(&source.registration, start.redirect_uri) {
            let detail = format!(
                "{} at registration {}",
                escape_for_display(start.redirect_uri),
                source.registration.id
            );
            return Err(Error::new(Code::RedirectUriNotRegistered).detail(detail));
        }
        let server = server::find(&self.context, source)?;
        let (state, verifier) = (Secret::from(secret::random_text()?), Secret::from(secret::random_text()?));
        let now = self.context.clock.now();
        let pending = PendingLaunch {
            source: source.id.clone(),
            issuer: source.issuer(&server.token),
            verifier: verifier.clone(),
            pkce: server.pkce,
            nonce: secret::random_text()?,
            redirect_uri: start.redirect_uri.to_owned(),
            scopes: start.scopes.to_string(),
            application_user: start.application_user.map(str::to_owned),
            user_hint: start.user_hint,
            server_issuer: server.issuer,
            sends_iss: server.sends_iss,
            binding: SessionBinding::new(start.session, now, self.context.limits.launch_seconds),
        };
        let url = authorize::authorize_url(&AuthorizeRequest {
            endpoint: &server.endpoint,
            client_id: &source.registration.client_id,
            redirect_uri: start.redirect_uri,
            scopes: &start.scopes,
            state: &state,
            verifier: &verifier,
            pkce: server.pkce,
            nonce: &pending.nonce,
            aud: start.aud,
            launch: start.launch,
        })?;
        pending::store(&self.context.records, state.expose_secret(), &pending, now)?;
        // Launches happen all day, so each one also deletes what has expired. If that fails, the next launch does it.
        let _ = self.context.records.store.purge_expired();
        let launch = if start.launch.is_some() { "ehr" } else { "standalone" };
        self.context.events.log(Event::LaunchStarted { source: &source.id, launch });
        Ok(match source.policy.authorize_method {
            AuthorizeMethod::Get => LaunchResult::Redirect(url.into()),
            AuthorizeMethod::Post => LaunchResult::Form(authorize::form(&server.endpoint, &url)),
        })
    }

    fn callback(
        &self,
        state: &Secret,
        callback: CallbackResult,
        iss: Option<&str>,
        session: &str,
    ) -> Result<LaunchResult> {
        let taken =
            pending::take(&self.context.records, state.expose_secret(), session, self.context.clock.now());
        let result = match taken {
            Ok(pending) => self.complete_callback(pending, state, callback, iss, session),
            Err(error) => Err(unverified::add_claim(self.context.events, error, &callback, state)),
        };
        match &result {
            Ok(result) => self.context.events.log(Event::CallbackAccepted { outcome: result.name() }),
            Err(error) => self.context.events.log(Event::CallbackRefused { error: error.code().name() }),
        }
        result
    }

    fn complete_callback(
        &self,
        pending: PendingLaunch,
        state: &Secret,
        callback: CallbackResult,
        iss: Option<&str>,
        session: &str,
    ) -> Result<LaunchResult> {
        let now = self.context.clock.now();
        let records = &self.context.records;
        let source = self.sources.by_id(&pending.source)?;
        callback_issuer::check(source, &pending, iss)?;
        let code = match callback {
            CallbackResult::Code(code) => code,
            CallbackResult::Error { error, description, error_uri } => {
                let (uri, description) = (error_uri.as_deref(), description.as_deref());
                return Err(token_errors::of_authorize_request(&error, uri, description, state));
            }
        };
        let PendingLaunch { verifier, pkce, redirect_uri, issuer, .. } = &pending;
        let verifier = pkce.then_some(verifier);
        let request = TokenRequest::Code { code: &code, verifier, redirect_uri, issuer };
        let answer = TokenClient::new(&self.context).send_request(source, &source.registration, &request)?;
        let requested = ScopeSet::parse(&pending.scopes);
        let ehr_user = identity::ehr_user(&answer, &source.policy);
        // The holder is filled in when the application's user is known.
        let unknown = Holder::User(String::new());
        let patient = answer.patient(source)?;
        let grant = Grant::from_answer(source, issuer.clone(), unknown, patient, &answer, &requested, now);
        let context =
            LaunchContext::from_answer(source, &answer, &requested, ehr_user.clone(), grant.expires_at)?;
        let lost = |cause| grant::lost(&source.id, cause);
        let linked = match &ehr_user {
            Some(name) => identity::linked_user(records, &source.id, issuer, name).map_err(lost)?,
            None => None,
        };
        if let (Some(user), Some(linked)) = (&pending.application_user, &linked) {
            check_same_user(user, linked)?;
        }
        if let Some(user) = pending.application_user.or(linked).or(pending.user_hint) {
            return self.complete_sign_in(grant, context, user).map(LaunchResult::SignedIn);
        }
        let binding = SessionBinding::new(session, now, self.context.limits.launch_seconds);
        let handover = secret::random_text()?;
        pending::store(records, &handover, &HandOver { grant, context, binding }, now).map_err(lost)?;
        Ok(LaunchResult::LoginRequired { handover, ehr_user, source: source.id.clone() })
    }

    /// Completes a launch after the application's own login, and links the EHR's user to the application's.
    ///
    /// # Errors
    /// See [`crate::Client::finish_login`].
    pub fn finish_login(&self, handover: &str, session: &str, user: &str) -> Result<SignIn> {
        let now = self.context.clock.now();
        let records = &self.context.records;
        let HandOver { grant, context, .. } = pending::take(records, handover, session, now)?;
        let source = self.sources.by_id(&grant.source)?;
        if !source.is_server_of(&grant.issuer) {
            return Err(source.of_another_server(Code::LaunchExpired));
        }
        access::require(self.access, user, "", Action::Launch)?;
        // The link comes before the grant: when two users finish launches of the same EHR user, only the first gets the tokens.
        if let Some(ehr_user) = &context.ehr_user {
            let lost = |cause| grant::lost(&source.id, cause);
            if !identity::link(records, &source.id, &grant.issuer, ehr_user, user).map_err(lost)?
                && let Some(linked) =
                    identity::linked_user(records, &source.id, &grant.issuer, ehr_user).map_err(lost)?
            {
                check_same_user(user, &linked)?;
            }
        }
        self.complete_sign_in(grant, context, user.to_owned())
    }

    fn complete_sign_in(&self, grant: Grant, context: LaunchContext, user: String) -> Result<SignIn> {
        access::require(self.access, &user, "", Action::Launch)?;
        let source = grant.source.clone();
        let grant = Grant { holder: Holder::User(user.clone()), ..grant };
        // The code and the hand-over can be used only once, so a store that fails here loses the tokens.
        grant::store_sign_in(&self.context.records, grant).map_err(|cause| grant::lost(&source, cause))?;
        Ok(SignIn { user, source, context })
    }
}
