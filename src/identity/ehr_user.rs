//! The name of the EHR user, and what identifies the user in a link, in the order that the source says.

use super::{
    claims::Claims,
    fhir_user::{FhirUser, UserResource},
};
use crate::{
    config::{Policy, UserNameSource},
    discovery::without_slash,
    grant::token_answer::TokenAnswer,
};
use serde::{Deserialize, Serialize};

/// The EHR user of a sign-in.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct EhrUser {
    /// The name for people.
    pub name: Option<String>,
    /// What identifies the user at this server, the preferred one first.
    pub keys: Vec<EhrUserKey>,
    /// The issuer and the `sub` of a valid id_token, also if the `sub` is no key: no other user of the server ever has them.
    #[serde(default)]
    pub sub: Option<String>,
}

/// Something that identifies an EHR user at one server.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EhrUserKey {
    /// Where it comes from.
    pub source: UserNameSource,
    /// The text. A `sub` is unique at one issuer only, so it is a text of both.
    pub value: String,
}

/// `Debug` does not print the user.
impl std::fmt::Debug for EhrUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sources: Vec<&str> = self.keys.iter().map(|key| key.source.name()).collect();
        f.debug_struct("EhrUser").field("keys", &sources).finish_non_exhaustive()
    }
}

impl EhrUser {
    /// The user of a sign-in that an older version of the library stored: the token response named it.
    pub fn of_name(name: &str) -> Self {
        let key = EhrUserKey { source: UserNameSource::TokenResponse, value: name.to_owned() };
        EhrUser { name: Some(name.to_owned()), keys: vec![key], sub: None }
    }
}

/// What a sign-in says about its user.
pub(super) struct Names<'a> {
    pub(super) answer: &'a TokenAnswer,
    pub(super) claims: Option<&'a Claims>,
    pub(super) fhir_user: Option<&'a FhirUser>,
    pub(super) resource: &'a UserResource,
}

impl Names<'_> {
    /// The user, by the policies `user_name_sources` and `user_link_keys`.
    pub(super) fn ehr_user(&self, policy: &Policy, user_hint: Option<&str>) -> EhrUser {
        let name = policy.user_name_sources.iter().find_map(|source| self.value(*source, policy, user_hint));
        let sub = self.claims.map(|claims| format!("{} {}", without_slash(&claims.iss), claims.sub));
        let key = |source: &UserNameSource| {
            let value = match source {
                UserNameSource::Sub => sub.clone(),
                source => self.value(*source, policy, None),
            };
            Some(EhrUserKey { source: *source, value: value? })
        };
        EhrUser { name, keys: policy.user_link_keys.iter().filter_map(key).collect(), sub }
    }

    fn value(&self, source: UserNameSource, policy: &Policy, user_hint: Option<&str>) -> Option<String> {
        match source {
            UserNameSource::LaunchParameter => user_hint.map(str::to_owned),
            UserNameSource::TokenResponse => {
                policy.user_name_members.iter().find_map(|member| self.answer.text(member))
            }
            UserNameSource::PreferredUsername => self.claims?.preferred_username.clone(),
            UserNameSource::FhirUser => self.fhir_user.map(|user| user.reference.clone()),
            UserNameSource::Sub => Some(self.claims?.sub.clone()),
            UserNameSource::PractitionerIdentifier => self.resource.identifier.clone(),
            UserNameSource::PractitionerName => self.resource.name.clone(),
        }
    }
}
