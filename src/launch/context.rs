//! The launch context that the EHR returns with the tokens, for the application's screens.

use crate::{
    clock::UnixSeconds, error::Result, grant::token_answer::TokenAnswer, scope::ScopeSet, source::Source,
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
    /// Whether the application must show a patient banner; `true` unless the EHR states that it shows one.
    pub need_patient_banner: bool,
    /// The URL of the EHR's style document.
    pub smart_style_url: Option<String>,
    /// The intent of the launch, a text that the EHR and the application have agreed on.
    pub intent: Option<String>,
    /// The EHR's tenant.
    pub tenant: Option<String>,
    /// The granted scopes, separated by spaces; empty when the EHR does not list them.
    pub granted_scopes: String,
    /// The requested scopes that the granted ones do not cover; also empty when the EHR does not list the granted scopes. An
    /// EHR may grant more than it lists (E6, E8).
    pub missing_scopes: Vec<String>,
    /// When the access token expires.
    pub expires_at: UnixSeconds,
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
        ehr_user: Option<String>,
        expires_at: UnixSeconds,
    ) -> Result<Self> {
        let granted = answer.scope.clone().unwrap_or_default();
        let missing = answer.scope.as_ref().map(|granted| requested.missing_in(granted)).unwrap_or_default();
        Ok(LaunchContext {
            patient: answer.patient(source)?,
            encounter: answer.encounter(source),
            ehr_user,
            need_patient_banner: answer.boolean("need_patient_banner").unwrap_or(true),
            smart_style_url: answer.text("smart_style_url"),
            intent: answer.text("intent"),
            tenant: answer.text("tenant"),
            missing_scopes: missing.into_iter().map(str::to_owned).collect(),
            granted_scopes: granted.to_string(),
            expires_at,
        })
    }
}
