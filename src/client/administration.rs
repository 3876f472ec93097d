//! What an administrator does: find, approve, register and check a source, publish keys, list launches.

use super::Client;
use crate::{
    access::{self, Action},
    discovery::{self, Discovery, ServerMetadata},
    doctor::{self, CheckOptions, CheckStep},
    error::Result,
    identity::{self, UserLinkEntry},
    jose::JwksDocument,
    launch::{self, LaunchLogEntry},
    register::{self, ClientRegistration, RegisterRequest},
};

impl Client {
    /// The launches of the last days (`launch_log_days`), the newest first, at most 1,000, for an administrator: what arrived in
    /// each, and the errors of those that failed.
    ///
    /// # Errors
    /// [`crate::Code::AccessRefused`], [`crate::Code::VaultKeyMissing`], the store's.
    pub fn launches(&self, user: &str) -> Result<Vec<LaunchLogEntry>> {
        self.require(user, "", Action::Configure)?;
        launch::list(&self.records(), &self.core.config.limits, self.hooks.clock.now())
    }

    /// The links from EHR users to users of the application, by source, for an administrator.
    ///
    /// # Errors
    /// [`crate::Code::AccessRefused`], [`crate::Code::VaultKeyMissing`], the store's.
    pub fn links(&self, user: &str) -> Result<Vec<UserLinkEntry>> {
        self.require(user, "", Action::Configure)?;
        identity::list(&self.records())
    }

    /// Removes a user link. `id` is [`UserLinkEntry::id`]. The next launch of its EHR user asks for the application's login, and links
    /// the EHR user to whoever logs in. The grants of the application's user are kept, and so are open views.
    ///
    /// # Errors
    /// [`crate::Code::AccessRefused`], [`crate::Code::UserLinkNotFound`], [`crate::Code::StoreConflict`], the store's.
    pub fn unlink(&self, user: &str, id: &str) -> Result<()> {
        self.require(user, "", Action::Configure)?;
        identity::unlink(&self.context(), id)
    }

    /// The JWKS document of a key ring, to serve at its URL without a login. It contains public keys only.
    ///
    /// The host is not asked for access. Neither the store nor the network is used.
    ///
    /// # Errors
    /// [`crate::Code::RequestInvalid`] when the configuration has no key ring with this name; [`crate::Code::SecretUnavailable`] or
    /// [`crate::Code::ConfigInvalid`] when a key of it cannot be used.
    pub fn jwks(&self, key_ring: &str) -> Result<JwksDocument> {
        self.core.key_ring(key_ring, self.hooks.secrets.as_deref())?.jwks()
    }

    /// Discovers the endpoints and the FHIR version of a server, for an administrator who connects it. The server need not be
    /// in the configuration. The call does not use the store, so it works while the store is unavailable.
    ///
    /// # Errors
    /// [`crate::Code::AccessRefused`]; [`crate::Code::UrlNotAllowed`], before anything is sent; [`crate::Code::DiscoveryFailed`]; the network's
    /// errors if the server did not answer.
    pub fn discover(&self, user: &str, iss: &str) -> Result<Discovery> {
        access::require(&*self.hooks.access, user, "", Action::Configure)?;
        discovery::explore(iss, &self.core.network)
    }

    /// Requests the endpoints that a source publishes now, stores them as approved, and returns them. From then on, a launch or token
    /// request fails with [`crate::Code::EndpointsChanged`] when the server publishes another endpoint, and nothing is sent there.
    ///
    /// # Errors
    /// [`crate::Code::AccessRefused`], [`crate::Code::SourceNotFound`], [`crate::Code::DiscoveryFailed`], the network's, and the store's.
    pub fn approve_endpoints(&self, user: &str, source: &str) -> Result<ServerMetadata> {
        self.require(user, "", Action::Configure)?;
        let source = self.core.sources.by_id(source)?;
        self.context().resolver().approve(source)
    }

    /// Registers the application at the server of a source (RFC 7591). Nothing is stored: put what the server issued into the
    /// configuration.
    ///
    /// # Errors
    /// [`crate::Code::AccessRefused`], [`crate::Code::SourceNotFound`], [`crate::Code::UrlNotAllowed`], [`crate::Code::ClientRegistrationFailed`], the errors of
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
    /// [`crate::Code::AccessRefused`], [`crate::Code::SourceNotFound`].
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
}
