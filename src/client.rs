//! The face: one method for each thing a host does; nothing else in it.

mod core;

pub use self::core::{Core, Hooks};
use crate::{
    access::{self, Access, Action},
    config::{Config, Environment},
    context::Context,
    discovery::{self, Discovery, ServerMetadata},
    doctor::{self, CheckOptions, CheckStep},
    error::{Code, Error, Result},
    launch::{self, LaunchResult, SignIn, SignInFlow},
    log::{Event, Events},
    pull::{
        self, PullRequest, PullResult,
        lookup::{self, PatientRequest, PatientResult},
        mapping::Mapping,
    },
    register::{self, ClientRegistration, RegisterRequest},
    source::Sources,
    staging::{
        StagedRow,
        adjudicate::{self, Decisions, SaveSet},
        damaged::{self, DamagedRow},
        draft,
        project::StudyProject,
        record::StudyRows,
    },
    store::{RecordQuery, checked::Checked, sealed_store::SealedStore},
    vault::Vault,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

/// A core with the hooks of a host, for one request or for all of them. It may be shared by threads.
pub struct Client {
    core: Arc<Core>,
    vault: Vault,
    hooks: Hooks,
    index_key_checked: AtomicBool,
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
        let vault = Vault::open(&core.config.vault, core.config.base.as_deref(), hooks.secrets.as_deref())?;
        let hooks = Hooks { store: Box::new(Checked(hooks.store)), ..hooks };
        Ok(Client { core, vault, hooks, index_key_checked: AtomicBool::new(false) })
    }

    /// A client over the configuration's embedded store, with the question who may do what.
    ///
    /// # Errors
    /// As [`Client::new`], and [`Code::ConfigInvalid`] when the configuration names no store.
    pub fn with_embedded_store(config: Config, access: Box<dyn Access>) -> Result<Self> {
        let core = Core::new(config)?;
        let store = core.embedded_store()?;
        Self::over(core, Hooks::new(Box::new(store), access))
    }

    /// Once for each client: its keys fit what stands in the store.
    fn ready(&self) -> Result<()> {
        if !self.index_key_checked.load(Ordering::Acquire) {
            self.records().check_index_key()?;
            self.index_key_checked.store(true, Ordering::Release);
        }
        Ok(())
    }

    fn records(&self) -> SealedStore<'_> {
        SealedStore {
            store: &*self.hooks.store,
            vault: &self.vault,
            organization: &self.core.config.organization,
        }
    }

    fn project<'c>(&'c self, project: &'c str) -> StudyProject<'c> {
        StudyProject { store: self.records(), project, staged_days: self.core.config.limits.staged_days }
    }

    fn study<'c>(&'c self, project: &'c str, record: &'c str) -> StudyRows<'c> {
        self.project(project).record(record)
    }

    fn context(&self) -> Context<'_> {
        Context {
            records: self.records(),
            network: &self.core.network,
            discovery_cache: &self.core.discovery_cache,
            clock: &*self.hooks.clock,
            limits: &self.core.config.limits,
            secrets: self.hooks.secrets.as_deref(),
            events: self.events(),
        }
    }

    fn sign_ins(&self) -> SignInFlow<'_> {
        SignInFlow { sources: &self.core.sources, context: self.context(), access: &*self.hooks.access }
    }

    fn events(&self) -> Events<'_> {
        Events(self.hooks.log.as_deref())
    }

    fn require(&self, user: &str, project: &str, action: Action) -> Result<()> {
        access::require(&*self.hooks.access, user, project, action)?;
        self.ready()
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
    /// [`Code::RedirectUriNotRegistered`], [`Code::EndpointsChanged`], [`Code::PkceNotSupported`], the states' errors,
    /// [`Code::IssuerMismatch`], [`Code::AuthorizationDenied`], [`Code::AuthorizationFailed`], [`Code::AuthorizationRejected`],
    /// the token endpoint's, [`Code::AccessRefused`],
    /// [`Code::EhrUserOfAnother`]; [`Code::RequestInvalid`] when `session` is empty or blank.
    pub fn handle_launch(&self, query: &str, session: &str, redirect_uri: &str) -> Result<LaunchResult> {
        let arrival = launch::parse_query(self.events(), query)?;
        check_session(session)?;
        self.ready()?;
        self.sign_ins().handle_launch(arrival, session, redirect_uri)
    }

    /// Begins a sign-in from the application, for a user it has logged in: the address to send the
    /// browser to. It comes back to [`Client::handle_launch`].
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::SourceNotFound`], [`Code::RedirectUriNotRegistered`];
    /// [`Code::RequestInvalid`] when `session` is empty or blank, and for a source whose `authorize_method` is `post`: call
    /// [`Client::start_sign_in`].
    pub fn sign_in(&self, source: &str, user: &str, session: &str, redirect_uri: &str) -> Result<String> {
        match self.start_sign_in(source, user, session, redirect_uri)? {
            LaunchResult::Redirect(url) => Ok(url),
            _ => Err(Error::new(Code::RequestInvalid)
                .detail("the authorize_method of this source is post, so a URL is not enough")
                .hint("Call start_sign_in (C: fhir_ehr_client_start_sign_in, PHP: startSignIn) and show its form.")),
        }
    }

    /// Starts a sign-in from the application, as [`Client::sign_in`] does, for sources with any `authorize_method`. The result is
    /// [`LaunchResult::Redirect`] or [`LaunchResult::Form`].
    ///
    /// # Errors
    /// As [`Client::sign_in`]; also [`Code::EndpointsChanged`] and [`Code::PkceNotSupported`].
    pub fn start_sign_in(
        &self,
        source: &str,
        user: &str,
        session: &str,
        redirect_uri: &str,
    ) -> Result<LaunchResult> {
        check_session(session)?;
        self.require(user, "", Action::Launch)?;
        self.sign_ins().start_standalone(source, user, session, redirect_uri)
    }

    /// Ends a launch for which the application has asked for its own login, and links the EHR's user to
    /// the application's, so that later launches need none.
    ///
    /// # Errors
    /// [`Code::HandoverUnknown`], [`Code::StateForeign`], [`Code::LaunchExpired`], [`Code::AccessRefused`];
    /// [`Code::SourceNotFound`] when the source was taken out of the configuration meanwhile; [`Code::EhrUserOfAnother`]
    /// when the EHR user is linked to another user; [`Code::RequestInvalid`] when `user` or `session` is empty.
    pub fn finish_login(&self, handover: &str, session: &str, user: &str) -> Result<SignIn> {
        if user.is_empty() {
            return Err(Error::new(Code::RequestInvalid).detail("user is empty"));
        }
        check_session(session)?;
        self.require(user, "", Action::Launch)?;
        self.sign_ins().finish_login(handover, session, user)
    }

    /// Reads a mapping that a user wants to use in a project.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::MappingInvalid`].
    pub fn mapping(&self, user: &str, project: &str, csv: &str) -> Result<Mapping> {
        self.require(user, project, Action::Map)?;
        Mapping::from_csv(csv)
    }

    /// Whether data of a source may enter a project of this environment: a production project takes data of a
    /// production source only. A host asks this before it lists a project for a source's patient, and before it
    /// writes the patient into the project; [`Client::patient`] and [`Client::pull`] refuse by the same rule.
    /// The host is not asked for access. Neither the store nor the network is used.
    ///
    /// # Errors
    /// [`Code::SourceNotFound`].
    pub fn source_may_serve(&self, source: &str, project: Environment) -> Result<bool> {
        Ok(self.core.sources.by_id(source)?.check_environment(project).is_ok())
    }

    /// Pulls a patient's values and stages them.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::SourceNotFound`], [`Code::EnvironmentMismatch`], [`Code::RequestInvalid`],
    /// [`Code::GrantNotFound`], [`Code::RecordBound`] when the record belongs to another patient, and the errors of the token
    /// endpoint, the FHIR server, the patient search and the store. Nothing is staged then.
    pub fn pull(&self, request: &PullRequest) -> Result<PullResult> {
        self.require(&request.user, &request.project.id, Action::Pull)?;
        let source = self.core.sources.by_id(&request.source)?;
        self.events().log(Event::PullStarted { source: &source.id });
        let began = Instant::now();
        let pulled = pull::pull(&self.context(), source, request);
        pull::log_result(self.events(), source, &pulled, began.elapsed());
        pulled
    }

    /// Looks one patient up: the FHIR id, the record numbers, and some demographic fields, for a banner or
    /// for finding the study record. Nothing of it is staged or stored.
    ///
    /// With a project the host is asked for [`Action::Pull`] in it; without one, for a patient by id, for
    /// [`Action::Launch`].
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::SourceNotFound`], [`Code::EnvironmentMismatch`], [`Code::RequestInvalid`],
    /// [`Code::GrantNotFound`], and the errors of the token endpoint, the FHIR server and the patient search.
    pub fn patient(&self, request: &PatientRequest) -> Result<PatientResult> {
        let (project, action) = request.asks();
        self.require(&request.user, project, action)?;
        let source = self.core.sources.by_id(&request.source)?;
        let began = Instant::now();
        let found = lookup::look_up(&self.context(), source, request);
        lookup::log_result(self.events(), source, &found, began.elapsed());
        found
    }

    /// The rows that wait or are on their way, of one record or of the whole project, ordered by
    /// record, event, field and time. Each has a mark for what the EHR says about it now ([`StagedRow::ehr_state`]).
    ///
    /// Of a project, records that hold two patients are left out, and records with a row that cannot be decrypted; events
    /// `record_mixed` and `row_damaged` have their number, and [`Client::damaged`] lists the rows.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::VaultKeyMissing`], the store's; for one record [`Code::RecordMixed`] and
    /// [`Code::RowDamaged`].
    pub fn staged(&self, user: &str, project: &str, record: Option<&str>) -> Result<Vec<StagedRow>> {
        self.require(user, project, Action::Adjudicate)?;
        let rows = match record {
            Some(record) => self.study(project, record).checked_view()?.into_rows(),
            None => {
                let found = self.project(project).rows()?;
                if found.mixed > 0 {
                    self.events().log(Event::RecordMixed { records: found.mixed });
                }
                if found.damaged > 0 {
                    self.events().log(Event::RowDamaged { records: found.damaged });
                }
                found.rows
            }
        };
        Ok(in_order(rows.into_iter().filter(StagedRow::is_open).collect()))
    }

    /// The rows of a record that were saved or rejected, ordered as those of [`Client::staged`]. Values are erased, but for
    /// entries of lists that are in the record. The mark says what the EHR says about each now; see [`Client::remove_saved`].
    ///
    /// # Errors
    /// As [`Client::staged`].
    pub fn decided(&self, user: &str, project: &str, record: &str) -> Result<Vec<StagedRow>> {
        self.require(user, project, Action::Adjudicate)?;
        let rows = self.study(project, record).checked_view()?.into_rows();
        Ok(in_order(rows.into_iter().filter(|row| !row.is_open()).collect()))
    }

    /// Notes a user's decisions on a record's rows, all or none of them; says how many there were.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::RowNotFound`], [`Code::AdjudicationAmbiguous`],
    /// [`Code::RowConflict`], [`Code::RecordMixed`].
    pub fn adjudicate(
        &self,
        user: &str,
        project: &str,
        record: &str,
        decisions: &Decisions,
    ) -> Result<usize> {
        self.require(user, project, Action::Adjudicate)?;
        let count = adjudicate::decide(&self.study(project, record), decisions)?;
        let (accepted, rejected) = (decisions.accept.len(), decisions.reject.len());
        self.events().log(Event::Adjudicated { accepted, rejected });
        Ok(count)
    }

    /// Takes back acceptances whose values were not handed out yet, and removals ([`Client::remove_saved`]); says how many.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::RowNotFound`], [`Code::RowConflict`], [`Code::RecordMixed`].
    pub fn reopen(&self, user: &str, project: &str, record: &str, keys: &[String]) -> Result<usize> {
        self.require(user, project, Action::Adjudicate)?;
        adjudicate::reopen(&self.study(project, record), keys)
    }

    /// Asks that saved values be removed from the record: `keys` name saved rows, such as entries of lists. The next
    /// [`Client::values_to_save`] hands out their places without them: a list without the entry, or an empty value. When that
    /// is confirmed as saved, they count as rejected and do not come back as new. Says how many.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::RowNotFound`], [`Code::AdjudicationAmbiguous`], [`Code::RowConflict`],
    /// [`Code::RecordMixed`].
    pub fn remove_saved(&self, user: &str, project: &str, record: &str, keys: &[String]) -> Result<usize> {
        self.require(user, project, Action::Adjudicate)?;
        let count = adjudicate::request_removal(&self.study(project, record), keys)?;
        self.events().log(Event::RemovalRequested { rows: count });
        Ok(count)
    }

    /// Deletes the rows of a record that wait for a decision, so that a wrong MRN can be corrected; says how many. When
    /// no value of the record is saved or on its way, the next pull may be for another patient. Of a record that holds two
    /// patients, accepted values that were not handed out are deleted too.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::RowConflict`], and the store's.
    pub fn clear_pending(&self, user: &str, project: &str, record: &str) -> Result<usize> {
        self.require(user, project, Action::Adjudicate)?;
        let count = adjudicate::clear_pending(&self.study(project, record))?;
        self.events().log(Event::PendingCleared { rows: count });
        Ok(count)
    }

    /// The stored rows of a project that cannot be decrypted although their key is in the key ring: they were changed or moved
    /// in the store. Their records are not shown, pulled into or saved until [`Client::remove_damaged`] was called.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::VaultKeyMissing`], and the store's.
    pub fn damaged(&self, user: &str, project: &str) -> Result<Vec<DamagedRow>> {
        self.require(user, project, Action::Adjudicate)?;
        damaged::find(self.project(project))
    }

    /// Deletes the rows of [`Client::damaged`], of one record or of the whole project; says how many. The next pull brings
    /// the values again, as new ones: a decision that was noted in a deleted row is lost, and so is the record's binding to its
    /// patient where that was damaged.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::VaultKeyMissing`], the store's; [`Code::VaultOpenFailed`] when a key decrypts no row
    /// of the project: then the key is wrong and nothing is deleted.
    pub fn remove_damaged(&self, user: &str, project: &str, record: Option<&str>) -> Result<usize> {
        self.require(user, project, Action::Adjudicate)?;
        let count = damaged::remove(self.project(project), record)?;
        self.events().log(Event::DamagedRemoved { rows: count });
        Ok(count)
    }

    /// The accepted values of a record, for saving: each is handed out in one call only. The host saves
    /// them, then calls [`Client::confirm_saved`], or [`Client::return_unsaved`] to have them handed out again.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::RowConflict`], [`Code::RecordMixed`].
    pub fn values_to_save(&self, user: &str, project: &str, record: &str) -> Result<SaveSet> {
        self.require(user, project, Action::Adjudicate)?;
        adjudicate::hand_out(&self.study(project, record))
    }

    /// The host has saved a set: its values are erased here, and do not come back as new. The set's id is
    /// the proof that it was handed out to the caller; the host is not asked again. The empty id of a set without values
    /// is fine too, and 0 rows are saved.
    ///
    /// # Errors
    /// [`Code::SaveNotFound`], [`Code::RowConflict`].
    pub fn confirm_saved(&self, project: &str, record: &str, save_id: &str) -> Result<usize> {
        self.ready()?;
        adjudicate::confirm_saved(&self.study(project, record), save_id)
    }

    /// The host could not save a set: its values will be handed out again.
    ///
    /// # Errors
    /// [`Code::SaveNotFound`], [`Code::RowConflict`].
    pub fn return_unsaved(&self, project: &str, record: &str, save_id: &str) -> Result<usize> {
        self.ready()?;
        adjudicate::return_unsaved(&self.study(project, record), save_id)
    }

    /// Asks a server that need not be in the configuration for its endpoints and its FHIR version, for an
    /// administrator who asks for it by hand. The store is not touched, so that it also works while that is gone.
    ///
    /// # Errors
    /// [`Code::AccessRefused`]; [`Code::UrlNotAllowed`] before anything is sent; [`Code::DiscoveryFailed`]; the network's errors
    /// when the server did not answer.
    pub fn discover(&self, user: &str, iss: &str) -> Result<Discovery> {
        access::require(&*self.hooks.access, user, "", Action::Configure)?;
        discovery::explore(iss, &self.core.network)
    }

    /// Requests the endpoints that a source publishes now, stores them as approved, and returns them. From then on, a launch or token
    /// request fails with [`Code::EndpointsChanged`] when the server publishes another endpoint, and nothing is sent there.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::SourceNotFound`], [`Code::DiscoveryFailed`], the network's, and the store's.
    pub fn approve_endpoints(&self, user: &str, source: &str) -> Result<ServerMetadata> {
        self.require(user, "", Action::Configure)?;
        let source = self.core.sources.by_id(source)?;
        self.context().resolver().approve(source)
    }

    /// Registers the application at the server of a source (RFC 7591). Nothing is stored: put what the server issued into the
    /// configuration.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::SourceNotFound`], [`Code::UrlNotAllowed`], [`Code::ClientRegistrationFailed`], the errors of
    /// discovery, and the network's.
    pub fn register_client(&self, user: &str, request: &RegisterRequest) -> Result<ClientRegistration> {
        self.require(user, "", Action::Configure)?;
        let source = self.core.sources.by_id(&request.source)?;
        register::register(&self.context(), source, request)
    }

    /// Checks whether a source answers as it is configured, and whether secrets, keys, certificates and the store are usable. A
    /// step that failed is reported and throws nothing. The store gets a test record, which is deleted again.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::SourceNotFound`].
    pub fn check_source(&self, user: &str, source: &str) -> Result<Vec<CheckStep>> {
        self.check_source_with(user, source, CheckOptions::default())
    }

    /// The same, with a say in what the check may do.
    ///
    /// # Errors
    /// As [`Client::check_source`].
    pub fn check_source_with(
        &self,
        user: &str,
        source: &str,
        options: CheckOptions,
    ) -> Result<Vec<CheckStep>> {
        access::require(&*self.hooks.access, user, "", Action::Configure)?;
        let source = self.core.sources.by_id(source)?;
        let steps = doctor::check(&self.context(), source, options);
        doctor::log_steps(self.events(), source, &steps);
        Ok(steps)
    }

    /// Deletes what has expired in the store, and the rows of pulls that never ended; says how many stored records
    /// those were.
    ///
    /// # Errors
    /// The store's.
    pub fn purge_expired(&self) -> Result<usize> {
        let (records, limits) = (self.records(), &self.core.config.limits);
        let query = RecordQuery { organization: records.organization.to_owned(), ..RecordQuery::default() };
        let purged = draft::purge_unfinished(&records, &query, limits)?;
        Ok(purged + self.hooks.store.purge_expired()?)
    }
}

/// A launch that is bound to an empty text could be ended by every browser.
fn check_session(session: &str) -> Result<()> {
    if !session.trim().is_empty() {
        return Ok(());
    }
    Err(Error::new(Code::RequestInvalid).detail("the session text is empty").hint(
        "Pass a text that names the browser's session. In PHP, call session_start() before session_id().",
    ))
}

/// Rows in the order in which they are shown.
fn in_order(mut rows: Vec<StagedRow>) -> Vec<StagedRow> {
    rows.sort_by(|a, b| {
        (&a.record, &a.event, &a.study_field, a.position, &a.key).cmp(&(
            &b.record,
            &b.event,
            &b.study_field,
            b.position,
            &b.key,
        ))
    });
    rows
}
