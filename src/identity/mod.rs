//! The EHR user of a sign-in: what the id_token, the token answer and the user's FHIR resource say, and the links from EHR users to
//! users of the application.

mod claims;
mod ehr_user;
mod fhir_user;
mod id_token;
mod links;

#[cfg(feature = "test-internals")]
pub use claims::accepts_id_token_payload;
pub use ehr_user::EhrUser;
pub use fhir_user::FhirUser;
pub use id_token::IdTokenResult;
pub use links::{UserLinkEntry, link, linked_user, list, other_user_error, unlink, unlink_user};

use crate::{
    context::Context,
    error::{Code, Result},
    grant::token_answer::TokenAnswer,
    scope::ScopeSet,
    source::Source,
};
use ehr_user::Names;

/// What is known of a sign-in before its tokens arrive.
#[derive(Clone, Copy)]
pub struct SignInRequest<'a> {
    /// The nonce of the authorization request.
    pub nonce: &'a str,
    /// The requested scopes.
    pub requested: &'a ScopeSet,
    /// The user name in the launch query, if the source trusts it.
    pub user_hint: Option<&'a str>,
}

/// The EHR user of a sign-in.
pub struct SignedInUser {
    /// Its name, and what identifies it.
    pub ehr_user: EhrUser,
    /// Its FHIR resource.
    pub fhir_user: Option<FhirUser>,
    /// What became of the id_token.
    pub id_token: IdTokenResult,
    /// The error of an id_token that was rejected.
    pub id_token_error: Option<Code>,
}

/// Identifies the EHR user of a sign-in. The tokens came from the token endpoint itself, so what they say is trusted as far as the
/// policy of the source says.
///
/// # Errors
/// Those of the id_token, unless the policy is `soft`; the store's.
pub fn identify(
    context: &Context<'_>,
    source: &Source,
    answer: &TokenAnswer,
    request: &SignInRequest<'_>,
) -> Result<SignedInUser> {
    let verified = id_token::verify(context, source, answer, request)?;
    let claims = verified.claims;
    let fhir_user = match &claims {
        // A valid id_token counts more than a member next to it.
        Some(claims) if claims.fhir_user.is_some() => claims.fhir_user.clone(),
        Some(claims) => answer.text("fhirUser").or_else(|| claims.profile.clone()),
        None => answer.text("fhirUser"),
    };
    let mut fhir_user = fhir_user.and_then(|text| fhir_user::read_reference(source, &text));
    let resource = match &mut fhir_user {
        Some(user) if source.policy.read_fhir_user => {
            fhir_user::read_resource(context, source, &answer.access_token, user)
        }
        _ => fhir_user::UserResource::default(),
    };
    let names = Names { answer, claims: claims.as_ref(), fhir_user: fhir_user.as_ref(), resource: &resource };
    let ehr_user = names.ehr_user(&source.policy, request.user_hint);
    Ok(SignedInUser { ehr_user, fhir_user, id_token: verified.result, id_token_error: verified.error })
}
