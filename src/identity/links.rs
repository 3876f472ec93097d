//! The links from EHR users to users of the application: found in a sign-in, listed and removed by an administrator.

use super::ehr_user::{EhrUser, EhrUserKey};
use crate::{
    clock::UnixSeconds,
    config::UserNameSource,
    context::Context,
    error::{Code, Error, Result},
    log::Event,
    source::Issuer,
    store::{
        RecordKind, RecordQuery,
        sealed_store::{Address, SealedStore, TRIES},
    },
};
use serde::{Deserialize, Serialize};

/// A stored link. What a list shows is in the sealed record, because its key is a keyed hash. Older records have only the first two.
#[derive(Clone, Serialize, Deserialize)]
struct UserLink {
    /// What identifies the user in the EHR.
    ehr_user: String,
    /// The user's name in the application.
    application_user: String,
    /// The id of the source.
    #[serde(default)]
    source: Option<String>,
    /// The server of the EHR user.
    #[serde(default)]
    issuer: Option<Issuer>,
    /// Where `ehr_user` comes from.
    #[serde(default)]
    key: Option<UserNameSource>,
    /// The EHR user's name for people, when the link was stored.
    #[serde(default)]
    ehr_user_name: Option<String>,
    /// When the link was stored.
    #[serde(default)]
    created_at: Option<UnixSeconds>,
}

/// A user link, as an administrator sees it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct UserLinkEntry {
    /// Names the link in [`crate::Client::unlink`].
    pub id: String,
    /// The id of the source; null for a link of an older version of the library that was not used since.
    pub source: Option<String>,
    /// What identifies the EHR user; null if the stored record is damaged.
    pub ehr_user: Option<String>,
    /// Where `ehr_user` comes from: `token_response`, `preferred_username`, `fhir_user`, `sub` or `practitioner_identifier`.
    pub key: Option<String>,
    /// The EHR user's name for people, when the link was stored.
    pub ehr_user_name: Option<String>,
    /// The user of the application; null if the stored record is damaged.
    pub application_user: Option<String>,
    /// When the link was stored, in seconds since 1970; null for an old link.
    pub created_at: Option<UnixSeconds>,
    /// Whether the stored record cannot be decrypted although its key is there. A sign-in of its EHR user fails until it is removed.
    pub damaged: bool,
}

/// `Debug` does not print the users.
impl std::fmt::Debug for UserLinkEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserLinkEntry")
            .field("id", &self.id)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// Where the link is stored. Two servers may use the same name for different people. So the key contains the server and the
/// token endpoint's origin, and a link ends if the source is changed to another server. A name of the token response has the key
/// that links always had.
fn address(records: &SealedStore<'_>, source: &str, issuer: &Issuer, user: &EhrUserKey) -> Address {
    let Issuer { iss, token_origin } = issuer;
    let key = match user.source {
        UserNameSource::TokenResponse => {
            records.vault.index("link", &[records.organization, source, iss, token_origin, &user.value])
        }
        other => {
            let parts = [records.organization, source, iss, token_origin, other.name(), &user.value];
            records.vault.index("link", &parts)
        }
    };
    Address { key, ..Address::default() }
}

/// The error when an EHR user is linked to another user of the application. In one browser, the session of the EHR may belong to
/// another person than the session of the application. The tokens of one user are never stored as those of another user.
pub fn other_user_error() -> Error {
    Error::new(Code::EhrUserOfAnother).hint(
        "Another person may still be signed in to the EHR in this browser. Sign out of the EHR there, then sign in with your own EHR \
         user. If this EHR user is yours now, an administrator removes the old link: fhir-ehr links, then fhir-ehr unlink.",
    )
}

/// The application user that an EHR user is linked to, or `None` if there is no link. A link of an older version gets the details
/// that a list shows.
///
/// # Errors
/// [`Code::EhrUserOfAnother`] if what identifies the EHR user leads to two users of the application; the store's errors.
pub fn linked_user(
    records: &SealedStore<'_>,
    source: &str,
    issuer: &Issuer,
    user: &EhrUser,
) -> Result<Option<String>> {
    let mut linked: Option<String> = None;
    for key in &user.keys {
        let address = address(records, source, issuer, key);
        let Some(found) = records.get::<UserLink>(RecordKind::UserLink, &address.key)? else { continue };
        let link = found.value;
        if linked.as_ref().is_some_and(|other| *other != link.application_user) {
            return Err(other_user_error());
        }
        linked = Some(link.application_user.clone());
        if link.source.is_none() {
            let described = UserLink {
                source: Some(source.to_owned()),
                issuer: Some(issuer.clone()),
                key: Some(key.source),
                ..link
            };
            // The link is valid without them, so a store that fails here does not matter.
            let _ = records.write(RecordKind::UserLink, &address, &described, found.version);
        }
    }
    Ok(linked)
}

/// Links an EHR user to a user of the application. If the EHR user is linked to this user already, nothing changes: only an
/// administrator changes a link. Nothing is stored for an EHR user that nothing identifies.
///
/// # Errors
/// [`Code::EhrUserOfAnother`]; the store's errors.
pub fn link(
    context: &Context<'_>,
    source: &str,
    issuer: &Issuer,
    user: &EhrUser,
    application_user: &str,
) -> Result<()> {
    let records = &context.records;
    let Some(key) = user.keys.first() else { return Ok(()) };
    for _ in 0..TRIES {
        match linked_user(records, source, issuer, user)? {
            Some(linked) if linked == application_user => return Ok(()),
            Some(_) => return Err(other_user_error()),
            None => {}
        }
        let link = UserLink {
            ehr_user: key.value.clone(),
            application_user: application_user.to_owned(),
            source: Some(source.to_owned()),
            issuer: Some(issuer.clone()),
            key: Some(key.source),
            ehr_user_name: user.name.clone(),
            created_at: Some(context.clock.now()),
        };
        match records.write(RecordKind::UserLink, &address(records, source, issuer, key), &link, 0) {
            Ok(()) => {
                context.events.log(Event::UserLinked { source, key: key.source.name() });
                return Ok(());
            }
            // Another process has just stored a link for this EHR user. The next round reads it.
            Err(error) if error.code() == Code::StoreConflict => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::new(Code::StoreConflict))
}

/// All user links of the organization, by source and application user.
///
/// # Errors
/// The store's errors, [`Code::VaultKeyMissing`].
pub fn list(records: &SealedStore<'_>) -> Result<Vec<UserLinkEntry>> {
    let query = RecordQuery { organization: records.organization.to_owned(), ..RecordQuery::default() };
    let found = records.scan_readable::<UserLink>(RecordKind::UserLink, &query)?;
    let readable = found.readable.into_iter().map(|record| {
        let link = record.value;
        UserLinkEntry {
            id: record.key,
            source: link.source,
            ehr_user: Some(link.ehr_user),
            key: link.key.map(|key| key.name().to_owned()),
            ehr_user_name: link.ehr_user_name,
            application_user: Some(link.application_user),
            created_at: link.created_at,
            damaged: false,
        }
    });
    let damaged = found.damaged.into_iter().map(|record| UserLinkEntry {
        id: record.key,
        source: None,
        ehr_user: None,
        key: None,
        ehr_user_name: None,
        application_user: None,
        created_at: None,
        damaged: true,
    });
    let mut links: Vec<UserLinkEntry> = readable.chain(damaged).collect();
    links.sort_by(|a, b| {
        (&a.source, &a.application_user, &a.id).cmp(&(&b.source, &b.application_user, &b.id))
    });
    Ok(links)
}

/// Removes a link. The next launch of its EHR user asks for the application's login. Grants are kept.
///
/// # Errors
/// [`Code::UserLinkNotFound`]; [`Code::StoreConflict`] when other processes keep changing it; the store's errors.
pub fn unlink(context: &Context<'_>, id: &str) -> Result<()> {
    let records = &context.records;
    for _ in 0..TRIES {
        let stored = records.store.get(RecordKind::UserLink, id)?;
        let stored = stored.filter(|record| record.index.organization == records.organization);
        let stored = stored.ok_or_else(|| {
            Error::new(Code::UserLinkNotFound)
                .hint("List the links with: fhir-ehr links. It may be removed already.")
        })?;
        let source = records.decrypt::<UserLink>(&stored).ok().and_then(|link| link.value.source);
        if records.delete(RecordKind::UserLink, id, stored.version)? {
            context.events.log(Event::UserUnlinked { source: source.as_deref().unwrap_or_default() });
            return Ok(());
        }
    }
    Err(Error::new(Code::StoreConflict))
}

/// Removes all links to a user of the application. Returns their number. Links that cannot be decrypted stay: they sign no one in.
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
