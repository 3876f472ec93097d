//! Token requests: the endpoint and the client secret are looked up, the request is sent, and the result is logged.

use super::{
    lease::{self, LeaseGuard},
    normalize::Deviation,
    token_answer::{self, TokenAnswer},
    token_endpoint::{self, ClientIdentity, TokenRequest},
};
use crate::{
    config::{HeaderValues, Registration},
    context::Context,
    error::{Code, Error, Result},
    log::Event,
    secret::Secret,
    source::{Phase, Source},
};
use std::time::Duration;
use url::Url;

/// Makes token requests.
#[derive(Clone, Copy)]
pub struct TokenClient<'a> {
    /// The services of the call.
    pub context: Context<'a>,
}

/// A token endpoint, and the client id and secret to use there.
pub(super) struct EndpointCredentials<'a> {
    pub(super) source: &'a Source,
    client_id: &'a str,
    pub(super) endpoint: Url,
    secret: Option<Secret>,
    headers: HeaderValues,
}

impl<'a> TokenClient<'a> {
    /// A client over the services of a call.
    pub fn new(context: &Context<'a>) -> Self {
        TokenClient { context: *context }
    }

    /// Sends one token request and logs the result.
    ///
    /// # Errors
    /// See [`token_answer::judge`], and the network's.
    pub fn send_request(
        &self,
        source: &Source,
        registration: &Registration,
        request: &TokenRequest<'_>,
    ) -> Result<TokenAnswer> {
        let answer = self.send_request_unlogged(source, registration, request);
        self.log_result(source, request, &answer);
        answer
    }

    /// Sends one token request without an event: the doctor expects a refusal.
    ///
    /// # Errors
    /// As [`TokenClient::send_request`].
    pub fn send_request_unlogged(
        &self,
        source: &Source,
        registration: &Registration,
        request: &TokenRequest<'_>,
    ) -> Result<TokenAnswer> {
        let credentials = self.credentials(source, registration)?;
        self.send(&credentials, request, || Ok(Duration::MAX))
    }

    /// Looks up what a token request needs. This may run discovery and call the secret provider, so it comes before a lease
    /// is taken.
    pub(super) fn credentials<'s>(
        &self,
        source: &'s Source,
        registration: &'s Registration,
    ) -> Result<EndpointCredentials<'s>> {
        let endpoint = self.context.token_endpoint(source)?;
        let secret = source.client_secret(registration, self.context.secrets)?;
        let headers = source.headers(Phase::Token, self.context.secrets)?;
        Ok(EndpointCredentials { source, client_id: &registration.client_id, endpoint, secret, headers })
    }

    /// Sends one token request and logs the result. The request ends with the lease; between two parts of the wait the lease
    /// is renewed.
    pub(super) fn send_under_lease(
        &self,
        lease: &mut LeaseGuard<'_>,
        credentials: &EndpointCredentials<'_>,
        request: &TokenRequest<'_>,
    ) -> Result<TokenAnswer> {
        if lease.next_wait().is_none() {
            return Err(lease::busy(self.context.limits));
        }
        let ended = || Error::new(Code::NetworkTimeout);
        let answer = self.send(credentials, request, || lease.next_wait().ok_or_else(ended));
        self.log_result(credentials.source, request, &answer);
        answer
    }

    fn send(
        &self,
        credentials: &EndpointCredentials<'_>,
        request: &TokenRequest<'_>,
        next_wait: impl FnMut() -> Result<Duration>,
    ) -> Result<TokenAnswer> {
        let EndpointCredentials { source, client_id, endpoint, secret, headers } = credentials;
        request.check_issuer(source, endpoint)?;
        let client = ClientIdentity { id: client_id, secret: secret.as_ref() };
        let http_request = token_endpoint::http_request(endpoint, &client, request, &source.policy)?;
        let http_request = http_request.with_headers(headers.clone());
        let response = self.context.network.exchange_in_slices(http_request, next_wait);
        let response = response.map_err(|cause| cause.detail("at the token endpoint"))?;
        token_answer::judge(endpoint, &client, request, &response)
    }

    fn log_result(&self, source: &Source, request: &TokenRequest<'_>, answer: &Result<TokenAnswer>) {
        let grant_type = request.grant_type();
        match answer {
            Ok(answer) => {
                let source_id = &source.id;
                self.context.events.log(match request {
                    TokenRequest::Refresh { .. } => Event::TokenRefreshed { source: source_id, grant_type },
                    _ => Event::TokenObtained { source: source_id, grant_type },
                });
                self.log_deviations(source, grant_type, answer);
            }
            Err(error) => {
                let error = error.code().name();
                self.context.events.log(Event::TokenRefused { source: &source.id, grant_type, error });
            }
        }
    }

    /// Logs the names of members that deviate from the specification, without their values. RFC 6749 lets the answer to a
    /// refresh omit the scope.
    fn log_deviations(&self, source: &Source, grant_type: &str, answer: &TokenAnswer) {
        let may_omit_scope = grant_type == "refresh_token";
        let deviations = answer.deviations.iter();
        let reported = deviations.filter(|one| !(may_omit_scope && **one == Deviation::NoScope));
        let members = reported.map(|one| one.name()).collect::<Vec<_>>().join(" ");
        if !members.is_empty() {
            let (source, members) = (source.id.as_str(), members.as_str());
            self.context.events.log(Event::TokenResponseNonstandard { source, grant_type, members });
        }
    }
}
