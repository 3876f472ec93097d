//! The requests of one pull or lookup: the access token, its refresh, and the limit of bytes.

use super::{proof::Proof, report::PullReport};
use crate::{
    config::{HeaderValues, Limits},
    error::{Code, Error, Result, Stage, escape_for_display},
    fhir::{
        Json, answer,
        bundle::{self, Entry},
        json::{self, JsonError},
        outcome::Issue,
    },
    net::{Authorization, Request, Response, Session, TlsIdentity, charset},
    scope::{Coverage, ScopeSet},
    secret::{ExposeSecret, Secret},
    source::Source,
    vault::sha256,
};
use std::sync::Arc;
use url::Url;

/// The most bytes of an answer with the Patient. A photo may be part of it.
const PATIENT_BYTES: usize = 4 * 1024 * 1024;

/// A new access token, and the scopes that it has.
pub struct RefreshedToken {
    /// The access token.
    pub token: Secret,
    /// Its scopes. A refresh may narrow them.
    pub scopes: ScopeSet,
}

/// Gets the token that the server refused, and returns a new one.
pub type Refresh<'a> = dyn FnMut(&Secret) -> Result<RefreshedToken> + 'a;

/// The requests for one patient's data with one grant.
pub struct Retrieval<'a> {
    /// The source.
    pub source: &'a Source,
    /// Sends the requests.
    pub session: Session<'a>,
    /// The access token.
    pub token: Secret,
    /// The scopes of the access token. A request that they exclude is not sent (#147).
    pub scopes: ScopeSet,
    /// Refreshes the access token.
    pub refresh: &'a mut Refresh<'a>,
    /// The error of a refresh that failed. It is not tried again.
    pub refresh_failed: Option<Error>,
    /// HTTP headers that the source requires.
    pub headers: HeaderValues,
    /// The client certificate, if the source requires one for FHIR requests.
    pub tls_identity: Option<Arc<TlsIdentity>>,
    /// Whether the token belongs to the system account. No user can sign in again for it.
    pub is_system: bool,
    /// Whether the grant is for all patients. Its `patient/` scopes then say nothing about another patient than the one of the launch.
    pub is_unbound: bool,
    /// The limits of the configuration.
    pub limits: &'a Limits,
    /// The report of the pull.
    pub report: &'a mut PullReport,
    /// The bytes of all answers so far.
    pub bytes: usize,
}

impl Retrieval<'_> {
    /// A GET request with the access token and the client certificate, which go to the origin of the source only.
    pub(super) fn request(&self, url: &Url) -> Request {
        let is_own = url.origin() == self.source.base.origin();
        Request {
            authorization: Authorization::Bearer(self.token.clone(), self.source.base.origin()),
            headers: self.headers.clone(),
            tls_identity: self.tls_identity.clone().filter(|_| is_own),
            ..Request::get(url.clone(), self.source.policy.accept.clone())
        }
    }

    /// Replaces the access token. A refresh that failed is not tried again; its error is returned again.
    fn refresh_token(&mut self) -> Result<()> {
        if let Some(error) = &self.refresh_failed {
            return Err(error.clone());
        }
        let old = self.token.clone();
        match (self.refresh)(&old) {
            Ok(refreshed) => {
                self.token = refreshed.token;
                self.scopes = refreshed.scopes;
            }
            Err(error) => {
                self.refresh_failed = Some(error.clone());
                return Err(error);
            }
        }
        self.report.refreshed = true;
        Ok(())
    }

    /// Sends one request and waits for the answer. When the token is refused, it is refreshed once. `check` says whether the scopes
    /// allow the request; the new token may have fewer scopes, so it is asked again before the request is repeated (#147).
    fn exchange<T>(
        &mut self,
        url: &Url,
        check: impl Fn(&Self) -> Result<()>,
        mut judge: impl FnMut(&Response) -> Result<T>,
    ) -> Result<T> {
        let mut refreshed = false;
        loop {
            let request = self.request(url).limit_bytes(PATIENT_BYTES);
            self.session.send(request);
            let (_, response) = self.session.next_answer().ok_or_else(|| Error::new(Code::Internal))?;
            match judge(&response?) {
                Err(error) if error.code() == Code::FhirUnauthorized && !refreshed => {
                    refreshed = true;
                    self.refresh_token()?;
                    check(self)?;
                }
                judged => return judged.map_err(|error| error_for_holder(error, self.is_system)),
            }
        }
    }

    /// Checks that the scopes allow a search before it is sent. The text says which part of the answer they exclude; `None`: nothing.
    ///
    /// # Errors
    /// [`Code::ScopeNotGranted`].
    pub(super) fn check_search(&self, resource_type: &str, url: &Url) -> Result<Option<String>> {
        match self.scopes.search_coverage(resource_type, self.is_unbound, url.query_pairs()) {
            Coverage::Full => Ok(None),
            // Some servers answer such a search for another patient with no result.
            Coverage::Partly
                if self.is_unbound && self.scopes.searches_launch_patient_only(resource_type) =>
            {
                Ok(Some(format!("the EHR granted {resource_type} for the patient of the launch only")))
            }
            Coverage::Partly => Ok(Some(format!(
                "the EHR granted only a part of {resource_type} ({})",
                escape_for_display(&self.scopes.search_limits(resource_type))
            ))),
            Coverage::None => Err(self.not_granted(resource_type, "search")),
        }
    }

    /// Checks that the scopes allow to read a resource by its id.
    ///
    /// # Errors
    /// [`Code::ScopeNotGranted`].
    pub(super) fn check_read(&self, resource_type: &str) -> Result<()> {
        if self.scopes.allows_read(resource_type) {
            Ok(())
        } else {
            Err(self.not_granted(resource_type, "read"))
        }
    }

    /// The error for a request that the scopes exclude. It says who must act.
    fn not_granted(&self, resource_type: &str, action: &str) -> Error {
        let last = if self.is_system { "." } else { ", then sign in again." };
        Error::new(Code::ScopeNotGranted).detail(format!("{action} {resource_type}")).hint(format!(
            "Add {resource_type} to the resources of the source, and ask your EHR team to grant it{last}"
        ))
    }

    pub(super) fn warn(&mut self, warnings: Vec<String>) {
        warnings.into_iter().for_each(|warning| self.report.warn(warning));
    }

    /// Reads one resource of a type by its id, after [`Retrieval::check_read`].
    ///
    /// # Errors
    /// The network's; see [`answer::judge`]. [`Code::ScopeNotGranted`] if a refresh removed the scope for the read.
    pub fn read_resource(&mut self, resource_type: &str, url: &Url) -> Result<answer::Answer> {
        let check = |own: &Self| own.check_read(resource_type);
        let mut answer = self.exchange(url, check, answer::judge)?;
        self.warn(std::mem::take(&mut answer.warnings));
        Ok(answer)
    }

    /// Reads one page of a search for a patient: its matches, and the URL of the next page. `values_left` is how many JSON
    /// values the matches of all further pages may have together.
    ///
    /// # Errors
    /// The network's; see [`answer::judge_page`]. [`Code::ResponseTooLarge`] when no values are left. [`Code::ScopeNotGranted`] if a
    /// refresh removed the scope for the search.
    pub fn read_patient_page(
        &mut self,
        url: &Url,
        proof: &mut Proof,
        values_left: &mut usize,
    ) -> Result<(Vec<Json>, Option<String>)> {
        let check = |own: &Self| own.check_search("Patient", url).map(drop);
        let (resources, next, issues, warnings) = self.exchange(url, check, |response| {
            let text = charset::text(response);
            let (page, warnings) = answer::judge_page(response, &text)?;
            proof.add(&page);
            let (mut resources, mut issues) = (Vec::new(), Vec::new());
            for raw in &page.entries {
                let too_large = |why: JsonError| answer::body_error(why.into(), response);
                *values_left -= json::check_size(raw.get(), *values_left, json::DEPTH).map_err(too_large)?;
                let entry = bundle::entry(raw.get()).map_err(too_large)?;
                proof.add_entry(&entry);
                match entry {
                    Entry::Match(resource) => resources.push(resource),
                    Entry::Issues(found) => issues.extend(found),
                    Entry::Include(_) | Entry::Unreadable => {}
                }
            }
            Ok((resources, page.next, issues, warnings))
        })?;
        self.warn(warnings);
        self.warn_of_issues(&issues);
        Ok((resources, next))
    }

    /// Adds the bytes of an answer to those of the pull.
    ///
    /// # Errors
    /// [`Code::LimitExceeded`].
    pub(super) fn count_bytes(&mut self, response: &Result<Response>) -> Result<()> {
        if let Ok(response) = response {
            self.bytes += response.body.len();
            if self.bytes > self.limits.pull_bytes {
                let detail = format!("{} bytes", self.limits.pull_bytes);
                return Err(Error::new(Code::LimitExceeded).detail(detail));
            }
        }
        Ok(())
    }

    /// Refreshes the token after the server refused a request, unless the token was refreshed since that request was sent. The
    /// inner error is the reason why there is no new token.
    ///
    /// # Errors
    /// The store's.
    pub(super) fn refresh_after(&mut self, sent_with: &[u8]) -> Result<std::result::Result<(), Error>> {
        if sent_with != sha256(self.token.expose_secret()) {
            return Ok(Ok(()));
        }
        match self.refresh_token() {
            Err(store) if store.code().stage() == Stage::Store => Err(store),
            renewed => Ok(renewed),
        }
    }

    /// Adds a warning for each issue of a page that does not say that data is missing.
    pub(super) fn warn_of_issues(&mut self, issues: &[Issue]) {
        for issue in issues.iter().filter(|issue| !issue.withholds()) {
            self.report.warn(format!("server remark {}", issue.code()));
        }
    }
}

/// The error of a request. If the server refuses the token of a system account, no user can sign in again. If it denies the data,
/// the error says what to check (E5).
pub(super) fn error_for_holder(error: Error, is_system: bool) -> Error {
    match error.code() {
        Code::FhirUnauthorized if is_system => error.with_code(Code::SystemAccountRejected),
        Code::FhirDenied if is_system && error.hint_text().is_none() => error.hint(
            "Ask your EHR team which data the system account may read. At Epic, the customer maps the client to a background user, \
             and this user needs access to the patients.",
        ),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_account_with_a_refused_token_is_not_asked_to_sign_in() {
        for (code, of_system) in [
            (Code::FhirUnauthorized, Code::SystemAccountRejected),
            (Code::FhirDenied, Code::FhirDenied),
            (Code::FhirUnavailable, Code::FhirUnavailable),
        ] {
            assert_eq!(error_for_holder(Error::new(code), false).code(), code);
            let error = error_for_holder(Error::new(code), true);
            assert_eq!(error.code(), of_system);
            assert_eq!(error.hint_text().is_some(), code == Code::FhirDenied);
        }
    }
}
