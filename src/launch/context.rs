//! What the EHR said on return, for the application's screens.

use crate::{clock::UnixSeconds, grant::token_endpoint::TokenAnswer, scope::ScopeSet};
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
    /// The scopes the EHR granted.
    pub granted_scopes: String,
    /// The scopes asked for and not granted. An EHR may grant more than it says (E6, E8).
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
    pub fn from_answer(
        answer: &TokenAnswer,
        asked: &ScopeSet,
        ehr_user: Option<String>,
        expires_at: UnixSeconds,
    ) -> Self {
        let owned = |name: &str| answer.text(name).map(str::to_owned);
        let granted = answer.scope.clone().unwrap_or_else(|| asked.clone());
        LaunchContext {
            patient: owned("patient"),
            encounter: owned("encounter"),
            ehr_user,
            need_patient_banner: answer.truth("need_patient_banner").unwrap_or(true),
            smart_style_url: owned("smart_style_url"),
            intent: owned("intent"),
            tenant: owned("tenant"),
            missing_scopes: asked.missing_in(&granted).into_iter().map(str::to_owned).collect(),
            granted_scopes: granted.to_string(),
            expires_at,
        }
    }
}
