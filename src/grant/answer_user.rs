//! The EHR user that a token answer names. The answer to a refresh must be for the user of the sign-in (OpenID Connect Core 12.2).

use super::token_answer::TokenAnswer;
use crate::{
    jose::{SignedToken, unique_members},
    store::sealed_store::SealedStore,
};
use serde::{Deserialize, Serialize};

/// The user as keyed hashes. Nothing of it is verified: it is only compared with another answer of the same server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerUser {
    /// Of the type and the FHIR id in the member `fhirUser`.
    fhir_user: Option<String>,
    /// Of `iss` and `sub` in the id_token.
    subject: Option<String>,
}

impl AnswerUser {
    /// The user that an answer names. A member that is missing or cannot be read names no user.
    pub fn of(records: &SealedStore<'_>, source: &str, answer: &TokenAnswer) -> Self {
        let hash = |parts: &[&str]| {
            records.vault.index("user of an answer", &[&[records.organization, source], parts].concat())
        };
        let fhir_user = answer.text("fhirUser");
        let fhir_user = fhir_user.as_deref().and_then(type_and_id);
        let subject = answer.text("id_token").and_then(|token| issuer_and_subject(&token));
        AnswerUser {
            fhir_user: fhir_user.map(|(kind, id)| hash(&["fhirUser", kind, id])),
            subject: subject.map(|(iss, sub)| hash(&["sub", &iss, &sub])),
        }
    }

    /// Whether both answers name a user, and not the same one.
    pub(super) fn differs(&self, other: &Self) -> bool {
        let differ = |one: &Option<String>, other: &Option<String>| {
            one.as_ref().zip(other.as_ref()).is_some_and(|(one, other)| one != other)
        };
        differ(&self.fhir_user, &other.fhir_user) || differ(&self.subject, &other.subject)
    }
}

/// The type and the id at the end of a reference, which is relative in one answer and a URL in another.
fn type_and_id(reference: &str) -> Option<(&str, &str)> {
    let reference = reference.split("/_history").next().unwrap_or_default();
    let (rest, id) = reference.trim_end_matches('/').rsplit_once('/').unwrap_or_default();
    let kind = rest.rsplit('/').next().unwrap_or_default();
    (!kind.is_empty() && !id.is_empty()).then_some((kind, id))
}

fn issuer_and_subject(token: &str) -> Option<(String, String)> {
    let token = SignedToken::parse(token).ok()?;
    let members = unique_members(token.payload())?;
    let text = |name: &str| members.get(name)?.as_str().filter(|text| !text.is_empty());
    Some((text("iss")?.trim_end_matches('/').to_owned(), text("sub")?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_of_a_reference_is_its_type_and_id() {
        for reference in [
            "Practitioner/p-9",
            "https://ehr.example/fhir/Practitioner/p-9",
            "https://ehr.example/fhir/Practitioner/p-9/",
            "Practitioner/p-9/_history/2",
        ] {
            assert_eq!(type_and_id(reference), Some(("Practitioner", "p-9")), "{reference}");
        }
        assert_eq!(type_and_id("p-9"), None);
        assert_eq!(type_and_id("/p-9"), None);
    }

    #[test]
    fn only_two_answers_that_name_a_user_can_differ() {
        let user = |fhir_user: Option<&str>, subject: Option<&str>| AnswerUser {
            fhir_user: fhir_user.map(str::to_owned),
            subject: subject.map(str::to_owned),
        };
        let sign_in = user(Some("a"), Some("s"));
        assert!(!sign_in.differs(&user(None, None)));
        assert!(!sign_in.differs(&user(Some("a"), None)));
        assert!(!user(None, None).differs(&sign_in));
        assert!(sign_in.differs(&user(Some("b"), None)));
        assert!(sign_in.differs(&user(Some("a"), Some("t"))));
    }
}
