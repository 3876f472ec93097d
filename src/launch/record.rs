//! What is remembered of a launch: the entry that an administrator sees, and the state of its view.

use super::context::LaunchContext;
use crate::{
    clock::UnixSeconds,
    error::{Code, Error},
    grant::Grant,
    secret::ExposeSecret,
    source::Issuer,
};
use serde::{Deserialize, Serialize};

/// Where a launch started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LaunchKind {
    /// In the EHR.
    Ehr,
    /// In the application.
    Standalone,
}

impl LaunchKind {
    /// Its name in documents and events.
    pub fn name(self) -> &'static str {
        match self {
            LaunchKind::Ehr => "ehr",
            LaunchKind::Standalone => "standalone",
        }
    }
}

/// How a launch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LaunchOutcome {
    /// The user was signed in.
    SignedIn,
    /// The EHR signed the user in. The application's own login is not finished.
    LoginRequired,
    /// It ended with an error.
    Failed,
}

impl LaunchOutcome {
    /// Its name in documents.
    pub fn name(self) -> &'static str {
        match self {
            LaunchOutcome::SignedIn => "signed_in",
            LaunchOutcome::LoginRequired => "login_required",
            LaunchOutcome::Failed => "failed",
        }
    }
}

/// A handoff of a launch to another application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LaunchHandoff {
    /// The URL of the configuration to which the browser was sent.
    pub url: String,
    /// When the handle was created, in seconds since 1970.
    pub created_at: UnixSeconds,
    /// When the application redeemed the handle, in seconds since 1970; null if it did not.
    pub redeemed_at: Option<UnixSeconds>,
}

/// A remembered launch, or the failed launches of one day with the same error. It says what arrived and holds no value of it: no
/// id of a patient, an encounter or a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LaunchLogEntry {
    /// When the browser came back from the EHR, in seconds since 1970. For failed launches: the last time.
    pub at: UnixSeconds,
    /// The id of the source; null if a failed launch matched none.
    pub source: Option<String>,
    /// Where the launch started; null if a failed callback matched no launch.
    pub kind: Option<LaunchKind>,
    /// How it ended.
    pub outcome: LaunchOutcome,
    /// The name of the error of failed launches; otherwise null.
    pub error: Option<String>,
    /// How many launches this is: 1, or the number of failed launches.
    pub count: u64,
    /// Whether an access token arrived.
    pub access_token: bool,
    /// Whether a patient arrived.
    pub patient: bool,
    /// Whether an encounter arrived.
    pub encounter: bool,
    /// Whether the EHR named its user.
    pub ehr_user: bool,
    /// Whether a refresh token arrived.
    pub refresh_token: bool,
    /// Whether a refresh token was requested (`online_access` or `offline_access`) and did not arrive.
    pub refresh_token_missing: bool,
    /// The handoffs to other applications.
    pub handoffs: Vec<LaunchHandoff>,
}

/// What is stored of a launch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LaunchRecord {
    /// What an administrator sees.
    pub entry: LaunchLogEntry,
    /// The view, after a user was signed in.
    pub view: Option<StoredView>,
}

/// A launch that the EHR completed, and the handle by which it is found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CompletedLaunch {
    /// A random text.
    pub id: String,
    /// What is stored.
    pub record: LaunchRecord,
}

impl LaunchLogEntry {
    /// The entry of a launch for which the EHR issued tokens.
    pub(crate) fn completed(
        kind: LaunchKind,
        grant: &Grant,
        context: &LaunchContext,
        now: UnixSeconds,
    ) -> Self {
        let refresh_token = !grant.refresh_token.expose_secret().is_empty();
        LaunchLogEntry {
            at: now,
            source: Some(grant.source.clone()),
            kind: Some(kind),
            outcome: LaunchOutcome::LoginRequired,
            error: None,
            count: 1,
            access_token: !grant.access_token.expose_secret().is_empty(),
            patient: context.patient.is_some(),
            encounter: context.encounter.is_some(),
            ehr_user: context.ehr_user.is_some(),
            refresh_token,
            refresh_token_missing: context.refresh_token_missing,
            handoffs: Vec::new(),
        }
    }

    /// The entry of a failed launch.
    pub(crate) fn failed(
        source: Option<&str>,
        kind: Option<LaunchKind>,
        error: Code,
        now: UnixSeconds,
    ) -> Self {
        LaunchLogEntry {
            at: now,
            source: source.map(str::to_owned),
            kind,
            outcome: LaunchOutcome::Failed,
            error: Some(error.name().to_owned()),
            count: 1,
            access_token: false,
            patient: false,
            encounter: false,
            ehr_user: false,
            refresh_token: false,
            refresh_token_missing: false,
            handoffs: Vec::new(),
        }
    }
}

/// What is stored of a view.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredView {
    /// The application's user.
    pub user: String,
    /// The id of the source.
    pub source: String,
    /// The server that issued the tokens.
    pub issuer: Issuer,
    /// The key of the grant.
    pub grant: String,
    /// When it ends at the latest.
    pub ends_at: UnixSeconds,
    /// The mark of the user's last sign-out before the launch; `None` if there was none.
    #[serde(default)]
    pub sign_out_mark: Option<String>,
    /// Why it ended earlier.
    pub end: Option<ViewEnd>,
}

/// Why a view has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ViewEnd {
    /// Its time is over.
    Time,
    /// The user left it or signed out.
    Left,
    /// It belongs to another user.
    AnotherUser,
    /// The EHR does not refresh the access token any more.
    Refused,
    /// The source is another server now.
    SourceChanged,
    /// No launch with this id is remembered.
    Unknown,
}

impl ViewEnd {
    /// Its name in documents and events.
    pub fn name(self) -> &'static str {
        match self {
            ViewEnd::Time => "time",
            ViewEnd::Left => "left",
            ViewEnd::AnotherUser => "another_user",
            ViewEnd::Refused => "refused",
            ViewEnd::SourceChanged => "source_changed",
            ViewEnd::Unknown => "unknown",
        }
    }

    /// The error of a call that needs an open view.
    pub fn error(self) -> Error {
        Error::new(Code::ViewEnded).detail(self.name())
    }
}
