//! Errors: a stable code with its stage, a plain sentence, who can fix it and when to retry.
//!
//! An [`Error`] never holds a token, a secret, patient data or a URL with identifiers. This library writes
//! `detail` and `hint` itself, and escapes text from others with [`escape_for_display`].

pub use crate::vendor_error::VendorError;
use std::{fmt, time::Duration};

include!(concat!(env!("OUT_DIR"), "/error_codes.rs"));

/// The step in which an error occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// Reading the configuration or the files and variables that it names.
    Configuration,
    /// The launch request or the callback, before the token request.
    Launch,
    /// Finding the EHR's endpoints.
    Discovery,
    /// The EHR's authorization endpoint.
    Authorize,
    /// The EHR's token endpoint.
    Token,
    /// Reading the mapping.
    Mapping,
    /// Asking the access hook whether the user may do this.
    Access,
    /// Preparing or finishing a pull.
    Pull,
    /// Finding the patient.
    Patient,
    /// The EHR's FHIR server.
    Fhir,
    /// DNS, TCP, TLS and proxies.
    Network,
    /// Staged rows and adjudication.
    Staging,
    /// The store.
    Store,
    /// Inside this library.
    Internal,
}

/// Who can fix the problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Owner {
    /// The application's developer or administrator.
    You,
    /// The team that runs the EHR.
    EhrTeam,
    /// The team that runs DNS, proxies, firewalls and certificates.
    NetworkTeam,
    /// The user, who signs in again or repeats the action. Such errors are part of normal use.
    User,
}

impl Owner {
    const WORDS: [(&'static str, Owner); 4] = [
        ("you", Owner::You),
        ("ehr_team", Owner::EhrTeam),
        ("network_team", Owner::NetworkTeam),
        ("user", Owner::User),
    ];

    /// The word of tables and documents, such as `ehr_team`.
    pub fn name(self) -> &'static str {
        Self::WORDS.iter().find(|(_, owner)| *owner == self).map_or("you", |(word, _)| word)
    }

    pub(crate) fn from_name(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, owner)| *owner)
    }
}

/// When a retry makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// Not until the problem is fixed.
    Never,
    /// Immediately.
    Now,
    /// After [`Error::retry_after`], or after a few minutes if that is `None`.
    Later,
    /// After the user has signed in again.
    AfterSignIn,
}

impl Retry {
    const WORDS: [(&'static str, Retry); 4] = [
        ("never", Retry::Never),
        ("now", Retry::Now),
        ("later", Retry::Later),
        ("after_sign_in", Retry::AfterSignIn),
    ];

    /// The word of tables and documents, such as `after_sign_in`.
    pub fn name(self) -> &'static str {
        Self::WORDS.iter().find(|(_, retry)| *retry == self).map_or("never", |(word, _)| word)
    }

    pub(crate) fn from_name(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, retry)| *retry)
    }
}

struct Row {
    code: Code,
    name: &'static str,
    stage: Stage,
    owner: Owner,
    retry: Retry,
    /// Stage, owner and retry as documents and tables write them.
    words: [&'static str; 3],
    sentence: &'static str,
}

impl Code {
    /// All codes, in the order of the table.
    pub fn all() -> impl Iterator<Item = Code> {
        ROWS.iter().map(|row| row.code)
    }

    fn row(self) -> &'static Row {
        ROWS.iter().find(|row| row.code == self).unwrap_or(&ROWS[0])
    }

    /// The stable number.
    pub fn number(self) -> u32 {
        self as u32
    }

    /// The stable name, such as `state_unknown`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The step in which the error occurs.
    pub fn stage(self) -> Stage {
        self.row().stage
    }

    /// Who can fix the problem.
    pub fn owner(self) -> Owner {
        self.row().owner
    }

    /// When a retry makes sense.
    pub fn retry(self) -> Retry {
        self.row().retry
    }

    /// Stage, owner and retry as documents write them, such as `token`, `ehr_team`, `after_sign_in`.
    pub fn words(self) -> [&'static str; 3] {
        self.row().words
    }

    /// The plain sentence, without details.
    pub fn sentence(self) -> &'static str {
        self.row().sentence
    }
}

/// An error as a document; docs/errors.md lists the codes and words.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct ErrorDocument<'a> {
    /// The stable number.
    pub code: u32,
    /// The stable name, such as `state_unknown`.
    pub name: &'a str,
    /// The step in which the error occurs, such as `token`.
    pub stage: &'a str,
    /// Who can fix the problem, such as `ehr_team`.
    pub owner: &'a str,
    /// When a retry makes sense, such as `after_sign_in`.
    pub retry: &'a str,
    /// The plain sentence with the detail.
    pub message: String,
    /// Why the EHR refused the request, if its error is known; docs/errors.md lists the causes.
    pub cause: Option<&'a str>,
    /// What to do, if the message does not say it.
    pub hint: Option<&'a str>,
    /// A text to paste into a ticket for the EHR team.
    pub ticket: Option<&'a str>,
    /// The HTTP status of the response that caused the error.
    pub http_status: Option<u16>,
    /// The error as the EHR's server reports it.
    pub vendor: &'a VendorError,
    /// After how many seconds to retry: as the server asks, or when the library sends the request again.
    pub retry_after_seconds: Option<u64>,
}

/// An error of this library.
#[derive(Clone, Debug)]
pub struct Error {
    code: Code,
    detail: Option<String>,
    hint: Option<String>,
    http_status: Option<u16>,
    retry_after: Option<Duration>,
    owner: Option<Owner>,
    retry: Option<Retry>,
    reported: Option<Box<Reported>>,
}

/// What an error of the EHR's server adds. Most errors have nothing of it, so they stay small.
#[derive(Clone, Debug, Default)]
struct Reported {
    vendor: VendorError,
    cause: Option<&'static str>,
    ticket: Option<String>,
}

static NO_VENDOR_ERROR: VendorError = VendorError::NONE;

/// The result of every call that can fail.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error with the code's sentence and nothing else.
    pub fn new(code: Code) -> Self {
        Error {
            code,
            detail: None,
            hint: None,
            http_status: None,
            retry_after: None,
            owner: None,
            retry: None,
            reported: None,
        }
    }

    /// Adds what exactly went wrong. The text must be safe to log: no token, secret or patient data.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Puts the place in front of the detail: a file, or a member of a document.
    #[must_use]
    pub(crate) fn within(mut self, place: &str) -> Self {
        self.detail = Some(match self.detail.take() {
            Some(detail) => format!("{place}: {detail}"),
            None => place.to_owned(),
        });
        self
    }

    /// Adds what to do, such as the configuration member to set.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same error under another code, with the owner and the retry of that code.
    #[must_use]
    pub(crate) fn with_code(self, code: Code) -> Self {
        Error { code, owner: None, retry: None, ..self }
    }

    fn reported_mut(&mut self) -> &mut Reported {
        self.reported.get_or_insert_default()
    }

    /// Adds what the tables know about the EHR's own error: who can fix it, when to retry, and the cause. `None`: as the code says.
    #[must_use]
    pub(crate) fn explained(
        mut self,
        owner: Option<Owner>,
        retry: Option<Retry>,
        cause: &'static str,
    ) -> Self {
        (self.owner, self.retry) = (owner, retry);
        self.reported_mut().cause = Some(cause);
        self
    }

    /// Adds a text to paste into a ticket for the EHR team. It is safe to log.
    #[must_use]
    pub(crate) fn with_ticket(mut self, ticket: String) -> Self {
        self.reported_mut().ticket = Some(ticket);
        self
    }

    /// Adds the HTTP status of the response.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.http_status = Some(status);
        self
    }

    /// Adds the error as the EHR's server reports it.
    #[must_use]
    pub fn vendor(mut self, vendor: VendorError) -> Self {
        if self.reported.is_some() || vendor != VendorError::NONE {
            self.reported_mut().vendor = vendor;
        }
        self
    }

    /// Adds after how long to retry: as the server asks (`Retry-After`), or when the library sends the request again.
    #[must_use]
    pub fn after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Who can fix the problem: from the line for the EHR's own error in docs/errors.md, or else from the code.
    pub fn owner(&self) -> Owner {
        self.owner.unwrap_or_else(|| self.code.owner())
    }

    /// When a retry makes sense: from the line for the EHR's own error in docs/errors.md, or else from the code.
    pub fn retry(&self) -> Retry {
        self.retry.unwrap_or_else(|| self.code.retry())
    }

    /// Why the EHR refused the request, in a plain sentence. `None` if its error has no line in docs/errors.md.
    pub fn cause(&self) -> Option<&str> {
        self.reported.as_ref()?.cause
    }

    /// A text to paste into a ticket for the EHR team: what, when, client id, tenant, correlation id and link. `None` unless the EHR's
    /// authorization server refused this application.
    pub fn ticket(&self) -> Option<&str> {
        self.reported.as_ref()?.ticket.as_deref()
    }

    /// What to do, if the message does not say it.
    pub fn hint_text(&self) -> Option<&str> {
        let sign_in = (self.retry() == Retry::AfterSignIn)
            .then_some("Open the application from the EHR again, or sign in from the application.");
        self.hint.as_deref().or(sign_in)
    }

    /// What exactly went wrong, without the sentence of the code.
    pub(crate) fn detail_text(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// The HTTP status of the response that caused the error.
    pub fn http_status(&self) -> Option<u16> {
        self.http_status
    }

    /// The error as the EHR's server reports it.
    pub fn vendor_error(&self) -> &VendorError {
        self.reported.as_ref().map_or(&NO_VENDOR_ERROR, |reported| &reported.vendor)
    }

    /// After how long to retry: as the server asks (`Retry-After`), or when the library sends the request again.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The plain sentence with the detail. It is safe to log and to show, because text from others is escaped.
    pub fn message(&self) -> String {
        match &self.detail {
            // Hosts and users search for exactly this text: the sentence, a blank and the `iss`.
            Some(detail) if self.code == Code::SourceNotFound => format!("{} {detail}", self.code.sentence()),
            Some(detail) => format!("{} ({detail})", self.code.sentence()),
            None => self.code.sentence().to_owned(),
        }
    }

    /// The error as a JSON document, for hosts that show or store it.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self.document()).unwrap_or_default()
    }

    /// The document that [`Error::to_json`] writes.
    pub fn document(&self) -> ErrorDocument<'_> {
        let [stage, ..] = self.code.words();
        ErrorDocument {
            code: self.code.number(),
            name: self.code.name(),
            stage,
            owner: self.owner().name(),
            retry: self.retry().name(),
            message: self.message(),
            cause: self.cause(),
            hint: self.hint_text(),
            ticket: self.ticket(),
            http_status: self.http_status,
            vendor: self.vendor_error(),
            retry_after_seconds: self.retry_after.map(|wait| wait.as_secs()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for Error {}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Error::new(code)
    }
}

/// Why a file cannot be used, in plain words for an administrator. The text follows a file name and a colon.
pub fn describe_io_error(kind: std::io::ErrorKind) -> &'static str {
    use std::io::ErrorKind;
    match kind {
        ErrorKind::NotFound => "there is no such file",
        ErrorKind::PermissionDenied => "this user is not allowed to open it",
        ErrorKind::IsADirectory => "it is a folder",
        ErrorKind::NotADirectory => "a part of its path is not a folder",
        ErrorKind::InvalidData => "it is not text in UTF-8",
        ErrorKind::AlreadyExists => "it already exists",
        ErrorKind::StorageFull => "the disk is full",
        ErrorKind::ReadOnlyFilesystem => "the disk is read-only",
        _ => "the operating system reported an error",
    }
}

/// Makes text from others safe for a page, a terminal and a log: percent-encodes all but the visible characters of
/// a URL, and cuts the text after 300 characters.
pub fn escape_for_display(text: &str) -> String {
    let escaped = escape_text(text).replace(' ', "%20");
    match escaped.char_indices().nth(300) {
        Some((cut, _)) => format!("{}...", &escaped[..cut]),
        None => escaped,
    }
}

/// The same as [`escape_for_display`] for a sentence: it keeps blanks and does not shorten the text.
pub(crate) fn escape_text(text: &str) -> String {
    use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
    const UNSAFE: &AsciiSet = &CONTROLS
        .add(b'"')
        .add(b'\'')
        .add(b'<')
        .add(b'>')
        .add(b'`')
        .add(b'\\')
        .add(b'{')
        .add(b'}')
        .add(b'|')
        .add(b'^');
    utf8_percent_encode(text, UNSAFE).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_unique() {
        let mut numbers: Vec<u32> = Code::all().map(Code::number).collect();
        let mut names: Vec<&str> = Code::all().map(Code::name).collect();
        let count = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        names.sort_unstable();
        names.dedup();
        assert_eq!((numbers.len(), names.len()), (count, count));
    }

    #[test]
    fn the_words_for_owner_and_retry_are_those_of_the_table() {
        for code in Code::all() {
            let [_, owner, retry] = code.words();
            assert_eq!((code.owner().name(), code.retry().name()), (owner, retry), "{}", code.name());
            assert_eq!(Owner::from_name(owner), Some(code.owner()));
            assert_eq!(Retry::from_name(retry), Some(code.retry()));
        }
    }

    #[test]
    fn what_a_table_knows_replaces_the_owner_and_the_retry_of_the_code() {
        let error = Error::new(Code::FhirError).explained(Some(Owner::You), Some(Retry::AfterSignIn), "Why.");
        assert_eq!(
            (error.owner(), error.retry(), error.cause()),
            (Owner::You, Retry::AfterSignIn, Some("Why."))
        );
        assert!(error.hint_text().is_some_and(|hint| hint.contains("from the EHR again")));
        let document = error.to_json();
        assert_eq!((&document["owner"], &document["retry"]), (&"you".into(), &"after_sign_in".into()));
        assert_eq!(document["cause"], "Why.");
        let other = error.with_code(Code::SystemAccountRejected);
        assert_eq!((other.owner(), other.retry()), (Owner::EhrTeam, Retry::Never));
        assert!(other.hint_text().is_none());
    }

    #[test]
    fn text_from_others_is_escaped_and_shortened() {
        let text = escape_for_display("https://e.example/<script>alert('x')</script>\n\u{1b}[31m");
        assert_eq!(text, "https://e.example/%3Cscript%3Ealert(%27x%27)%3C/script%3E%0A%1B[31m");
        assert!(escape_for_display(&"a".repeat(5000)).len() < 310);
    }
}
