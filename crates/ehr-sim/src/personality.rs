//! The differences between the personalities, as data.

use crate::{
    options::{FhirRelease, Personality},
    registration::AuthMethod,
    server_options::{BasicEncoding, IdTokenAlgorithm, PkcePolicy},
};

/// The body of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorFormat {
    /// Plain text (O21, and the SMART sandbox).
    Text,
    /// An OperationOutcome with an error code of the vendor (E18).
    Outcome,
    /// An OperationOutcome.
    PlainOutcome,
}

/// What the `Accept` header must name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AcceptPolicy {
    /// The server always sends JSON.
    Tolerant,
    /// 406 with an empty body unless it names the media type of the FHIR version (O20).
    Strict,
    /// XML unless it names JSON (Epic).
    XmlByDefault,
}

/// How the token endpoint and the callback describe an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OauthErrorFormat {
    /// `error` and `error_description`.
    Description,
    /// `error` and `error_description`, with the statuses of RFC 6749, 5.2.
    Standard,
    /// `error` and `error_uri`, without a description (O16).
    ErrorUri,
    /// `error` and `error_description: null` (E1).
    NullDescription,
}

/// The tenant of `/fhir`.
pub(crate) const ROOT_TENANT: &str = "ehr-sim";

/// How one personality behaves.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) publisher: &'static str,
    pub(crate) software: &'static str,
    pub(crate) access_token_seconds: u64,
    pub(crate) errors: ErrorFormat,
    pub(crate) accept: AcceptPolicy,
    pub(crate) oauth_errors: OauthErrorFormat,
    /// `aud` may be absent, or have an additional slash at the end.
    pub(crate) lenient_aud: bool,
    /// The authentication methods of confidential clients at the token endpoint (O13, E10).
    pub(crate) auth_methods: &'static [AuthMethod],
    /// How HTTP Basic credentials are written (E9).
    pub(crate) basic_encoding: BasicEncoding,
    pub(crate) pkce: PkcePolicy,
    /// The callback has the parameter `iss` (RFC 9207).
    pub(crate) response_iss: bool,
    /// The algorithm of the keys that sign id_tokens. The vendors use RS256.
    pub(crate) id_token_algorithm: IdTokenAlgorithm,
    /// The scope `fhirUser` permits reading the user's own Practitioner (SMART App Launch 2.2, scopes for requesting identity data).
    /// Oracle and Epic require a scope for Practitioner.
    pub(crate) fhir_user_scope_reads: bool,
    /// Token answers have `user` and `username`. The SMART launcher sends neither.
    pub(crate) names_user: bool,
    /// Any application may register itself (RFC 7591). Epic and Oracle do not offer that.
    pub(crate) open_registration: bool,
    /// The server has a revocation endpoint (RFC 7009). The SMART launcher has none.
    pub(crate) has_revocation: bool,
    /// Access tokens remain valid until they expire: they cannot be revoked, and the revocation of the refresh token does not end
    /// them (O5).
    pub(crate) keeps_access_tokens: bool,
    /// Scopes such as `patient/*.read` are granted (O10).
    pub(crate) wildcard_scopes: bool,
    /// Granular scopes of SMART v2, such as `user/Observation.rs?category=laboratory`, are granted.
    pub(crate) granular_scopes: bool,
    /// The most bytes of the headers of a request (O10).
    pub(crate) header_bytes: Option<usize>,
    /// An access token holds its scopes, as a JWT does, so that it grows with them.
    pub(crate) scopes_in_token: bool,
    /// A sign-in gets all scopes for resources that its client is registered for, whatever it requests (E8).
    pub(crate) grants_registered_scopes: bool,
    /// A search of a clinical type must name a patient or an `_id` (E18).
    pub(crate) patient_required: bool,
    /// The prefixes that a date search may have (E21).
    pub(crate) date_prefixes: &'static [&'static str],
    /// (resource type, default, maximum) of `_count` in R4. `*` is any other type.
    pub(crate) counts_r4: &'static [(&'static str, usize, usize)],
    /// The same for DSTU2.
    pub(crate) counts_dstu2: &'static [(&'static str, usize, usize)],
}

const ALL_METHODS: &[AuthMethod] =
    &[AuthMethod::ClientSecretPost, AuthMethod::ClientSecretBasic, AuthMethod::PrivateKeyJwt];

const ALL_PREFIXES: &[&str] = &["eq", "ne", "lt", "le", "gt", "ge", "sa", "eb", "ap"];

static SMART: Profile = Profile {
    publisher: "SMART Health IT",
    software: "SMART Sandbox (ehr-sim)",
    access_token_seconds: 3600,
    errors: ErrorFormat::Text,
    accept: AcceptPolicy::Tolerant,
    oauth_errors: OauthErrorFormat::Description,
    lenient_aud: true,
    auth_methods: ALL_METHODS,
    basic_encoding: BasicEncoding::Raw,
    pkce: PkcePolicy::Supported,
    response_iss: false,
    id_token_algorithm: IdTokenAlgorithm::Rs256,
    fhir_user_scope_reads: true,
    names_user: false,
    open_registration: true,
    has_revocation: false,
    keeps_access_tokens: false,
    wildcard_scopes: true,
    granular_scopes: true,
    header_bytes: None,
    scopes_in_token: false,
    grants_registered_scopes: false,
    patient_required: false,
    date_prefixes: ALL_PREFIXES,
    counts_r4: &[("*", 50, 1000)],
    counts_dstu2: &[("*", 50, 1000)],
};

static ORACLE: Profile = Profile {
    publisher: "Cerner",
    software: "Millennium (ehr-sim)",
    access_token_seconds: 570,
    errors: ErrorFormat::Text,
    accept: AcceptPolicy::Strict,
    oauth_errors: OauthErrorFormat::ErrorUri,
    lenient_aud: false,
    auth_methods: &[AuthMethod::ClientSecretBasic, AuthMethod::PrivateKeyJwt],
    basic_encoding: BasicEncoding::Raw,
    pkce: PkcePolicy::Supported,
    response_iss: false,
    id_token_algorithm: IdTokenAlgorithm::Rs256,
    fhir_user_scope_reads: false,
    names_user: true,
    open_registration: false,
    has_revocation: true,
    keeps_access_tokens: true,
    wildcard_scopes: false,
    granular_scopes: false,
    header_bytes: Some(4096),
    scopes_in_token: true,
    grants_registered_scopes: false,
    patient_required: true,
    date_prefixes: ALL_PREFIXES,
    // From the page of each resource in Oracle's documentation (O24).
    counts_r4: &[
        ("Patient", 20, 100),
        ("Observation", 50, 200),
        ("DiagnosticReport", 10, 100),
        ("DocumentReference", 10, 100),
        // The documentation names no count: all matches are on one page.
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
    errors: ErrorFormat::Outcome,
    accept: AcceptPolicy::XmlByDefault,
    oauth_errors: OauthErrorFormat::NullDescription,
    lenient_aud: false,
    auth_methods: ALL_METHODS,
    basic_encoding: BasicEncoding::Raw,
    pkce: PkcePolicy::Supported,
    response_iss: false,
    id_token_algorithm: IdTokenAlgorithm::Rs256,
    fhir_user_scope_reads: false,
    names_user: true,
    open_registration: false,
    has_revocation: true,
    keeps_access_tokens: false,
    wildcard_scopes: true,
    granular_scopes: true,
    header_bytes: None,
    scopes_in_token: false,
    grants_registered_scopes: true,
    patient_required: true,
    date_prefixes: &["eq", "lt", "le", "gt", "ge"],
    counts_r4: &[("*", 1000, 1000)],
    counts_dstu2: &[("*", 1000, 1000)],
};

static GENERIC: Profile = Profile {
    publisher: "ehr-sim",
    software: "ehr-sim",
    access_token_seconds: 3600,
    errors: ErrorFormat::PlainOutcome,
    accept: AcceptPolicy::Tolerant,
    oauth_errors: OauthErrorFormat::Standard,
    lenient_aud: false,
    auth_methods: ALL_METHODS,
    basic_encoding: BasicEncoding::Form,
    pkce: PkcePolicy::Required,
    response_iss: true,
    id_token_algorithm: IdTokenAlgorithm::Es384,
    fhir_user_scope_reads: true,
    names_user: true,
    open_registration: true,
    has_revocation: true,
    keeps_access_tokens: false,
    wildcard_scopes: true,
    granular_scopes: true,
    header_bytes: None,
    scopes_in_token: false,
    grants_registered_scopes: false,
    patient_required: false,
    date_prefixes: ALL_PREFIXES,
    counts_r4: &[("*", 50, 1000)],
    counts_dstu2: &[("*", 50, 1000)],
};

impl Profile {
    pub(crate) fn of(personality: Personality) -> &'static Self {
        match personality {
            Personality::Smart => &SMART,
            Personality::Oracle => &ORACLE,
            Personality::Epic => &EPIC,
            Personality::Generic => &GENERIC,
        }
    }

    /// The default and the maximum of `_count` for a resource type.
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

/// The media type of FHIR JSON.
pub(crate) fn media_type(release: FhirRelease) -> &'static str {
    match release {
        FhirRelease::R4 => "application/fhir+json",
        FhirRelease::Dstu2 => "application/json+fhir",
    }
}
