//! Sign-ins as a host sees them: an arrival judged, a browser sent away, a user signed in.

use super::{
    authorize::{self, AuthorizeRequest},
    context::LaunchContext,
    launch_query::{CallbackResult, LaunchQuery},
    pending::{self, Binding, HandOver, PendingLaunch},
};
use crate::{
    access::{self, Access, Action},
    discovery::Endpoints,
    error::{Code, Error, Result, escape_for_display},
    grant::{self, Grant, Holder, refresh::Tokens, token_endpoint::Ask, token_errors},
    identity,
    log::Event,
    scope::ScopeSet,
    secret::{self, ExposeSecret, Secret},
    source::{Source, Sources, redirect_uri_registered},
};

/// What became of a browser's arrival.
#[derive(Debug)]
pub enum LaunchResult {
    /// Send the browser to this address.
    Redirect(String),
    /// The user is signed in.
    SignedIn(SignIn),
    /// The EHR knows the user, the application does not yet: ask for its own login, then call
    /// [`crate::client::Client::finish_login`] with this text.
    LoginRequired {
        /// To be kept with the browser's session; one use.
        handover: String,
        /// The EHR's name for the user, for the screen.
        ehr_user: Option<String>,
        /// The source.
        source: String,
    },
}

impl LaunchResult {
    /// The word for it in documents and events.
    pub fn name(&self) -> &'static str {
        match self {
            LaunchResult::Redirect(_) => "redirect",
            LaunchResult::SignedIn(_) => "signed_in",
            LaunchResult::LoginRequired { .. } => "login_required",
        }
    }
}

/// A user who is signed in.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The application's user.
    pub user: String,
    /// The source.
    pub source: String,
    /// What the EHR said.
    pub context: LaunchContext,
}

/// What sign-ins need.
pub struct SignInFlow<'a> {
    /// The sources.
    pub sources: &'a Sources,
    /// Stored grants and the way to the EHR.
    pub tokens: Tokens<'a>,
    /// The host's word.
    pub access: &'a dyn Access,
}

/// What a sign-in begins with.
struct Begun<'a> {
    scopes: ScopeSet,
    session: &'a str,
    redirect_uri: &'a str,
    aud: &'a str,
    launch: Option<&'a Secret>,
    application_user: Option<&'a str>,
}

/// The EHR's session in a browser may be another person's than the application's: the tokens of one user are never
/// stored as those of another one.
fn same_user(user: &str, linked: &str) -> Result<()> {
    if user == linked {
        return Ok(());
    }
    Err(Error::new(Code::EhrUserOfAnother).hint(
        "Another person may still be signed in to the EHR in this browser. Sign out of the EHR there, then sign in with \
         your own EHR user.",
    ))
}

impl SignInFlow<'_> {
    /// Goes on with what a browser brought.
    ///
    /// # Errors
    /// See [`crate::client::Client::handle_launch`].
    pub fn handle_launch(
        &self,
        arrival: LaunchQuery,
        session: &str,
        redirect_uri: &str,
    ) -> Result<LaunchResult> {
        match arrival {
            LaunchQuery::Callback { state, outcome } => self.callback(&state, outcome, session),
            LaunchQuery::Launch { iss, launch, user_hint } => {
                let source = self.sources.by_iss(&iss)?;
                let scopes = source.launch_scopes();
                let user_hint = user_hint.filter(|_| source.policy.trust_user_hint);
                let aud = source.policy.aud.as_deref().unwrap_or(&iss);
                let launch = Some(&launch);
                let begun = Begun { scopes, session, redirect_uri, aud, launch, application_user: None };
                self.begin(source, &begun, user_hint).map(LaunchResult::Redirect)
            }
        }
    }

    /// Begins a sign-in for a user whom the application has logged in.
    ///
    /// # Errors
    /// See [`crate::client::Client::sign_in`].
    pub fn standalone(&self, source: &str, user: &str, session: &str, redirect_uri: &str) -> Result<String> {
        let source = self.sources.by_id(source)?;
        let aud = source.policy.aud.as_deref().unwrap_or(&source.iss);
        let scopes = source.standalone_scopes();
        let begun = Begun { scopes, session, redirect_uri, aud, launch: None, application_user: Some(user) };
        self.begin(source, &begun, None)
    }

    fn begin(&self, source: &Source, begun: &Begun<'_>, user_hint: Option<String>) -> Result<String> {
        if !redirect_uri_registered(&source.registration, begun.redirect_uri) {
            let detail = format!(
                "{} at registration {}",
                escape_for_display(begun.redirect_uri),
                source.registration.id
            );
            return Err(Error::new(Code::RedirectUriNotRegistered).detail(detail));
        }
        let Endpoints { authorization, token } = self.tokens.endpoints(source)?;
        let endpoint = authorization
            .ok_or_else(|| Error::new(Code::DiscoveryFailed).detail("no authorization endpoint"))?;
        let (state, verifier) = (Secret::from(secret::random_text()?), Secret::from(secret::random_text()?));
        let now = self.tokens.clock.now();
        let pending = PendingLaunch {
            source: source.id.clone(),
            issuer: source.issuer(&token),
            verifier: verifier.clone(),
            nonce: secret::random_text()?,
            redirect_uri: begun.redirect_uri.to_owned(),
            scopes: begun.scopes.to_string(),
            application_user: begun.application_user.map(str::to_owned),
            user_hint,
            binding: Binding::new(begun.session, now, self.tokens.limits.launch_seconds),
        };
        let address = authorize::address(&AuthorizeRequest {
            endpoint: &endpoint,
            client_id: &source.registration.client_id,
            redirect_uri: begun.redirect_uri,
            scopes: &begun.scopes,
            state: &state,
            verifier: &verifier,
            nonce: &pending.nonce,
            aud: begun.aud,
            launch: begun.launch,
        })?;
        pending::remember(&self.tokens.records, state.expose_secret(), &pending, now)?;
        // Launches come all day, so this is where what has run out goes. If it fails, the next one does it.
        let _ = self.tokens.records.store.purge_expired();
        let launch = if begun.launch.is_some() { "ehr" } else { "standalone" };
        self.tokens.events.log(Event::LaunchStarted { source: &source.id, launch });
        Ok(address.into())
    }

    fn callback(&self, state: &Secret, outcome: CallbackResult, session: &str) -> Result<LaunchResult> {
        let arrived = self.judge_callback(state, outcome, session);
        match &arrived {
            Ok(arrived) => self.tokens.events.log(Event::CallbackAccepted { outcome: arrived.name() }),
            Err(error) => {
                self.tokens.events.log(Event::CallbackRefused { error: error.code().name() });
            }
        }
        arrived
    }

    fn judge_callback(&self, state: &Secret, outcome: CallbackResult, session: &str) -> Result<LaunchResult> {
        let now = self.tokens.clock.now();
        let pending: PendingLaunch =
            pending::take(&self.tokens.records, state.expose_secret(), session, now)?;
        let source = self.sources.by_id(&pending.source)?;
        let code = match outcome {
            CallbackResult::Code(code) => code,
            CallbackResult::Error { error, description, error_uri } => {
                let (uri, description) = (error_uri.as_deref(), description.as_deref());
                return Err(token_errors::of_authorize_request(&error, uri, description, state));
            }
        };
        let PendingLaunch { verifier, redirect_uri, issuer, .. } = &pending;
        let ask = Ask::Code { code: &code, verifier, redirect_uri, issuer };
        let answer = self.tokens.ask(source, &source.registration, &ask)?;
        let asked = ScopeSet::parse(&pending.scopes);
        let ehr_user = identity::ehr_user(&answer, &source.policy);
        // Nobody holds it until the application's user is known.
        let nobody = Holder::User(String::new());
        let patient = answer.patient(source)?;
        let grant = Grant::from_answer(source, issuer.clone(), nobody, patient, &answer, &asked, now);
        let context =
            LaunchContext::from_answer(source, &answer, &asked, ehr_user.clone(), grant.expires_at)?;
        let lost = |cause| grant::lost(&source.id, cause);
        let linked = match &ehr_user {
            Some(name) => {
                identity::linked_user(&self.tokens.records, &source.id, issuer, name).map_err(lost)?
            }
            None => None,
        };
        if let (Some(user), Some(linked)) = (&pending.application_user, &linked) {
            same_user(user, linked)?;
        }
        if let Some(user) = pending.application_user.or(linked).or(pending.user_hint) {
            return self.signed_in(grant, context, user).map(LaunchResult::SignedIn);
        }
        let binding = Binding::new(session, now, self.tokens.limits.launch_seconds);
        let handover = secret::random_text()?;
        pending::remember(&self.tokens.records, &handover, &HandOver { grant, context, binding }, now)
            .map_err(lost)?;
        Ok(LaunchResult::LoginRequired { handover, ehr_user, source: source.id.clone() })
    }

    /// Ends a launch that waited for the application's own login, and links the two users.
    ///
    /// # Errors
    /// See [`crate::client::Client::finish_login`].
    pub fn finish(&self, handover: &str, session: &str, user: &str) -> Result<SignIn> {
        let now = self.tokens.clock.now();
        let HandOver { grant, context, .. } = pending::take(&self.tokens.records, handover, session, now)?;
        let source = self.sources.by_id(&grant.source)?;
        if !source.is_server_of(&grant.issuer) {
            return Err(source.of_another_server(Code::LaunchExpired));
        }
        access::require(self.access, user, "", Action::Launch)?;
        // Before the grant is stored: of two users who end a launch of one EHR user, only the first one gets the tokens.
        if let Some(ehr_user) = &context.ehr_user {
            let lost = |cause| grant::lost(&source.id, cause);
            let records = &self.tokens.records;
            if !identity::link(records, &source.id, &grant.issuer, ehr_user, user).map_err(lost)?
                && let Some(linked) =
                    identity::linked_user(records, &source.id, &grant.issuer, ehr_user).map_err(lost)?
            {
                same_user(user, &linked)?;
            }
        }
        self.signed_in(grant, context, user.to_owned())
    }

    fn signed_in(&self, grant: Grant, context: LaunchContext, user: String) -> Result<SignIn> {
        access::require(self.access, &user, "", Action::Launch)?;
        let grant = Grant { holder: Holder::User(user.clone()), ..grant };
        // The code, and the hand-over too, can be used once only.
        grant::store(&self.tokens.records, &grant).map_err(|cause| grant::lost(&grant.source, cause))?;
        Ok(SignIn { user, source: grant.source, context })
    }
}
