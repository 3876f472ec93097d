//! The public API: one method for each call of a host. A method asks the access hook, then calls one module.

mod core;

pub use self::core::{Core, Hooks};
use crate::{
    access::{self, Access, Action},
    config::{Config, Environment},
    context::Context,
    discovery::{self, Discovery, ServerMetadata},
    doctor::{self, CheckOptions, CheckStep},
    error::{Code, Error, Result},
    jose::JwksDocument,
    launch::{self, Handoffs, LaunchLogEntry, LaunchResult, LaunchView, SignIn, SignInFlow},
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
    store::{RecordQuery, checked_store::CheckedStore, sealed_store::SealedStore},
    vault::Vault,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

/// A core with the hooks of a host. It can serve one request or many, and threads may share it.
pub struct Client {
    core: Arc<Core>,
    vault: Vault,
    hooks: Hooks,
    index_key_checked: AtomicBool,
}

impl Client {
    /// Creates a client with its own core.
    ///
    /// # Errors
    /// As [`Core::new`] and [`Client::with_core`].
    pub fn new(config: Config, hooks: Hooks) -> Result<Self> {
        Self::with_core(Core::new(config)?, hooks)
    }

    /// Creates a client that shares a core. It reads the vault keys, so that a changed key file or secret provider needs no
    /// restart.
    ///
    /// # Errors
    /// [`Code::SecretUnavailable`] or [`Code::ConfigInvalid`] if a vault key cannot be read.
    pub fn with_core(core: Arc<Core>, hooks: Hooks) -> Result<Self> {
        let vault = Vault::open(&core.config.vault, core.config.base.as_deref(), hooks.secrets.as_deref())?;
        let hooks = Hooks { store: Box::new(CheckedStore(hooks.store)), ..hooks };
        Ok(Client { core, vault, hooks, index_key_checked: AtomicBool::new(false) })
    }

    /// Creates a client with the embedded store of the configuration and an access hook.
    ///
    /// # Errors
    /// As [`Client::new`], and [`Code::ConfigInvalid`] if the configuration names no store.
    pub fn with_embedded_store(config: Config, access: Box<dyn Access>) -> Result<Self> {
        let core = Core::new(config)?;
        let store = core.embedded_store()?;
        Self::with_core(core, Hooks::new(Box::new(store), access))
    }

    /// Checks, once for each client, that the store was written with this index key.
    fn check_index_key_once(&self) -> Result<()> {
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
            learned: &self.core.learned,
            clock: &*self.hooks.clock,
            limits: &self.core.config.limits,
            secrets: self.hooks.secrets.as_deref(),
            events: self.events(),
        }
    }

    fn sign_in_flow(&self) -> SignInFlow<'_> {
        SignInFlow {
            sources: &self.core.sources,
            context: self.context(),
            access: &*self.hooks.access,
            has_handoffs: !self.core.config.handoff_urls.is_empty(),
        }
    }

    fn handoffs(&self) -> Handoffs<'_> {
        Handoffs { context: self.context(), access: &*self.hooks.access, config: &self.core.config }
    }

    fn events(&self) -> Events<'_> {
        Events(self.hooks.log.as_deref())
    }

    fn require(&self, user: &str, project: &str, action: Action) -> Result<()> {
        access::require(&*self.hooks.access, user, project, action)?;
        self.check_index_key_once()
    }

    /// The sources of the configuration.
    pub fn sources(&self) -> &Sources {
        &self.core.sources
    }

    /// Handles a request to the launch URL: a launch from the EHR, or the browser's return from the authorization server.
    ///
    /// `query` is the query string of the request, unchanged. `session` is a text that names the browser's session and is
    /// known only to the host. `redirect_uri` is one of the registration's, or `None` for the registration's first one for the
    /// source's environment; the host takes it from its own configuration, never from the request.
    ///
    /// # Errors
    /// [`Code::LaunchAmbiguous`], [`Code::LaunchEmpty`], [`Code::SourceNotFound`], [`Code::RedirectUriNotRegistered`],
    /// [`Code::EndpointsChanged`], [`Code::PkceNotSupported`], the errors about `state`, [`Code::IssuerMismatch`],
    /// [`Code::AuthorizationDenied`], [`Code::AuthorizationFailed`],
    /// [`Code::AuthorizationRejected`], the errors of the token endpoint, [`Code::AccessRefused`],
    /// [`Code::EhrUserOfAnother`]; [`Code::RequestInvalid`] if `session` is empty or blank.
    pub fn handle_launch<'u>(
        &self,
        query: &str,
        session: &str,
        redirect_uri: impl Into<Option<&'u str>>,
    ) -> Result<LaunchResult> {
        self.handle_launch_at(None, query, session, redirect_uri.into())
    }

    /// Handles a request to the launch URL of one organization, such as `/launch/ORGANIZATION`. An `iss` of another
    /// organization is refused before anything is sent.
    ///
    /// # Errors
    /// As [`Client::handle_launch`], and [`Code::SourceOfOtherOrganization`].
    pub fn handle_organization_launch<'u>(
        &self,
        organization: &str,
        query: &str,
        session: &str,
        redirect_uri: impl Into<Option<&'u str>>,
    ) -> Result<LaunchResult> {
        self.handle_launch_at(Some(organization), query, session, redirect_uri.into())
    }

    fn handle_launch_at(
        &self,
        organization: Option<&str>,
        query: &str,
        session: &str,
        redirect_uri: Option<&str>,
    ) -> Result<LaunchResult> {
        let launch_query = launch::parse_query(self.events(), query)?;
        check_session(session)?;
        self.check_index_key_once()?;
        self.sign_in_flow().handle_launch(launch_query, session, redirect_uri, organization)
    }

    /// Begins a sign-in for a user who is logged in to the application. Returns the URL to redirect the browser to. The
    /// browser returns to `redirect_uri`, and the host calls [`Client::handle_launch`].
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::SourceNotFound`], [`Code::RedirectUriNotRegistered`];
    /// [`Code::RequestInvalid`] if `session` is empty or blank.
    pub fn sign_in<'u>(
        &self,
        source: &str,
        user: &str,
        session: &str,
        redirect_uri: impl Into<Option<&'u str>>,
    ) -> Result<String> {
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
    pub fn start_sign_in<'u>(
        &self,
        source: &str,
        user: &str,
        session: &str,
        redirect_uri: impl Into<Option<&'u str>>,
    ) -> Result<LaunchResult> {
        check_session(session)?;
        self.require(user, "", Action::Launch)?;
        self.sign_in_flow().start_standalone(source, user, session, redirect_uri.into())
    }

    /// Finishes a launch that returned [`LaunchResult::LoginRequired`], after the user has logged in to the application. It
    /// links the EHR user to the application user, so that later launches need no login.
    ///
    /// # Errors
    /// [`Code::HandoverUnknown`], [`Code::StateForeign`], [`Code::LaunchExpired`], [`Code::AccessRefused`];
    /// [`Code::SourceNotFound`] if the source is no longer in the configuration; [`Code::EhrUserOfAnother`] if the EHR user
    /// is linked to another user; [`Code::RequestInvalid`] if `user` or `session` is empty.
    pub fn finish_login(&self, handover: &str, session: &str, user: &str) -> Result<SignIn> {
        if user.is_empty() {
            return Err(Error::new(Code::RequestInvalid).detail("user is empty"));
        }
        check_session(session)?;
        self.require(user, "", Action::Launch)?;
        self.sign_in_flow().finish_login(handover, session, user)
    }

    /// Whether the view of a launch is open: whether the host may still show the patient for whom the EHR opened it. `launch_id`
    /// is [`SignIn::launch_id`]. The access token is refreshed if it is about to expire, so ask on each page of the view.
    ///
    /// The view ends at [`LaunchContext::view_ends_at`](crate::LaunchContext::view_ends_at). It ends earlier when the EHR refuses
    /// to refresh the token, after [`Client::end_launch_view`], and for any other user.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::SourceNotFound`], the store's. When the access token has expired and the token endpoint
    /// does not answer: its error. The view is then neither open nor ended; retry later.
    pub fn launch_view(&self, user: &str, launch_id: &str) -> Result<LaunchView> {
        self.require(user, "", Action::Launch)?;
        launch::check_view(&self.context(), &self.core.sources, user, launch_id)
    }

    /// Ends the view of a launch, when its user leaves it or signs out of the application. A view of another user stays open.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], the store's.
    pub fn end_launch_view(&self, user: &str, launch_id: &str) -> Result<()> {
        self.require(user, "", Action::Launch)?;
        launch::leave_view(&self.context(), user, launch_id)
    }

    /// The launches of the last days (`launch_log_days`), the newest first, at most 1,000, for an administrator: what arrived in
    /// each, and the errors of those that failed.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::VaultKeyMissing`], the store's.
    pub fn launches(&self, user: &str) -> Result<Vec<LaunchLogEntry>> {
        self.require(user, "", Action::Configure)?;
        launch::list(&self.records(), &self.core.config.limits, self.hooks.clock.now())
    }

    /// Hands a launch with an open view off to another application: returns the URL to redirect the browser to. It is `url`, one
    /// of `handoff_urls` of the configuration, with a handle in the parameter `handoff`. The handle can be redeemed once, within
    /// `handoff_seconds`, with the secret of that URL.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::HandoffUrlNotAllowed`], [`Code::ViewEnded`], the store's.
    pub fn create_handoff(&self, user: &str, launch_id: &str, url: &str) -> Result<String> {
        self.require(user, "", Action::Launch)?;
        self.handoffs().create(user, launch_id, url)
    }

    /// Redeems the handle of a handoff for the user and the launch context. `secret` is the one of the application that redeems;
    /// take it from the application's request, such as an Authorization header. The access hook is asked about the user.
    ///
    /// # Errors
    /// [`Code::HandoffUnknown`], [`Code::HandoffForeign`] (the handle stays valid), [`Code::HandoffExpired`],
    /// [`Code::HandoffUrlNotAllowed`] when the URL was removed from the configuration, [`Code::ViewEnded`],
    /// [`Code::AccessRefused`], [`Code::SecretUnavailable`], the store's.
    pub fn redeem_handoff(&self, handle: &str, secret: &str) -> Result<SignIn> {
        self.check_index_key_once()?;
        self.handoffs().redeem(handle, secret)
    }

    /// Checks a mapping before it is used in a project. `csv` is its text.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::MappingInvalid`].
    pub fn mapping(&self, user: &str, project: &str, csv: &str) -> Result<Mapping> {
        self.require(user, project, Action::Map)?;
        Mapping::from_csv(csv)
    }

    /// Whether data of a source may enter a project of this environment. A production project accepts data of a production
    /// source only. A host asks this before it lists a project for a source's patient, and before it writes the patient into
    /// the project. [`Client::patient`] and [`Client::pull`] check the same rule. The call uses no hook, no store and no
    /// network.
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
    /// [`Code::GrantNotFound`], [`Code::RecordBound`] if the record belongs to another patient, and the errors of the token
    /// endpoint, the FHIR server, the patient search and the store. After an error, nothing is staged.
    pub fn pull(&self, request: &PullRequest) -> Result<PullResult> {
        self.require(&request.user, &request.project.id, Action::Pull)?;
        let source = self.core.sources.by_id(&request.source)?;
        self.events().log(Event::PullStarted { source: &source.id });
        let began = Instant::now();
        let pulled = pull::pull(&self.context(), source, request);
        pull::log_result(self.events(), source, &pulled, began.elapsed());
        pulled
    }

    /// Looks up one patient: the FHIR id, the MRNs and some demographic fields, for a banner or to find the study record.
    /// The library stores none of them.
    ///
    /// With a project, the access hook is asked for [`Action::Pull`] in it. Without a project, for a patient by id, it is
    /// asked for [`Action::Launch`].
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::SourceNotFound`], [`Code::EnvironmentMismatch`], [`Code::RequestInvalid`],
    /// [`Code::GrantNotFound`], and the errors of the token endpoint, the FHIR server and the patient search.
    pub fn patient(&self, request: &PatientRequest) -> Result<PatientResult> {
        let (project, action) = request.required_access();
        self.require(&request.user, project, action)?;
        let source = self.core.sources.by_id(&request.source)?;
        let began = Instant::now();
        let found = lookup::look_up(&self.context(), source, request);
        lookup::log_result(self.events(), source, &found, began.elapsed());
        found
    }

    /// The rows of one record or of the whole project that are not saved or rejected yet, ordered by record, event, field and
    /// time. [`StagedRow::ehr_state`] is what the last pull found about the value.
    ///
    /// For a project, the list leaves out records that hold two patients, and records with a row that cannot be decrypted.
    /// The events `record_mixed` and `row_damaged` have their numbers, and [`Client::damaged`] lists the damaged rows.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::VaultKeyMissing`], the store's errors; for one record also [`Code::RecordMixed`] and
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
        Ok(sort_for_display(rows.into_iter().filter(StagedRow::is_open).collect()))
    }

    /// The rows of a record that were saved or rejected, in the order of [`Client::staged`]. Their values are erased, except
    /// for saved entries of lists. [`StagedRow::ehr_state`] is what the last pull found about the value; see
    /// [`Client::remove_saved`].
    ///
    /// # Errors
    /// As [`Client::staged`].
    pub fn decided(&self, user: &str, project: &str, record: &str) -> Result<Vec<StagedRow>> {
        self.require(user, project, Action::Adjudicate)?;
        let rows = self.study(project, record).checked_view()?.into_rows();
        Ok(sort_for_display(rows.into_iter().filter(|row| !row.is_open()).collect()))
    }

    /// The ids of the sources that have the chart of the record's patient, in the order in which they were first used; empty
    /// for a record without a patient. If a project may pull from several sources, the host pulls from these again and asks
    /// the user only for a record without a patient.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::RowDamaged`], and the errors of the store and the vault.
    pub fn record_sources(&self, user: &str, project: &str, record: &str) -> Result<Vec<String>> {
        self.require(user, project, Action::Pull)?;
        let (binding, _) = self.study(project, record).binding()?;
        Ok(binding.sources())
    }

    /// Stores a user's decisions on a record's rows, all of them or none. Returns the number of decisions.
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

    /// Reverts acceptances whose values were not handed out yet, and removals ([`Client::remove_saved`]). Returns the number
    /// of rows.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::RowNotFound`], [`Code::RowConflict`], [`Code::RecordMixed`].
    pub fn reopen(&self, user: &str, project: &str, record: &str, keys: &[String]) -> Result<usize> {
        self.require(user, project, Action::Adjudicate)?;
        adjudicate::reopen(&self.study(project, record), keys)
    }

    /// Requests that saved values are removed from the study record. `keys` are keys of saved rows, such as entries of lists.
    /// The next [`Client::values_to_save`] hands out their study fields without them: a list without the entry, or an empty
    /// value. After [`Client::confirm_saved`], the rows are rejected, and later pulls do not stage the values again. Returns
    /// the number of rows.
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

    /// Deletes the rows of a record that wait for a decision, so that a wrong MRN can be corrected. Returns the number of
    /// rows. If no value of the record is saved, accepted or handed out, the next pull may be for another patient. If the
    /// record holds two patients, accepted values that were not handed out are deleted too.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::RowConflict`], and the store's errors.
    pub fn clear_pending(&self, user: &str, project: &str, record: &str) -> Result<usize> {
        self.require(user, project, Action::Adjudicate)?;
        let count = adjudicate::clear_pending(&self.study(project, record))?;
        self.events().log(Event::PendingCleared { rows: count });
        Ok(count)
    }

    /// The stored rows of a project that cannot be decrypted although their key is in the key ring, because they were changed
    /// or moved in the store. Until [`Client::remove_damaged`] is called, the rows of their records cannot be shown, pulled
    /// or saved.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::VaultKeyMissing`], and the store's errors.
    pub fn damaged(&self, user: &str, project: &str) -> Result<Vec<DamagedRow>> {
        self.require(user, project, Action::Adjudicate)?;
        damaged::find(self.project(project))
    }

    /// Deletes the rows of [`Client::damaged`] of one record or of the whole project. Returns the number of rows. The
    /// decisions in the deleted rows are lost, and the next pull stages their values as new. If the record's binding to its
    /// patient is damaged, it is deleted too.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::VaultKeyMissing`], the store's errors; [`Code::VaultOpenFailed`] if a key decrypts no
    /// row of the project. The key is wrong then, and nothing is deleted.
    pub fn remove_damaged(&self, user: &str, project: &str, record: Option<&str>) -> Result<usize> {
        self.require(user, project, Action::Adjudicate)?;
        let count = damaged::remove(self.project(project), record)?;
        self.events().log(Event::DamagedRemoved { rows: count });
        Ok(count)
    }

    /// The accepted values of a record, for saving. Each value is handed out once. The host saves the values, then calls
    /// [`Client::confirm_saved`]. If it cannot save them, it calls [`Client::return_unsaved`], and they are handed out again.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::RowConflict`], [`Code::RecordMixed`].
    pub fn values_to_save(&self, user: &str, project: &str, record: &str) -> Result<SaveSet> {
        self.require(user, project, Action::Adjudicate)?;
        adjudicate::hand_out(&self.study(project, record))
    }

    /// Confirms that the host has saved a set. Its values are erased, and later pulls do not stage them again. Returns the
    /// number of rows. The access hook is not asked: the `save_id` proves that the set was handed out to this host. The empty
    /// id of a set without values is allowed, and the number is 0.
    ///
    /// # Errors
    /// [`Code::SaveNotFound`], [`Code::RowConflict`].
    pub fn confirm_saved(&self, project: &str, record: &str, save_id: &str) -> Result<usize> {
        self.check_index_key_once()?;
        adjudicate::confirm_saved(&self.study(project, record), save_id)
    }

    /// Returns a set that the host could not save. Its values will be handed out again. Returns the number of rows.
    ///
    /// # Errors
    /// [`Code::SaveNotFound`], [`Code::RowConflict`].
    pub fn return_unsaved(&self, project: &str, record: &str, save_id: &str) -> Result<usize> {
        self.check_index_key_once()?;
        adjudicate::return_unsaved(&self.study(project, record), save_id)
    }

    /// The JWKS document of a key ring, to serve at its URL without a login. It contains public keys only.
    ///
    /// The host is not asked for access. Neither the store nor the network is used.
    ///
    /// # Errors
    /// [`Code::RequestInvalid`] when the configuration has no key ring with this name; [`Code::SecretUnavailable`] or
    /// [`Code::ConfigInvalid`] when a key of it cannot be used.
    pub fn jwks(&self, key_ring: &str) -> Result<JwksDocument> {
        self.core.key_ring(key_ring, self.hooks.secrets.as_deref())?.jwks()
    }

    /// Discovers the endpoints and the FHIR version of a server, for an administrator who connects it. The server need not be
    /// in the configuration. The call does not use the store, so it works while the store is unavailable.
    ///
    /// # Errors
    /// [`Code::AccessRefused`]; [`Code::UrlNotAllowed`], before anything is sent; [`Code::DiscoveryFailed`]; the network's
    /// errors if the server did not answer.
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

    /// Checks whether a source answers as configured, and whether its secrets, the keys, the certificates and the store are
    /// usable. A step that fails is in the result and is not an error of this call. The call writes a test record to the
    /// store and deletes it again.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::SourceNotFound`].
    pub fn check_source(&self, user: &str, source: &str) -> Result<Vec<CheckStep>> {
        self.check_source_with(user, source, CheckOptions::default())
    }

    /// The same as [`Client::check_source`], with options.
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

    /// Deletes expired stored records and the rows of pulls that were not finished. Returns the number of stored records.
    ///
    /// # Errors
    /// The store's errors.
    pub fn purge_expired(&self) -> Result<usize> {
        let (records, limits) = (self.records(), &self.core.config.limits);
        let query = RecordQuery { organization: records.organization.to_owned(), ..RecordQuery::default() };
        let purged = draft::purge_unfinished(&records, &query, limits)?;
        Ok(purged + self.hooks.store.purge_expired()?)
    }
}

/// Refuses an empty session text: a launch that is bound to it could be finished by any browser.
fn check_session(session: &str) -> Result<()> {
    if !session.trim().is_empty() {
        return Ok(());
    }
    Err(Error::new(Code::RequestInvalid).detail("the session text is empty").hint(
        "Pass a text that names the browser's session. In PHP, call session_start() before session_id().",
    ))
}

/// Sorts rows by record, event, study field, position and key.
fn sort_for_display(mut rows: Vec<StagedRow>) -> Vec<StagedRow> {
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
