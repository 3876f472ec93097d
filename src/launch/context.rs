//! What the EHR said on return, for the application's screens.

use crate::{
    clock::UnixSeconds, error::Result, grant::token_answer::TokenAnswer, scope::ScopeSet, source::Source,
};
use serde::{Deserialize, Serialize};

/// The launch context (SMART App Launch 2.2, launch context).
#[derive(Clone, Serialize, Deserialize)]
pub struct LaunchContext {
    /// The patient in the EHR's chart; FHIR ids may be longer than 64 characters (E11).
    pub patient: Option<String>,
    /// The encounter in the EHR's chart.
    pub encounter: Option<String>,
    /// The EHR's name for the user.
    pub ehr_user: Option<String>,
    /// Whether the application must show who the patient is; `true` unless the EHR says it does so.
    pub need_patient_banner: bool,
    /// Where the EHR describes its looks.
    pub smart_style_url: Option<String>,
    /// What the user came for.
    pub intent: Option<String>,
    /// The EHR's tenant.
    pub tenant: Option<String>,
    /// The scopes the EHR granted; empty when it does not say.
    pub granted_scopes: String,
    /// The scopes asked for that those granted do not cover; empty also when the EHR does not say what it granted. An EHR
    /// may grant more than it says (E6, E8).
    pub missing_scopes: Vec<String>,
    /// When the access token ends.
    pub expires_at: UnixSeconds,
}

/// The patient is not for logs.
impl std::fmt::Debug for LaunchContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LaunchContext").field("granted_scopes", &self.granted_scopes).finish_non_exhaustive()
    }
}

impl LaunchContext {
    /// Reads the token answer.
    ///
    /// # Errors
    /// [`crate::error::Code::TokenResponseInvalid`] when it names a patient in a form that cannot be read.
    pub(crate) fn from_answer(
        source: &Source,
        answer: &TokenAnswer,
        asked: &ScopeSet,
        ehr_user: Option<String>,
        expires_at: UnixSeconds,
    ) -> Result<Self> {
        let granted = answer.scope.clone().unwrap_or_default();
        let missing = answer.scope.as_ref().map(|granted| asked.missing_in(granted)).unwrap_or_default();
        Ok(LaunchContext {
            patient: answer.patient(source)?,
            encounter: answer.encounter(source),
            ehr_user,
            need_patient_banner: answer.truth("need_patient_banner").unwrap_or(true),
            smart_style_url: answer.text("smart_style_url"),
            intent: answer.text("intent"),
            tenant: answer.text("tenant"),
            missing_scopes: missing.into_iter().map(str::to_owned).collect(),
            granted_scopes: granted.to_string(),
            expires_at,
        })
    }
}
