//! The launch context that the EHR returns with the tokens, for the application's screens.

use crate::{
    clock::UnixSeconds,
    error::Result,
    grant::{FhirContext, token_answer::TokenAnswer},
    identity::{FhirUser, IdTokenResult, SignedInUser},
    scope::ScopeSet,
    source::Source,
    store::sealed_store::SealedStore,
};
use serde::{Deserialize, Serialize};

/// The launch context (SMART App Launch 2.2, launch context).
#[derive(Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LaunchContext {
    /// The FHIR id of the patient whose chart is open; it may be longer than 64 characters (E11).
    pub patient: Option<String>,
    /// The FHIR id of the encounter.
    pub encounter: Option<String>,
    /// The EHR's name for the user.
    pub ehr_user: Option<String>,
    /// The FHIR resource of the EHR user (SMART `fhirUser`), if the EHR names one.
    #[serde(default)]
    pub fhir_user: Option<FhirUser>,
    /// What became of the id_token. Only `verified` proves who the EHR user is.
    #[serde(default)]
    pub id_token: IdTokenResult,
    /// The name of the error of an id_token that was rejected (policy `soft`); otherwise null.
    #[serde(default)]
    pub id_token_error: Option<String>,
    /// Whether the application must show a patient banner; `true` unless the EHR states that it shows one.
    pub need_patient_banner: bool,
    /// Resources in context besides the patient and the encounter (SMART `fhirContext`). None of them replaces `patient`.
    #[serde(default)]
    pub fhir_context: Vec<FhirContext>,
    /// The URL of the EHR's style document: https, or http on the loopback interface. The EHR wrote it, so load it only from
    /// hosts that you know.
    pub smart_style_url: Option<String>,
    /// The intent of the launch, a text that the EHR and the application have agreed on.
    pub intent: Option<String>,
    /// The EHR's tenant.
    pub tenant: Option<String>,
    /// The granted scopes, separated by spaces; empty when the EHR does not list them.
    pub granted_scopes: String,
    /// The requested scopes of which the EHR granted nothing, compared by meaning; also empty when the EHR does not list the
    /// granted scopes. When a refresh token arrived, the scope that requests it is not missing, although Epic never lists it (E6).
    pub missing_scopes: Vec<String>,
    /// The requested scopes of which the EHR granted a part, such as one category of the Observations. Data of these resource types
    /// is never complete.
    #[serde(default)]
    pub partly_granted_scopes: Vec<String>,
    /// Whether a refresh token was requested (`online_access` or `offline_access`) and did not arrive. Then the sign-in ends with
    /// its access token (O6, E6).
    #[serde(default)]
    pub refresh_token_missing: bool,
    /// When the access token expires.
    pub expires_at: UnixSeconds,
    /// When the view of this launch ends at the latest: with a refresh token `view_seconds` after the launch, otherwise with the
    /// access token. Ask [`crate::Client::launch_view`] whether it has ended earlier.
    #[serde(default)]
    pub view_ends_at: UnixSeconds,
}

/// `Debug` does not print the patient.
impl std::fmt::Debug for LaunchContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LaunchContext").field("granted_scopes", &self.granted_scopes).finish_non_exhaustive()
    }
}

impl LaunchContext {
    /// The launch context of a token answer.
    ///
    /// # Errors
    /// [`crate::error::Code::TokenResponseInvalid`] when it names a patient in a form that cannot be read.
    pub(crate) fn from_answer(
        source: &Source,
        answer: &TokenAnswer,
        requested: &ScopeSet,
        user: &SignedInUser,
        expires_at: UnixSeconds,
        view_ends_at: UnixSeconds,
    ) -> Result<Self> {
        let granted = answer.scope.clone().unwrap_or_default();
        let has_refresh_token = answer.refresh_token.is_some();
        let compare = |granted| requested.compare_with(granted, has_refresh_token);
        let comparison = answer.scope.as_ref().map(compare).unwrap_or_default();
        let texts = |scopes: Vec<&str>| scopes.into_iter().map(str::to_owned).collect();
        Ok(LaunchContext {
            patient: answer.patient(source)?,
            encounter: answer.encounter(source),
            ehr_user: user.ehr_user.name.clone(),
            fhir_user: user.fhir_user.clone(),
            id_token: user.id_token,
            id_token_error: user.id_token_error.map(|code| code.name().to_owned()),
            need_patient_banner: answer.boolean("need_patient_banner").unwrap_or(true),
            fhir_context: answer.fhir_context(),
            smart_style_url: answer.smart_style_url(),
            intent: answer.text("intent"),
            tenant: answer.text("tenant"),
            missing_scopes: texts(comparison.missing),
            partly_granted_scopes: texts(comparison.partly),
            refresh_token_missing: requested.requests_refresh_token() && !has_refresh_token,
            granted_scopes: granted.to_string(),
            expires_at,
            view_ends_at,
        })
    }
}

/// The key under which the context of a launch is kept for handoffs, while its view is open.
pub(super) fn context_key(records: &SealedStore<'_>, launch_id: &str) -> String {
    records.vault.index("launch context", &[records.organization, launch_id])
}
