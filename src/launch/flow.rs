//! Handles launches and callbacks: redirects the browser to the EHR, exchanges the code, and signs the user in.

use super::{
    authorize::{self, AuthorizeForm, AuthorizeRequest},
    callback_issuer,
    context::{LaunchContext, context_key},
    launch_log,
    launch_query::{CallbackResult, LaunchQuery},
    pending::{self, HandOver, PendingLaunch, SessionBinding},
    record::{CompletedLaunch, LaunchKind, LaunchLogEntry, LaunchOutcome, LaunchRecord, StoredView},
    server, sign_out, unverified,
    view::view_ends_at,
};
use crate::{
    access::{self, Access, Action},
    config::AuthorizeMethod,
    context::Context,
    error::{Code, Error, Result},
    grant::{
        self, AnswerUser, Application, Grant, Holder, Revoker, TokenClient, token_endpoint::TokenRequest,
        token_errors,
    },
    identity::{self, EhrUser, SignInRequest},
    log::Event,
    scope::ScopeSet,
    secret::{self, ExposeSecret, Secret},
    source::{Source, Sources, registration},
    store::{RecordKind, sealed_store::Address},
};
use serde::{Deserialize, Serialize};

/// The next step of the host in the browser.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "a request has one of them")]
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
    /// The name in documents and events: `redirect`, `form`, `signed_in` or `login_required`.
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
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignIn {
    /// Names this launch in [`crate::Client::launch_view`] and [`crate::Client::create_handoff`]. Keep it in the browser's session
    /// on the server.
    pub launch_id: String,
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
    /// Whether the configuration has handoff URLs. If so, the context of a launch is kept while its view is open.
    pub has_handoffs: bool,
}

/// The application's user of a sign-in.
struct MarkedUser {
    name: String,
    /// The mark of the user's last sign-out before the sign-in; `None` if there was none.
    sign_out_mark: Option<String>,
}

fn signed_out_since() -> Error {
    Error::new(Code::LaunchExpired).detail("the user has signed out since it started")
}

/// The parameters that differ between an EHR launch and a sign-in from the application.
struct AuthorizeStart<'a> {
    scopes: ScopeSet,
    session: &'a str,
    redirect_uri: Option<&'a str>,
    aud: &'a str,
    launch: Option<&'a Secret>,
    application_user: Option<&'a str>,
    user_hint: Option<String>,
}

impl SignInFlow<'_> {
    /// Handles the query of a request: starts a launch, or completes a callback.
    ///
    /// # Errors
    /// See [`crate::Client::handle_launch`].
    pub fn handle_launch(
        &self,
        query: LaunchQuery,
        session: &str,
        redirect_uri: Option<&str>,
        organization: Option<&str>,
    ) -> Result<LaunchResult> {
        match query {
            LaunchQuery::Callback { state, result, iss } => {
                self.callback(&state, result, iss.as_deref(), session, organization)
            }
            LaunchQuery::Launch { iss, launch, user_hint } => {
                let source = self.sources.by_iss_in(&iss, organization).inspect_err(|error| {
                    launch_log::add_failure(&self.context, None, Some(LaunchKind::Ehr), error);
                })?;
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
        redirect_uri: Option<&str>,
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
        let kind = if start.launch.is_some() { LaunchKind::Ehr } else { LaunchKind::Standalone };
        let result = self.store_and_redirect(source, start, kind);
        result
            .inspect_err(|error| launch_log::add_failure(&self.context, Some(&source.id), Some(kind), error))
    }

    fn store_and_redirect(
        &self,
        source: &Source,
        start: AuthorizeStart<'_>,
        kind: LaunchKind,
    ) -> Result<LaunchResult> {
        let redirect_uri =
            registration::redirect_uri(&source.registration, source.environment, start.redirect_uri)?;
        let server = server::find(&self.context, source)?;
        TokenClient::new(&self.context).check_launch(source, &server.token)?;
        let (state, verifier) = (Secret::from(secret::random_text()?), Secret::from(secret::random_text()?));
        let now = self.context.clock.now();
        let pending = PendingLaunch {
            source: source.id.clone(),
            issuer: source.issuer(&server.token),
            verifier: verifier.clone(),
            pkce: server.pkce,
            nonce: secret::random_text()?,
            redirect_uri: redirect_uri.to_owned(),
            scopes: start.scopes.to_string(),
            application_user: start.application_user.map(str::to_owned),
            user_hint: start.user_hint,
            server_issuer: server.issuer,
            sends_iss: server.sends_iss,
            sign_out_mark: match start.application_user {
                Some(user) => sign_out::mark(&self.context.records, &source.id, user)?,
                None => None,
            },
            binding: SessionBinding::new(start.session, now, self.context.limits.launch_seconds),
        };
        let url = authorize::authorize_url(&AuthorizeRequest {
            endpoint: &server.endpoint,
            client_id: &source.registration.client_id,
            redirect_uri,
            scopes: &start.scopes,
            state: &state,
            verifier: &verifier,
            pkce: server.pkce,
            nonce: &pending.nonce,
            aud: start.aud,
            launch: start.launch,
        })?;
        pending::store(&self.context.records, state.expose_secret(), &pending, now)?;
        // Each launch also deletes expired records. If that fails, the next launch does it.
        let _ = self.context.records.store.purge_expired();
        self.context.events.log(Event::LaunchStarted { source: &source.id, launch: kind.name() });
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
        organization: Option<&str>,
    ) -> Result<LaunchResult> {
        let now = self.context.clock.now();
        let pending =
            pending::take::<PendingLaunch>(&self.context.records, state.expose_secret(), session, now);
        let (source, kind) = match &pending {
            Ok(pending) => (Some(pending.source.clone()), Some(pending.kind())),
            Err(_) => (None, None),
        };
        let result = match pending {
            Ok(pending) => self.complete_callback(pending, state, callback, iss, session, organization),
            Err(error) => Err(unverified::add_claim(self.context.events, error, &callback, state)),
        };
        match &result {
            Ok(result) => self.context.events.log(Event::CallbackAccepted { outcome: result.name() }),
            Err(error) => {
                self.context.events.log(Event::CallbackRefused { error: error.code().name() });
                launch_log::add_failure(&self.context, source.as_deref(), kind, error);
            }
        }
        result
    }

    /// Adds what an administrator needs: the time that a new registration takes, or a text for a ticket.
    fn advised(&self, source: &Source, error: Error) -> Error {
        let (client_id, iss) = (source.registration.client_id.as_str(), source.iss.as_str());
        let now = self.context.clock.now();
        let application = Application { client_id, iss, vendor: source.vendor, is_system: false, now };
        grant::advise(error, &application)
    }

    fn complete_callback(
        &self,
        pending: PendingLaunch,
        state: &Secret,
        callback: CallbackResult,
        iss: Option<&str>,
        session: &str,
        organization: Option<&str>,
    ) -> Result<LaunchResult> {
        let now = self.context.clock.now();
        let records = &self.context.records;
        let kind = pending.kind();
        let source = self.sources.by_id(&pending.source)?;
        source.check_organization(organization)?;
        callback_issuer::check(source, &pending, iss)?;
        self.check_not_signed_out(source, &pending)?;
        let code = match callback {
            CallbackResult::Code(code) => code,
            CallbackResult::Error { error, description, error_uri } => {
                let (uri, description) = (error_uri.as_deref(), description.as_deref());
                let server = pending.issuer.token_origin.as_str();
                let error = token_errors::of_authorize_request(&error, uri, description, state, server);
                return Err(self.advised(source, error));
            }
        };
        let PendingLaunch { verifier, pkce, redirect_uri, issuer, .. } = &pending;
        let verifier = pkce.then_some(verifier);
        let request = TokenRequest::Code { code: &code, verifier, redirect_uri, issuer };
        let answer = TokenClient::new(&self.context).send_request(source, &source.registration, &request)?;
        let requested = ScopeSet::parse(&pending.scopes);
        let user_hint = pending.user_hint.as_deref();
        let sign_in = SignInRequest { nonce: &pending.nonce, requested: &requested, user_hint };
        let lost = |cause| grant::lost(&source.id, cause);
        let user = identity::identify(&self.context, source, &answer, &sign_in).map_err(lost)?;
        // The holder is filled in when the application's user is known.
        let no_user = Holder::User(String::new());
        let patient = answer.patient(source)?;
        let answer_user = AnswerUser::of(records, &source.id, &answer);
        let grant = Grant::from_answer(source, issuer.clone(), no_user, patient, &answer, &requested, now);
        let grant = Grant { answer_user, ..grant };
        let view_ends_at = view_ends_at(&grant, self.context.limits, now);
        let expires_at = grant.expires_at;
        let context =
            LaunchContext::from_answer(source, &answer, &requested, &user, expires_at, view_ends_at)?;
        let entry = LaunchLogEntry::completed(kind, &grant, &context, now);
        let record = LaunchRecord { entry, view: None };
        let launch = CompletedLaunch { id: secret::random_text()?, record };
        let ehr_user = user.ehr_user;
        if let Some(user) = self.user_with_mark(source, &pending, &ehr_user)? {
            return self.complete_sign_in(grant, context, launch, user).map(LaunchResult::SignedIn);
        }
        let binding = SessionBinding::new(session, now, self.context.limits.launch_seconds);
        let handover = secret::random_text()?;
        launch_log::store(&self.context, &launch).map_err(lost)?;
        let name = ehr_user.name.clone();
        let waiting = HandOver { grant, context, ehr_user: Some(ehr_user), launch, binding };
        pending::store(records, &handover, &waiting, now).map_err(lost)?;
        Ok(LaunchResult::LoginRequired { handover, ehr_user: name, source: source.id.clone() })
    }

    /// Refuses a sign-in whose user has signed out of the source since it started.
    fn check_not_signed_out(&self, source: &Source, pending: &PendingLaunch) -> Result<()> {
        let Some(user) = &pending.application_user else { return Ok(()) };
        let (records, mark) = (&self.context.records, pending.sign_out_mark.as_deref());
        if sign_out::is_signed_out_since(records, &source.id, user, mark)? {
            return Err(signed_out_since());
        }
        Ok(())
    }

    /// The application's user of a callback, with the mark of the user's last sign-out before the sign-in.
    fn user_with_mark(
        &self,
        source: &Source,
        pending: &PendingLaunch,
        ehr_user: &EhrUser,
    ) -> Result<Option<MarkedUser>> {
        let Some(name) = self.application_user(source, pending, ehr_user)? else { return Ok(None) };
        if pending.application_user.is_some() {
            return Ok(Some(MarkedUser { name, sign_out_mark: pending.sign_out_mark.clone() }));
        }
        let user = self.read_mark(&source.id, name)?;
        // The removal of a user deletes the links first. Without the link, the mark may be that of the removal.
        let again = self.application_user(source, pending, ehr_user)?;
        Ok(Some(user).filter(|user| again.as_ref() == Some(&user.name)))
    }

    fn read_mark(&self, source: &str, name: String) -> Result<MarkedUser> {
        let sign_out_mark = sign_out::mark(&self.context.records, source, &name)
            .map_err(|cause| grant::lost(source, cause))?;
        Ok(MarkedUser { name, sign_out_mark })
    }

    /// The application's user of a callback: the user who started the sign-in, else the user who is linked to the EHR user, else the
    /// trusted user of the launch query. `None` if the application must show its login.
    fn application_user(
        &self,
        source: &Source,
        pending: &PendingLaunch,
        ehr_user: &EhrUser,
    ) -> Result<Option<String>> {
        let linked = identity::linked_user(&self.context.records, &source.id, &pending.issuer, ehr_user)
            .map_err(|cause| grant::lost(&source.id, cause))?;
        if let (Some(user), Some(linked)) = (&pending.application_user, &linked)
            && user != linked
        {
            return Err(identity::other_user_error());
        }
        Ok(pending.application_user.clone().or(linked).or_else(|| pending.user_hint.clone()))
    }

    /// Completes a launch after the application's own login, and links the EHR's user to the application's.
    ///
    /// # Errors
    /// See [`crate::Client::finish_login`].
    pub fn finish_login(&self, handover: &str, session: &str, user: &str) -> Result<SignIn> {
        let failed = |source: Option<&str>, kind: Option<LaunchKind>, error: &Error| {
            launch_log::add_failure(&self.context, source, kind, error);
        };
        let taken: Result<HandOver> =
            pending::take(&self.context.records, handover, session, self.context.clock.now());
        let waiting = taken.inspect_err(|error| failed(None, None, error))?;
        let (source, kind) = (waiting.grant.source.clone(), waiting.launch.record.entry.kind);
        self.complete_login(waiting, user).inspect_err(|error| failed(Some(&source), kind, error))
    }

    fn complete_login(&self, waiting: HandOver, user: &str) -> Result<SignIn> {
        let HandOver { grant, context, ehr_user, launch, .. } = waiting;
        let source = self.sources.by_id(&grant.source)?;
        if !source.is_server_of(&grant.issuer) {
            return Err(source.other_server_error(Code::LaunchExpired));
        }
        access::require(self.access, user, "", Action::Launch)?;
        // The link comes before the grant: when two users finish launches of the same EHR user, only the first gets the tokens.
        let of_name = || context.ehr_user.as_deref().map(EhrUser::of_name);
        if let Some(ehr_user) = ehr_user.or_else(of_name) {
            identity::link(&self.context, &source.id, &grant.issuer, &ehr_user, user)
                .map_err(|cause| grant::lost(&source.id, cause))?;
        }
        let user = self.read_mark(&source.id, user.to_owned())?;
        self.complete_sign_in(grant, context, launch, user)
    }

    fn complete_sign_in(
        &self,
        grant: Grant,
        context: LaunchContext,
        mut launch: CompletedLaunch,
        user: MarkedUser,
    ) -> Result<SignIn> {
        let MarkedUser { name: user, sign_out_mark } = user;
        access::require(self.access, &user, "", Action::Launch)?;
        let source = grant.source.clone();
        let grant = Grant { holder: Holder::User(user.clone()), ..grant };
        launch.record.entry.outcome = LaunchOutcome::SignedIn;
        launch.record.view = Some(StoredView {
            user: user.clone(),
            source: source.clone(),
            issuer: grant.issuer.clone(),
            grant: grant.record_key(&self.context.records),
            ends_at: context.view_ends_at,
            sign_out_mark: sign_out_mark.clone(),
            end: None,
        });
        let sign_in = SignIn { launch_id: launch.id.clone(), user, source, context };
        // The code and the hand-over can be used only once, so a store that fails here loses the tokens.
        self.store_grant(grant, &sign_in.user, sign_out_mark.as_deref())
            .map_err(|cause| grant::lost(&sign_in.source, cause))?;
        launch_log::store(&self.context, &launch)?;
        self.keep_context(&sign_in)?;
        Ok(sign_in)
    }

    /// Stores the grant of a sign-in, unless the user has signed out since `mark` was read. A sign-out writes its mark before it
    /// looks for grants. So it finds a grant that was stored before, or its mark is found after the grant was stored.
    fn store_grant(&self, grant: Grant, user: &str, mark: Option<&str>) -> Result<()> {
        let records = &self.context.records;
        let check = || match sign_out::is_signed_out_since(records, &grant.source, user, mark)? {
            true => Err(signed_out_since()),
            false => Ok(()),
        };
        // Without the first check, a grant of a new sign-in after the sign-out would be replaced.
        let stored =
            check().and_then(|()| grant::store_sign_in(records, grant.clone())).and_then(|()| check());
        if stored.is_err() {
            // The tokens cannot be used any more. If the store fails here too, the error says that they are lost.
            let _ = Revoker::new(TokenClient::new(&self.context), self.sources).withdraw(&grant);
        }
        stored
    }

    /// Keeps the context of a launch for handoffs, until its view ends.
    fn keep_context(&self, sign_in: &SignIn) -> Result<()> {
        if !self.has_handoffs {
            return Ok(());
        }
        let records = &self.context.records;
        let key = context_key(records, &sign_in.launch_id);
        let left = sign_in.context.view_ends_at - self.context.clock.now();
        let address = Address { key, expires_in: Some(left.max(1)), ..Address::default() };
        records.write(RecordKind::PendingLaunch, &address, sign_in, 0)
    }
}
