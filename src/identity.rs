//! The EHR user of a sign-in, and the links from EHR users to users of the application.

use crate::{
    config::Policy,
    error::{Code, Result},
    grant::token_answer::TokenAnswer,
    source::Issuer,
    store::{
        RecordKind, RecordQuery,
        sealed_store::{Address, SealedStore},
    },
};
use serde::{Deserialize, Serialize};

/// The EHR user that the token response names, or `None` if no member of `policy.user_name_members` is present. The name is
/// trusted because the library itself requested it from the token endpoint. A name in a query is not.
pub fn ehr_user(answer: &TokenAnswer, policy: &Policy) -> Option<String> {
    policy.user_name_members.iter().find_map(|member| answer.text(member))
}

/// A link from an EHR user to a user of the application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserLink {
    /// The user's name in the EHR.
    pub ehr_user: String,
    /// The user's name in the application.
    pub application_user: String,
}

/// Where the link is stored. Two servers may use the same name for different people. So the key contains the server and the
/// token endpoint's origin, and a link ends if the source is changed to another server.
fn address(records: &SealedStore<'_>, source: &str, issuer: &Issuer, ehr_user: &str) -> Address {
    let Issuer { iss, token_origin } = issuer;
    let key = records.vault.index("link", &[records.organization, source, iss, token_origin, ehr_user]);
    Address { key, ..Address::default() }
}

/// The application user that an EHR user is linked to, or `None` if there is no link.
///
/// # Errors
/// The store's errors.
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

/// Deletes all links to a user of the application. Returns their number. Links that cannot be decrypted stay: they sign no one in.
///
/// # Errors
/// The store's errors.
pub fn unlink_user(records: &SealedStore<'_>, application_user: &str) -> Result<usize> {
    let query = RecordQuery { organization: records.organization.to_owned(), ..RecordQuery::default() };
    let mut links = Vec::new();
    records.visit(RecordKind::UserLink, &query, |record| {
        if let Ok(link) = records.decrypt::<UserLink>(&record)
            && link.value.application_user == application_user
        {
            links.push(link);
        }
    })?;
    let mut removed = 0;
    for link in links {
        removed += usize::from(records.delete(RecordKind::UserLink, &link.key, link.version)?);
    }
    Ok(removed)
}

/// Stores a link and returns true. If the EHR user is linked already, changes nothing and returns false: only an
/// administrator changes a link.
///
/// # Errors
/// The store's errors.
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
