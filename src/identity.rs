//! Who the EHR says the user is, and which user of the application that is.

use crate::{
    config::Policy,
    error::{Code, Result},
    grant::token_answer::TokenAnswer,
    source::Issuer,
    store::{
        RecordKind,
        sealed_store::{Address, SealedStore},
    },
};
use serde::{Deserialize, Serialize};

/// The EHR's name for the user, out of the token answer: it came from the token endpoint, over a
/// connection of our own. A name in a query never counts.
pub fn ehr_user(answer: &TokenAnswer, policy: &Policy) -> Option<String> {
    policy.user_name_members.iter().find_map(|member| answer.text(member))
}

/// A link from an EHR user to a user of the application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserLink {
    /// The EHR's name.
    pub ehr_user: String,
    /// The application's name.
    pub application_user: String,
}

/// A name is a name of those who say it: with another server or token endpoint behind the same source, it may be
/// somebody else's.
fn address(records: &SealedStore<'_>, source: &str, issuer: &Issuer, ehr_user: &str) -> Address {
    let Issuer { iss, token_origin } = issuer;
    let key = records.vault.index("link", &[records.organization, source, iss, token_origin, ehr_user]);
    Address { key, ..Address::default() }
}

/// The application's user behind an EHR user, if a link was made.
///
/// # Errors
/// The store's.
pub fn linked_user(
    records: &SealedStore<'_>,
    source: &str,
    issuer: &Issuer,
    ehr_user: &str,
) -> Result<Option<String>> {
    let key = address(records, source, issuer, ehr_user).key;
    let link = records.get::<UserLink>(RecordKind::UserLink, &key)?;
    Ok(link.map(|link| link.value.application_user))
}

/// Stores a link, unless there is one already: an existing link is changed by an administrator only.
///
/// # Errors
/// The store's.
pub fn link(
    records: &SealedStore<'_>,
    source: &str,
    issuer: &Issuer,
    ehr_user: &str,
    application_user: &str,
) -> Result<bool> {
    let link = UserLink { ehr_user: ehr_user.to_owned(), application_user: application_user.to_owned() };
    match records.write(RecordKind::UserLink, &address(records, source, issuer, ehr_user), &link, 0) {
        Ok(()) => Ok(true),
        Err(error) if error.code() == Code::StoreConflict => Ok(false),
        Err(error) => Err(error),
    }
}
