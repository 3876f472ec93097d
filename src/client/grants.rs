//! Sign-outs, and what an administrator sees and does with the stored grants.

use super::Client;
use crate::{
    access::Action,
    error::{Code, Error, Result},
    grant::{self, GrantPage, Holder, Introspection, KeepAliveResult, SignedOutGrant, TokenClient},
    launch::{self, UserRemoval},
};

impl Client {
    /// Signs a user out of a source, by the user's own request: removes the user's grants there, ends the views and the sign-ins
    /// that are under way, and revokes the tokens at the EHR.
    ///
    /// The grants are removed first. An EHR that does not answer keeps none of them in use; the result says which tokens it has
    /// not revoked. [`Client::keep_alive`] retries a revocation that failed for a week. Grants of other users are not touched.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::SourceNotFound`], [`Code::RequestInvalid`] if `user` is empty, the store's.
    pub fn sign_out(&self, user: &str, source: &str) -> Result<Vec<SignedOutGrant>> {
        check_user(user)?;
        self.require(user, "", Action::Launch)?;
        launch::sign_out(&self.context(), &self.core.sources, user, source)
    }

    /// Signs another user out of a source, for an administrator. See [`Client::sign_out`].
    ///
    /// # Errors
    /// As [`Client::sign_out`].
    pub fn sign_out_user(
        &self,
        administrator: &str,
        user: &str,
        source: &str,
    ) -> Result<Vec<SignedOutGrant>> {
        check_user(user)?;
        self.require(administrator, "", Action::Configure)?;
        launch::sign_out(&self.context(), &self.core.sources, user, source)
    }

    /// Removes the token of a source's system account, for an administrator, and revokes it at the EHR. The next call that needs a
    /// token requests another one with the client's credentials.
    ///
    /// # Errors
    /// As [`Client::sign_out`].
    pub fn sign_out_system_account(&self, administrator: &str, source: &str) -> Result<Vec<SignedOutGrant>> {
        self.require(administrator, "", Action::Configure)?;
        launch::sign_out_system(&self.context(), &self.core.sources, source)
    }

    /// Removes what is stored about the sign-ins of a user who leaves, for an administrator: the grants at all sources, which are
    /// revoked, the links from EHR users to the user, the views, and the sign-ins that are under way. Staged rows and decisions
    /// belong to their project and stay.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::RequestInvalid`] if `user` is empty, the store's. The call can be repeated.
    pub fn remove_user(&self, administrator: &str, user: &str) -> Result<UserRemoval> {
        check_user(user)?;
        self.require(administrator, "", Action::Configure)?;
        launch::remove_user(&self.context(), &self.core.sources, user)
    }

    /// One page of the stored grants, for an administrator: at most `limit` (1 to 1,000), after `after`, which is
    /// [`GrantPage::next`] of the page before. The entries hold no token and no id of a patient. Nothing is sent.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::RequestInvalid`], the store's.
    pub fn grants(&self, administrator: &str, after: Option<&str>, limit: usize) -> Result<GrantPage> {
        self.require(administrator, "", Action::Configure)?;
        grant::list_page(&self.records(), &self.core.sources, self.hooks.clock.now(), after, limit)
    }

    /// Asks the EHR about the stored tokens of a user at a source (RFC 7662), for an administrator. `user`: `None` for the system
    /// account. The result holds no token, and nothing about the patient or the user.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], [`Code::SourceNotFound`], [`Code::GrantNotFound`], [`Code::IntrospectionNotSupported`],
    /// [`Code::IntrospectionFailed`], [`Code::InvalidClient`], [`Code::TokenUnavailable`], the errors of discovery, the
    /// network's and the store's.
    pub fn introspect(
        &self,
        administrator: &str,
        user: Option<&str>,
        source: &str,
    ) -> Result<Vec<Introspection>> {
        if let Some(user) = user {
            check_user(user)?;
        }
        self.require(administrator, "", Action::Configure)?;
        let source = self.core.sources.by_id(source)?;
        let holder = user.map_or(Holder::System, |user| Holder::User(user.to_owned()));
        TokenClient::new(&self.context()).introspect(source, &holder)
    }

    /// Refreshes the offline sign-ins that were not used for `keep_alive_days` of their source (O2), and retries the revocations of
    /// earlier sign-outs that failed. It is for a job that runs once a day.
    ///
    /// # Errors
    /// [`Code::AccessRefused`], the store's. The failure of one sign-in is in the result.
    pub fn keep_alive(&self, administrator: &str) -> Result<KeepAliveResult> {
        self.require(administrator, "", Action::Configure)?;
        grant::keep_alive(TokenClient::new(&self.context()), &self.core.sources)
    }
}

fn check_user(user: &str) -> Result<()> {
    if user.is_empty() { Err(Error::new(Code::RequestInvalid).detail("user is empty")) } else { Ok(()) }
}
