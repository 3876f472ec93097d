//! The face: one method for each thing a host does; nothing else in it.

use crate::{
    clock::{Clock, SystemClock},
    config::Config,
    error::{Code, Error, Result, escape_for_display},
    grant::{self, Grant, Holder, refresh::Tokens, token_endpoint, token_endpoint::Ask},
    identity,
    launch::{
        arrival::{self, Arrival, Outcome},
        authorize::{self, AuthorizeRequest},
        context::LaunchContext,
        pending::{self, Binding, HandOver, PendingLaunch},
    },
    log::{Events, Level, Log, milliseconds},
    net::Network,
    pull::{self, PullRequest, Pulled, mapping::Mapping},
    scope::ScopeSet,
    secret::{self, ExposeSecret, Keys, Secret},
    source::{Source, Sources, discovery::Discovered, redirect_uri_registered},
    staging::{
        StagedRow, State,
        adjudicate::{self, Decisions, SaveSet},
    },
    store::{
        Kind, SqliteStore, Store,
        records::{Opened, Records},
    },
    vault::Vault,
};
use std::{sync::Arc, time::Instant};

/// What a user wants to do; asked of the host before anything is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Sign in from the EHR or to it.
    Launch,
    /// Change which field goes where.
    Map,
    /// Pull a patient's values.
    Pull,
    /// See staged values, decide on them and save them.
    Adjudicate,
}

/// The host's word on who may do what.
pub trait Access: Send + Sync {
    /// Whether the user may do this in the project; the project is empty for a launch.
    ///
    /// # Errors
    /// When the host cannot tell; nothing is done then.
    fn allows(&self, user: &str, project: &str, action: Action) -> Result<bool>;
}

/// Everybody may do everything: for a command line whose user has the configuration anyway.
#[derive(Debug, Default, Clone, Copy)]
pub struct EverybodyMay;

impl Access for EverybodyMay {
    fn allows(&self, _user: &str, _project: &str, _action: Action) -> Result<bool> {
        Ok(true)
    }
}

/// What a host brings.
pub struct Hooks {
    /// Where sealed records are kept.
    pub store: Box<dyn Store>,
    /// Who may do what.
    pub access: Box<dyn Access>,
    /// The time.
    pub clock: Box<dyn Clock>,
    /// The key service, for secrets that the configuration writes as `hook:NAME`.
    pub keys: Option<Box<dyn Keys>>,
    /// Who hears what happens.
    pub log: Option<Box<dyn Log>>,
}

impl Hooks {
    /// A store, and nothing else: everybody may do everything, the machine's clock, no key service, no log.
    pub fn over(store: Box<dyn Store>) -> Self {
        Hooks { store, access: Box::new(EverybodyMay), clock: Box::new(SystemClock), keys: None, log: None }
    }
}

/// What became of a browser's arrival.
#[derive(Debug)]
pub enum Arrived {
    /// Send the browser to this address.
    Redirect(String),
    /// The user is signed in.
    SignedIn(SignedIn),
    /// The EHR knows the user, the application does not yet: ask for its own login, then call
    /// [`Client::finish_login`] with this text.
    LoginWanted {
        /// To be kept with the browser's session; one use.
        handover: String,
        /// The EHR's name for the user, for the screen.
        ehr_user: Option<String>,
        /// The source.
        source_id: String,
    },
}

impl Arrived {
    /// The word for it in documents and events.
    pub fn name(&self) -> &'static str {
        match self {
            Arrived::Redirect(_) => "redirect",
            Arrived::SignedIn(_) => "signed_in",
            Arrived::LoginWanted { .. } => "login_wanted",
        }
    }
}

/// A user who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The application's user.
    pub user: String,
    /// The source.
    pub source_id: String,
    /// What the EHR said.
    pub context: LaunchContext,
}

/// What lives as long as a worker: the checked configuration, and the connections with their TLS roots.
/// Clients of many requests share it; after a fork each process goes on with its own connections.
pub struct Core {
    config: Config,
    sources: Sources,
    network: Network,
    discovered: Discovered,
    /// The embedded store's connection, if the configuration names one.
    embedded: Option<Arc<SqliteStore>>,
}

impl Core {
    /// Checks the configuration. Nothing is opened, read or sent.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] or [`Code::UrlNotAllowed`], naming the entry.
    pub fn new(config: Config) -> Result<Arc<Self>> {
        let sources = Sources::build(&config)?;
        let network = Network::new(config.limits.clone(), &config.tls, config.base.as_deref());
        let in_base = |file: &std::path::PathBuf| {
            config.base.as_ref().map_or_else(|| file.clone(), |base| base.join(file))
        };
        let embedded = config.store.as_ref().map(|store| Arc::new(SqliteStore::new(in_base(&store.sqlite))));
        Ok(Arc::new(Core { config, sources, network, discovered: Discovered::default(), embedded }))
    }

    /// The sources of the configuration.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The configuration's embedded store, shared by all clients.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] when the configuration names none.
    pub fn embedded_store(&self) -> Result<Arc<SqliteStore>> {
        self.embedded.clone().ok_or_else(|| {
            Error::new(Code::ConfigInvalid)
                .detail("no store")
                .hint(r#"add "store": {"sqlite": "fhir_ehr.sqlite"}"#)
        })
    }
}

/// A core with the hooks of a host, for one request or for all of them. It may be shared by threads.
pub struct Client {
    core: Arc<Core>,
    vault: Vault,
    hooks: Hooks,
}

impl Client {
    /// A client of its own over the host's hooks.
    ///
    /// # Errors
    /// As [`Core::new`] and [`Client::over`].
    pub fn new(config: Config, hooks: Hooks) -> Result<Self> {
        Self::over(Core::new(config)?, hooks)
    }

    /// A client that shares what lives longer than itself. The vault's keys are read here, so that a
    /// changed key file or key service needs no restart.
    ///
    /// # Errors
    /// [`Code::SecretUnavailable`] or [`Code::ConfigInvalid`] when the vault's keys cannot be had.
    pub fn over(core: Arc<Core>, hooks: Hooks) -> Result<Self> {
        let vault = Vault::open(&core.config.vault, core.config.base.as_deref(), hooks.keys.as_deref())?;
        Ok(Client { core, vault, hooks })
    }

    /// A client over the configuration's embedded store, for a host that asks nobody.
    ///
    /// # Errors
    /// As [`Client::new`], and [`Code::ConfigInvalid`] when the configuration names no store.
    pub fn with_embedded_store(config: Config) -> Result<Self> {
        let core = Core::new(config)?;
        let store = core.embedded_store()?;
        Self::over(core, Hooks::over(Box::new(store)))
    }

    fn records(&self) -> Records<'_> {
        Records {
            store: &*self.hooks.store,
            vault: &self.vault,
            organization: &self.core.config.organization,
        }
    }

    fn tokens(&self) -> Tokens<'_> {
        Tokens {
            records: self.records(),
            network: &self.core.network,
            discovered: &self.core.discovered,
            clock: &*self.hooks.clock,
            limits: &self.core.config.limits,
            keys: self.hooks.keys.as_deref(),
            events: self.events(),
        }
    }

    fn events(&self) -> Events<'_> {
        Events(self.hooks.log.as_deref())
    }

    fn require(&self, user: &str, project: &str, action: Action) -> Result<()> {
        if self.hooks.access.allows(user, project, action)? {
            return Ok(());
        }
        let (user, action) = (escape_for_display(user), format!("{action:?}").to_lowercase());
        Err(Error::new(Code::AccessRefused).detail(format!("user {user}, {action}")))
    }

    /// The sources of the configuration.
    pub fn sources(&self) -> &Sources {
        &self.core.sources
    }

    /// Handles the one address that the EHR launches and the authorization server returns to.
    ///
    /// `query` is the request's query string as it came, `session` a text that names the browser's
    /// session and is known to the host alone, `redirect_uri` this very address, fixed by the host and
    /// never taken from the request.
    ///
    /// # Errors
    /// [`Code::LaunchAmbiguous`], [`Code::LaunchEmpty`], [`Code::SourceNotFound`],
    /// [`Code::RedirectUriNotRegistered`], the states' errors, [`Code::AuthorizationDenied`],
    /// [`Code::AuthorizationFailed`], the token endpoint's, [`Code::AccessRefused`].
    pub fn arrive(&self, query: &str, session: &str, redirect_uri: &str) -> Result<Arrived> {
        match arrival::read(query)? {
            Arrival::Launch { iss, launch, user_hint } => {
                let source = self.core.sources.by_iss(&iss)?;
                let scopes = source.launch_scopes();
                let user_hint = user_hint.filter(|_| source.policy.trust_user_hint);
                let aud = source.policy.aud.as_deref().unwrap_or(&iss);
                let begun = Begun {
                    scopes,
                    session,
                    redirect_uri,
                    aud,
                    launch: Some(&launch),
                    application_user: None,
                };
                self.begin(source, &begun, user_hint).map(Arrived::Redirect)
            }
            Arrival::Callback { state, outcome } => self.callback(&state, outcome, session),
        }
    }

    /// Begins a sign-in from the application, for a user it has logged in: the address to send the
    /// browser to. It comes back to [`Client::arrive`].
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::SourceNotFound`], [`Code::RedirectUriNotRegistered`].
    pub fn sign_in(&self, source_id: &str, user: &str, session: &str, redirect_uri: &str) -> Result<String> {
        self.require(user, "", Action::Launch)?;
        let source = self.core.sources.by_id(source_id)?;
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
        let endpoint = self.tokens().endpoints(source)?.authorization;
        let endpoint =
            endpoint.ok_or_else(|| Error::new(Code::DiscoveryFailed).detail("no authorization endpoint"))?;
        let (state, verifier) = (Secret::from(secret::random_text()?), Secret::from(secret::random_text()?));
        let now = self.hooks.clock.now();
        let pending = PendingLaunch {
            source_id: source.id.clone(),
            verifier: verifier.clone(),
            nonce: secret::random_text()?,
            redirect_uri: begun.redirect_uri.to_owned(),
            scopes: begun.scopes.to_string(),
            application_user: begun.application_user.map(str::to_owned),
            user_hint,
            binding: Binding::new(begun.session, now, self.core.config.limits.launch_seconds),
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
        pending::remember(&self.records(), state.expose_secret(), &pending, now)?;
        // Launches come all day, so this is where what has run out goes. If it fails, the next one does it.
        let _ = self.hooks.store.purge_expired();
        let way = if begun.launch.is_some() { "ehr" } else { "standalone" };
        self.events().tell(Level::Info, "launch_begun", &[("source", &source.id), ("launch", way)]);
        Ok(address.into())
    }

    fn callback(&self, state: &Secret, outcome: Outcome, session: &str) -> Result<Arrived> {
        let arrived = self.judge_callback(state, outcome, session);
        match &arrived {
            Ok(arrived) => {
                self.events().tell(Level::Info, "callback_accepted", &[("outcome", arrived.name())])
            }
            Err(error) => {
                self.events().tell(Level::Warning, "callback_refused", &[("error", error.code().name())]);
            }
        }
        arrived
    }

    fn judge_callback(&self, state: &Secret, outcome: Outcome, session: &str) -> Result<Arrived> {
        let now = self.hooks.clock.now();
        let pending: PendingLaunch = pending::take(&self.records(), state.expose_secret(), session, now)?;
        let source = self.core.sources.by_id(&pending.source_id)?;
        let code = match outcome {
            Outcome::Code(code) => code,
            Outcome::Error { error, error_uri } => {
                return Err(authorization_error(&error, error_uri.as_deref()));
            }
        };
        let ask = Ask::Code { code: &code, verifier: &pending.verifier, redirect_uri: &pending.redirect_uri };
        let answer = self.tokens().ask(source, &source.registration, &ask)?;
        let asked = ScopeSet::parse(&pending.scopes);
        let ehr_user = identity::ehr_user(&answer, &source.policy);
        // Nobody holds it until the application's user is known.
        let grant = Grant::from_answer(source, Holder::User(String::new()), &answer, &asked, now);
        let context = LaunchContext::from_answer(&answer, &asked, ehr_user.clone(), grant.expires_at);
        let linked = match &ehr_user {
            Some(name) => identity::linked_user(&self.records(), &source.id, name)?,
            None => None,
        };
        if let Some(user) = pending.application_user.or(linked).or(pending.user_hint) {
            return self.signed_in(grant, context, user).map(Arrived::SignedIn);
        }
        let binding = Binding::new(session, now, self.core.config.limits.launch_seconds);
        let handover = secret::random_text()?;
        pending::remember(&self.records(), &handover, &HandOver { grant, context, binding }, now)?;
        Ok(Arrived::LoginWanted { handover, ehr_user, source_id: source.id.clone() })
    }

    /// Ends a launch for which the application has asked for its own login, and links the EHR's user to
    /// the application's, so that later launches need none.
    ///
    /// # Errors
    /// [`Code::HandoverUnknown`], [`Code::StateForeign`], [`Code::LaunchExpired`], [`Code::AccessRefused`].
    pub fn finish_login(&self, handover: &str, session: &str, user: &str) -> Result<SignedIn> {
        if user.is_empty() {
            return Err(Error::new(Code::RequestInvalid).detail("user is empty"));
        }
        let now = self.hooks.clock.now();
        let HandOver { grant, context, .. } = pending::take(&self.records(), handover, session, now)?;
        let ehr_user = context.ehr_user.clone();
        let source_id = grant.source_id.clone();
        let signed_in = self.signed_in(grant, context, user.to_owned())?;
        if let Some(ehr_user) = ehr_user {
            identity::link(&self.records(), &source_id, &ehr_user, user)?;
        }
        Ok(signed_in)
    }

    fn signed_in(&self, grant: Grant, context: LaunchContext, user: String) -> Result<SignedIn> {
        self.require(&user, "", Action::Launch)?;
        let grant = Grant { holder: Holder::User(user.clone()), ..grant };
        grant::store(&self.records(), &grant)?;
        Ok(SignedIn { user, source_id: grant.source_id, context })
    }

    /// Reads a mapping that a user wants to use in a project.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::MappingInvalid`].
    pub fn mapping(&self, user: &str, project: &str, csv: &str) -> Result<Mapping> {
        self.require(user, project, Action::Map)?;
        Mapping::from_csv(csv)
    }

    /// Pulls a patient's values and stages them.
    ///
    /// # Errors
    /// See [`pull::pull`]; nothing is staged then.
    pub fn pull(&self, request: &PullRequest) -> Result<Pulled> {
        self.require(&request.user, &request.project.id, Action::Pull)?;
        let source = self.core.sources.by_id(&request.source_id)?;
        self.events().tell(Level::Info, "pull_begun", &[("source", &source.id)]);
        let began = Instant::now();
        let pulled = pull::pull(&self.tokens(), source, request);
        self.tell_pull(source, &pulled, &milliseconds(began));
        pulled
    }

    fn tell_pull(&self, source: &Source, pulled: &Result<Pulled>, milliseconds: &str) {
        let pulled = match pulled {
            Ok(pulled) => pulled,
            Err(error) => {
                let why = error.code().name();
                let fields = [("source", source.id.as_str()), ("error", why), ("milliseconds", milliseconds)];
                return self.events().tell(Level::Warning, "pull_failed", &fields);
            }
        };
        for (name, told) in &pulled.report.resources {
            let level = if told.status.is_fine() { Level::Info } else { Level::Warning };
            let (received, requests) = (told.received.to_string(), told.requests.to_string());
            let fields = [
                ("source", source.id.as_str()),
                ("type", name),
                ("status", told.status.name()),
                ("received", &received),
                ("requests", &requests),
            ];
            self.events().tell(level, "pull_resource", &fields);
        }
        let waiting = pulled.rows.iter().filter(|row| row.state == State::Pending).count().to_string();
        let rows = pulled.rows.len().to_string();
        self.events().tell(Level::Info, "staged", &[("rows", &rows), ("waiting", &waiting)]);
        let requests = pulled.report.requests.to_string();
        let complete = if pulled.report.is_complete() { "true" } else { "false" };
        let fields = [
            ("source", source.id.as_str()),
            ("rows", &rows),
            ("requests", &requests),
            ("complete", complete),
            ("milliseconds", milliseconds),
        ];
        self.events().tell(Level::Info, "pull_ended", &fields);
    }

    /// The rows that wait or are on their way, of one record or of the whole project, in the order in
    /// which they were pulled.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], the store's, [`Code::VaultKeyMissing`], [`Code::VaultOpenFailed`].
    pub fn staged(&self, user: &str, project: &str, record: Option<&str>) -> Result<Vec<StagedRow>> {
        self.require(user, project, Action::Adjudicate)?;
        let records = self.records();
        let rows: Vec<Opened<StagedRow>> = match record {
            Some(record) => crate::staging::rows_of(&records, project, record)?,
            None => records.matching(Kind::StagedRow, Some(project), None)?,
        };
        let open = |row: &StagedRow| matches!(row.state, State::Pending | State::Accepted | State::HandedOut);
        let mut rows: Vec<StagedRow> = rows.into_iter().map(|row| row.value).filter(open).collect();
        let order = |row: &StagedRow| {
            (row.record.clone(), row.event.clone(), row.field_name.clone(), row.position, row.key.clone())
        };
        rows.sort_by_key(order);
        Ok(rows)
    }

    /// Notes a user's decisions on a record's rows, all or none of them; says how many there were.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::RowNotFound`], [`Code::AdjudicationAmbiguous`],
    /// [`Code::RowConflict`].
    pub fn adjudicate(
        &self,
        user: &str,
        project: &str,
        record: &str,
        decisions: &Decisions,
    ) -> Result<usize> {
        self.require(user, project, Action::Adjudicate)?;
        let days = self.core.config.limits.staged_days;
        let count = adjudicate::decide(&self.records(), project, record, decisions, days)?;
        let (accepted, rejected) = (decisions.accept.len().to_string(), decisions.reject.len().to_string());
        let fields = [("accepted", accepted.as_str()), ("rejected", rejected.as_str())];
        self.events().tell(Level::Info, "adjudicated", &fields);
        Ok(count)
    }

    /// The accepted values of a record, for saving: each is handed out in one call only. The host saves
    /// them, then calls [`Client::saved`], or [`Client::not_saved`] to have them handed out again.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::RowConflict`].
    pub fn values_to_save(&self, user: &str, project: &str, record: &str) -> Result<SaveSet> {
        self.require(user, project, Action::Adjudicate)?;
        adjudicate::hand_out(&self.records(), project, record, self.core.config.limits.staged_days)
    }

    /// The host has saved a set: its values are erased here, and do not come back as new.
    ///
    /// # Errors
    /// [`Code::SaveNotFound`], [`Code::RowConflict`].
    pub fn saved(&self, project: &str, record: &str, save_id: &str) -> Result<usize> {
        adjudicate::settle(
            &self.records(),
            project,
            record,
            save_id,
            true,
            self.core.config.limits.staged_days,
        )
    }

    /// The host could not save a set: its values will be handed out again.
    ///
    /// # Errors
    /// [`Code::SaveNotFound`], [`Code::RowConflict`].
    pub fn not_saved(&self, project: &str, record: &str, save_id: &str) -> Result<usize> {
        adjudicate::settle(
            &self.records(),
            project,
            record,
            save_id,
            false,
            self.core.config.limits.staged_days,
        )
    }

    /// Deletes what has expired in the store and says how many records that were.
    ///
    /// # Errors
    /// The store's.
    pub fn purge_expired(&self) -> Result<usize> {
        self.hooks.store.purge_expired()
    }
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

fn authorization_error(error: &str, error_uri: Option<&str>) -> Error {
    let mut vendor = error_uri.map(token_endpoint::vendor_error).unwrap_or_default();
    let word: String =
        error.chars().filter(|c| c.is_ascii_alphanumeric() || "_-.".contains(*c)).take(60).collect();
    let code = if word == "access_denied" { Code::AuthorizationDenied } else { Code::AuthorizationFailed };
    let detail = vendor.code.as_ref().map_or_else(|| word.clone(), |urn| format!("{word}: {urn}"));
    vendor.code = vendor.code.or(Some(word));
    Error::new(code).detail(detail).vendor(vendor)
}
