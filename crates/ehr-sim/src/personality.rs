//! What differs between the personalities, as data.

use crate::options::{FhirRelease, Personality};

/// How a wrong request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorBody {
    /// Text (O21, and the SMART sandbox).
    Text,
    /// An OperationOutcome with a code of the vendor (E18).
    Outcome,
}

/// How `Accept` is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AcceptPolicy {
    /// JSON whatever was asked.
    Tolerant,
    /// 406 and an empty body unless the media type of the version is named (O20).
    Strict,
    /// XML unless JSON is named.
    XmlByDefault,
}

/// How the token endpoint and the callback tell an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OauthErrors {
    /// `error` and `error_description`.
    Described,
    /// `error` and `error_uri`, no description (O16).
    ErrorUri,
    /// `error` and `error_description: null` (E1).
    NullDescription,
}

/// One row of the table of personalities.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) publisher: &'static str,
    pub(crate) software: &'static str,
    pub(crate) access_token_seconds: u64,
    pub(crate) errors: ErrorBody,
    pub(crate) accept: AcceptPolicy,
    pub(crate) oauth_errors: OauthErrors,
    /// `aud` may be absent, or have a trailing slash more.
    pub(crate) lenient_aud: bool,
    /// The secret may come in the body (O13, E10).
    pub(crate) secret_in_body: bool,
    /// `patient/*.read` is granted (O10 refuses it).
    pub(crate) wildcard_scopes: bool,
    /// A clinical search must name a patient or an `_id` (E18 59159).
    pub(crate) patient_required: bool,
    /// Prefixes a date search may have (E21).
    pub(crate) date_prefixes: &'static [&'static str],
    /// (resource type, default, cap) for `_count` in R4; `*` is any other type.
    pub(crate) counts_r4: &'static [(&'static str, usize, usize)],
    /// The same for DSTU2.
    pub(crate) counts_dstu2: &'static [(&'static str, usize, usize)],
}

const ALL_PREFIXES: &[&str] = &["eq", "ne", "lt", "le", "gt", "ge", "sa", "eb", "ap"];

static SMART: Profile = Profile {
    publisher: "SMART Health IT",
    software: "SMART Sandbox (ehr-sim)",
    access_token_seconds: 3600,
    errors: ErrorBody::Text,
    accept: AcceptPolicy::Tolerant,
    oauth_errors: OauthErrors::Described,
    lenient_aud: true,
    secret_in_body: true,
    wildcard_scopes: true,
    patient_required: false,
    date_prefixes: ALL_PREFIXES,
    counts_r4: &[("*", 50, 1000)],
    counts_dstu2: &[("*", 50, 1000)],
};

static ORACLE: Profile = Profile {
    publisher: "Cerner",
    software: "Millennium (ehr-sim)",
    access_token_seconds: 570,
    errors: ErrorBody::Text,
    accept: AcceptPolicy::Strict,
    oauth_errors: OauthErrors::ErrorUri,
    lenient_aud: false,
    secret_in_body: false,
    wildcard_scopes: false,
    patient_required: true,
    date_prefixes: ALL_PREFIXES,
    // O23, O24
    counts_r4: &[
        ("Patient", 20, 100),
        ("Observation", 50, 200),
        ("DiagnosticReport", 10, 100),
        ("DocumentReference", 10, 100),
        // "no count" in the documentation: everything on one page.
        ("Immunization", 1000, 1000),
        ("*", 50, 200),
    ],
    counts_dstu2: &[
        ("Patient", 20, 100),
        ("Observation", 50, 100),
        ("DiagnosticReport", 10, 100),
        ("DocumentReference", 10, 100),
        ("Immunization", 1000, 1000),
        ("*", 50, 100),
    ],
};

static EPIC: Profile = Profile {
    publisher: "Epic",
    software: "Epic",
    access_token_seconds: 3600,
    errors: ErrorBody::Outcome,
    accept: AcceptPolicy::XmlByDefault,
    oauth_errors: OauthErrors::NullDescription,
    lenient_aud: false,
    secret_in_body: true,
    wildcard_scopes: true,
    patient_required: true,
    date_prefixes: &["eq", "lt", "le", "gt", "ge"],
    counts_r4: &[("*", 1000, 1000)],
    counts_dstu2: &[("*", 1000, 1000)],
};

impl Profile {
    pub(crate) fn of(personality: Personality) -> &'static Self {
        match personality {
            Personality::Smart => &SMART,
            Personality::Oracle => &ORACLE,
            Personality::Epic => &EPIC,
        }
    }

    /// The default and the cap of `_count` for a resource type.
    pub(crate) fn count(&self, release: FhirRelease, resource_type: &str) -> (usize, usize) {
        let table = match release {
            FhirRelease::R4 => self.counts_r4,
            FhirRelease::Dstu2 => self.counts_dstu2,
        };
        table
            .iter()
            .find(|(name, ..)| *name == resource_type || *name == "*")
            .map_or((50, 1000), |(_, default, cap)| (*default, *cap))
    }
}

/// The media type of FHIR JSON in a version.
pub(crate) fn media_type(release: FhirRelease) -> &'static str {
    match release {
        FhirRelease::R4 => "application/fhir+json",
        FhirRelease::Dstu2 => "application/json+fhir",
    }
}
