//! Launches and sign-ins, the views of launches, and handoffs.

use super::Client;
use crate::{
    access::Action,
    error::{Code, Error, Result},
    launch::{self, Handoffs, LaunchResult, LaunchView, SignIn, SignInFlow},
};

impl Client {
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
    /// [`Code::EhrUserOfAnother`]; those of the id_token (228 to 232) as the policy `id_token` says; [`Code::RequestInvalid`] if
    /// `session` is empty or blank.
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
    /// is linked to another user; [`Code::RequestInvalid`] if `user` or `session` is empty; the store's. If the store fails after the
    /// hand-over was taken, the error is [`Code::GrantLost`]; [`Code::StoreConflict`] if other processes keep writing the same records.
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
