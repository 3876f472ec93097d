//! Token requests: the endpoint and the client secret are looked up, the request is sent, and the result is logged.

use super::{
    Grant, Holder,
    client_authentication::ClientAuthentication,
    client_refusal,
    error_advice::{Application, advise},
    key,
    lease::{self, LeaseGuard},
    normalize::Deviation,
    token_answer::{self, TokenAnswer},
    token_endpoint::{self, ClientIdentity, TokenRequest},
    token_errors,
};
use crate::{
    config::{HeaderValues, Registration},
    context::Context,
    error::{Code, Error, Result},
    log::Event,
    net::{Request, TlsIdentity},
    source::{Credentials, Phase, Source},
    store::RecordKind,
};
use std::{sync::Arc, time::Duration};
use url::Url;

/// Makes token requests.
#[derive(Clone, Copy)]
pub struct TokenClient<'a> {
    /// The services of the call.
    pub context: Context<'a>,
}

/// A token endpoint, and the client id and credentials to use there.
pub(super) struct EndpointCredentials<'a> {
    pub(super) source: &'a Source,
    pub(super) registration: &'a Registration,
    pub(super) endpoint: Url,
    credentials: Credentials,
    pub(super) tls_identity: Option<Arc<TlsIdentity>>,
    pub(super) headers: HeaderValues,
}

/// Which variant of the credentials a request uses: where there are two secrets, and by which clock an assertion is dated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Variant {
    uses_next_secret: bool,
    skew_seconds: i64,
}

/// Seconds by which the server's clock must differ from what was assumed, so that a refused assertion is sent once more.
const RELEVANT_SKEW_SECONDS: i64 = 5;

fn is_client_refused<T>(answer: &Result<T>) -> bool {
    answer.as_ref().is_err_and(|error| error.code() == Code::InvalidClient)
}

impl<'a> TokenClient<'a> {
    /// A client over the services of a call.
    pub fn new(context: &Context<'a>) -> Self {
        TokenClient { context: *context }
    }

    /// Sends one token request and logs the result.
    ///
    /// # Errors
    /// See [`token_answer::judge`], and the network's. [`Code::InvalidClient`] without a request, if the server refused the client
    /// shortly before.
    pub fn send_request(
        &self,
        source: &Source,
        registration: &Registration,
        request: &TokenRequest<'_>,
    ) -> Result<TokenAnswer> {
        let credentials = self.credentials(source, registration);
        if let Ok(credentials) = &credentials {
            self.check_not_refused(credentials, request.grant_type())?;
        }
        let answer =
            credentials.and_then(|credentials| self.send(&credentials, request, || Ok(Duration::MAX)));
        self.log_result(source, request, &answer);
        answer
    }

    /// Sends one token request without an event: the doctor expects a refusal. The request is sent even if the server refused the
    /// client shortly before. If it does not refuse it now, other requests are sent again too.
    ///
    /// # Errors
    /// See [`token_answer::judge`], and the network's.
    pub fn send_request_unlogged(
        &self,
        source: &Source,
        registration: &Registration,
        request: &TokenRequest<'_>,
    ) -> Result<TokenAnswer> {
        let credentials = self.credentials(source, registration)?;
        let answer = self.send_with_variants(&credentials, request, || Ok(Duration::MAX));
        let is_answered = answer.as_ref().map_or_else(|error| error.http_status().is_some(), |_| true);
        if is_answered && !is_client_refused(&answer) {
            self.client(&credentials, request.grant_type()).forget_same();
        }
        answer
    }

    /// Refuses a launch if the token endpoint refused the client shortly before: the sign-in could not be completed.
    ///
    /// # Errors
    /// [`Code::InvalidClient`] with the time after which the library asks the server again.
    pub fn check_launch(&self, source: &Source, endpoint: &Url) -> Result<()> {
        let registration = &source.registration;
        if !client_refusal::is_code_noted(&self.context, registration, endpoint) {
            return Ok(());
        }
        // Secrets that cannot be read end the sign-in later, with their own error.
        let Ok(credentials) = source.credentials(registration, self.context.secrets) else { return Ok(()) };
        let grant_type = client_refusal::CODE;
        let context = &self.context;
        let client =
            client_refusal::Client::new(context, source, registration, &credentials, endpoint, grant_type);
        self.refuse(source, registration, &client, grant_type, false)
    }

    fn client(&self, credentials: &EndpointCredentials<'_>, grant_type: &str) -> client_refusal::Client<'a> {
        let EndpointCredentials { source, registration, endpoint, credentials, .. } = credentials;
        client_refusal::Client::new(&self.context, source, registration, credentials, endpoint, grant_type)
    }

    /// Checks before a request that the server did not refuse the client shortly before.
    ///
    /// # Errors
    /// [`Code::InvalidClient`] with the time after which the library asks the server again.
    pub(super) fn check_not_refused(
        &self,
        credentials: &EndpointCredentials<'_>,
        grant_type: &str,
    ) -> Result<()> {
        let is_system = grant_type == "client_credentials";
        let client = self.client(credentials, grant_type);
        self.refuse(credentials.source, credentials.registration, &client, grant_type, is_system)
    }

    /// Returns the error of the client's refusal, if there is one, and logs that no request is sent.
    fn refuse(
        &self,
        source: &Source,
        registration: &Registration,
        client: &client_refusal::Client<'_>,
        grant_type: &str,
        is_system: bool,
    ) -> Result<()> {
        let Some(refusal) = client.refusal() else { return Ok(()) };
        let error = token_errors::of_refused_client(client.error(refusal), grant_type);
        let seconds = error.retry_after().unwrap_or_default().as_secs();
        let count = usize::try_from(seconds).unwrap_or(usize::MAX);
        self.context.events.log(Event::TokenRequestSkipped {
            source: &source.id,
            grant_type,
            seconds: count,
        });
        let error = self.advised(source, registration, is_system, error);
        let hint = error.hint_text().unwrap_or_default().to_owned();
        Err(error.hint(format!(
            "{hint} The library asks the EHR again in {seconds} seconds, or when the doctor checks the source."
        )))
    }

    fn advised(&self, source: &Source, registration: &Registration, is_system: bool, error: Error) -> Error {
        let (client_id, iss) = (registration.client_id.as_str(), source.iss.as_str());
        let now = self.context.clock.now();
        advise(error, &Application { client_id, iss, vendor: source.vendor, is_system, now })
    }

    /// Looks up what a token request needs. This may run discovery and call the secret provider, so it comes before a lease
    /// is taken.
    pub(super) fn credentials<'s>(
        &self,
        source: &'s Source,
        registration: &'s Registration,
    ) -> Result<EndpointCredentials<'s>> {
        let endpoint = self.context.token_endpoint(source)?;
        let credentials = source.credentials(registration, self.context.secrets)?;
        let certificate = source.client_certificate(registration, self.context.secrets)?;
        let tls_identity = TlsIdentity::of_registration(certificate, &registration.id)?;
        let headers = source.headers(Phase::Token, self.context.secrets)?;
        Ok(EndpointCredentials { source, registration, endpoint, credentials, tls_identity, headers })
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
        self.check_not_refused(credentials, request.grant_type())?;
        let ended = || Error::new(Code::NetworkTimeout);
        let answer = self.send(credentials, request, || lease.next_wait().ok_or_else(ended));
        self.log_result(credentials.source, request, &answer);
        answer
    }

    /// Sends a token request, and notes whether the server accepts the client.
    fn send(
        &self,
        credentials: &EndpointCredentials<'_>,
        request: &TokenRequest<'_>,
        next_wait: impl FnMut() -> Result<Duration>,
    ) -> Result<TokenAnswer> {
        let answer = self.send_with_variants(credentials, request, next_wait);
        match &answer {
            Ok(_) => self.client(credentials, request.grant_type()).forget(),
            Err(error) if is_client_refused(&answer) => {
                self.client(credentials, request.grant_type()).note(error);
            }
            Err(_) => {}
        }
        answer
    }

    /// Sends a token request. If the server refuses the client, which means that it did not use a code, the request may be sent
    /// once more: with the other client secret, or with an assertion by the server's clock.
    fn send_with_variants(
        &self,
        credentials: &EndpointCredentials<'_>,
        request: &TokenRequest<'_>,
        mut next_wait: impl FnMut() -> Result<Duration>,
    ) -> Result<TokenAnswer> {
        request.check_issuer(credentials.source, &credentials.endpoint)?;
        let mut may_repeat = true;
        self.with_variants(credentials, |variant| {
            let answer = self.send_once(credentials, variant, request, &mut next_wait);
            if std::mem::take(&mut may_repeat) && self.is_flaky(credentials, request, &answer) {
                return self.send_once(credentials, variant, request, &mut next_wait);
            }
            answer
        })
    }

    /// Sends a request, and once more with the other variant of the credentials if the server refuses the client.
    pub(super) fn with_variants<T>(
        &self,
        credentials: &EndpointCredentials<'_>,
        mut send: impl FnMut(Variant) -> Result<T>,
    ) -> Result<T> {
        let registration = credentials.registration;
        let learned = self.context.learned;
        let first = Variant {
            uses_next_secret: learned.uses_next_secret(&registration.id),
            skew_seconds: learned.skew(&credentials.source.id),
        };
        let answer = send(first);
        if !is_client_refused(&answer) {
            return answer;
        }
        let Some(other) = self.other_variant(credentials, first) else { return answer };
        let second = send(other);
        if !is_client_refused(&second) && other.uses_next_secret != first.uses_next_secret {
            learned.learn_secret(&registration.id, other.uses_next_secret);
            let secret = if other.uses_next_secret { "client_secret_next" } else { "client_secret" };
            self.context.events.log(Event::ClientSecretChanged { registration: &registration.id, secret });
        }
        second
    }

    /// Whether the answer is the 400 that Epic sends at times although the credentials are right (E24). It looks like the answer to
    /// wrong credentials, so the request is repeated only if the client was accepted before: never for a code.
    fn is_flaky(
        &self,
        credentials: &EndpointCredentials<'_>,
        request: &TokenRequest<'_>,
        answer: &Result<TokenAnswer>,
    ) -> bool {
        let EndpointCredentials { source, endpoint, .. } = credentials;
        let Err(error) = answer else { return false };
        let is_bare = error.vendor_error().code.is_none() || error.code() == Code::InvalidClient;
        if !source.policy.retry_bare_400 || error.http_status() != Some(400) || !is_bare {
            return false;
        }
        match request {
            TokenRequest::Code { .. } => false,
            TokenRequest::Refresh { .. } => true,
            TokenRequest::ClientCredentials(_) => {
                let records = &self.context.records;
                let key = key(records, &source.id, &source.issuer(endpoint), &Holder::System, None);
                let has_grant = || matches!(records.get::<Grant>(RecordKind::Grant, &key), Ok(Some(_)));
                self.client(credentials, request.grant_type()).was_accepted() || has_grant()
            }
        }
    }

    /// How the request may be sent once more after the server refused the client.
    fn other_variant(&self, credentials: &EndpointCredentials<'_>, first: Variant) -> Option<Variant> {
        match &credentials.credentials {
            Credentials::Secret { next: Some(_), .. } => {
                Some(Variant { uses_next_secret: !first.uses_next_secret, ..first })
            }
            Credentials::Key(_) => {
                let skew_seconds = self.context.learned.skew(&credentials.source.id);
                let differs =
                    skew_seconds.abs_diff(first.skew_seconds) >= RELEVANT_SKEW_SECONDS.unsigned_abs();
                differs.then_some(Variant { skew_seconds, ..first })
            }
            Credentials::Secret { next: None, .. } | Credentials::None => None,
        }
    }

    fn send_once(
        &self,
        credentials: &EndpointCredentials<'_>,
        variant: Variant,
        request: &TokenRequest<'_>,
        next_wait: &mut impl FnMut() -> Result<Duration>,
    ) -> Result<TokenAnswer> {
        let EndpointCredentials { source, registration, endpoint, .. } = credentials;
        let sent = self.context.clock.now();
        let mut last = None;
        let make = || {
            let authentication = self.authentication(credentials, variant)?;
            let client = ClientIdentity { id: &registration.client_id, authentication };
            let http_request = token_endpoint::http_request(endpoint, &client, request, &source.policy)?;
            last = Some(client);
            Ok(Request {
                tls_identity: credentials.tls_identity.clone(),
                headers: credentials.headers.clone(),
                ..http_request
            })
        };
        let response = self.context.network.exchange_in_slices(make, next_wait);
        let response = response.map_err(|cause| match &last {
            // The lease ended before the request was made, so nothing was sent.
            None if cause.code() == Code::NetworkTimeout => lease::busy(self.context.limits),
            _ => cause.within("at the token endpoint"),
        })?;
        let received = self.context.clock.now();
        self.context.learned.learn_skew(&source.id, response.header("date"), sent, received);
        let client = last.ok_or_else(|| Error::new(Code::Internal))?;
        let is_system = matches!(request, TokenRequest::ClientCredentials(_));
        let advised = |error| self.advised(source, registration, is_system, error);
        token_answer::judge(endpoint, &client, request, &response).map_err(advised)
    }

    /// The credentials of one attempt. An assertion is new each time.
    pub(super) fn authentication<'c>(
        &self,
        credentials: &'c EndpointCredentials<'_>,
        variant: Variant,
    ) -> Result<ClientAuthentication<'c>> {
        Ok(match &credentials.credentials {
            Credentials::None => ClientAuthentication::None,
            Credentials::Secret { in_body, secret, next } => {
                let secret = next.as_ref().filter(|_| variant.uses_next_secret).unwrap_or(secret);
                if *in_body {
                    ClientAuthentication::Post(secret)
                } else {
                    ClientAuthentication::Basic(secret)
                }
            }
            Credentials::Key(key) => {
                let now = self.context.clock.now().saturating_add(variant.skew_seconds);
                let client_id = &credentials.registration.client_id;
                ClientAuthentication::new_assertion(key, client_id, &credentials.endpoint, now)?
            }
        })
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
