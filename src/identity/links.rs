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
        RecordKind, RecordQuery, RecordWrite, WriteOutcome,
        sealed_store::{Address, DecryptedRecord, SealedStore, TRIES},
    },
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A stored link of one key of an EHR user. The links of the user's other keys name the first one, and form one entry with it. What a list shows is in the sealed record, because its key is a keyed hash. Older records have only the first two.
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
    /// The issuer and the `sub` of the EHR user, if an id_token proved them. A name may be given to another person later.
    #[serde(default)]
    sub: Option<String>,
    /// The record of the EHR user's first key; `None` in that record itself.
    #[serde(default)]
    first: Option<String>,
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
    /// Where `ehr_user` comes from: `token_response`, `fhir_user`, `sub` or `practitioner_identifier`.
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

/// The addresses of an EHR user's keys, each once.
fn addresses<'u>(
    records: &SealedStore<'_>,
    source: &str,
    issuer: &Issuer,
    user: &'u EhrUser,
) -> Vec<(&'u EhrUserKey, Address)> {
    let mut seen = BTreeSet::new();
    let with_address = user.keys.iter().map(|key| (key, address(records, source, issuer, key)));
    with_address.filter(|(_, address)| seen.insert(address.key.clone())).collect()
}

/// The application user that an EHR user is linked to, or `None` if there is no link. A link that does not have all details gets them,
/// and so does a key without a link if an id_token proves the user.
///
/// # Errors
/// [`Code::EhrUserOfAnother`] if what identifies the EHR user leads to two users of the application, or if the link is of an EHR user
/// with another `sub`; the store's errors.
pub fn linked_user(
    records: &SealedStore<'_>,
    source: &str,
    issuer: &Issuer,
    user: &EhrUser,
) -> Result<Option<String>> {
    let mut found: Vec<(&EhrUserKey, Address, DecryptedRecord<UserLink>)> = Vec::new();
    let mut without_link = Vec::new();
    for (key, address) in addresses(records, source, issuer, user) {
        match records.get::<UserLink>(RecordKind::UserLink, &address.key)? {
            Some(link) => found.push((key, address, link)),
            None => without_link.push((key, address)),
        }
    }
    let Some((_, _, first)) = found.first() else { return Ok(None) };
    let linked = first.value.application_user.clone();
    // The EHR may give the name of one person to another one later, and two accounts may share one FHIR resource.
    let is_another = |link: &UserLink| {
        link.application_user != linked || (user.sub.is_some() && link.sub.is_some() && link.sub != user.sub)
    };
    if found.iter().any(|(_, _, link)| is_another(&link.value)) {
        return Err(other_user_error());
    }
    // The link is valid without them, so a store that fails here does not matter.
    let _ = complete(records, source, issuer, user, &found, &without_link);
    Ok(Some(linked))
}

/// Writes what the links of an EHR user do not have yet.
fn complete(
    records: &SealedStore<'_>,
    source: &str,
    issuer: &Issuer,
    user: &EhrUser,
    found: &[(&EhrUserKey, Address, DecryptedRecord<UserLink>)],
    without_link: &[(&EhrUserKey, Address)],
) -> Result<()> {
    let described = |key: &EhrUserKey, link: &UserLink| UserLink {
        source: Some(source.to_owned()),
        issuer: Some(issuer.clone()),
        key: Some(key.source),
        sub: link.sub.clone().or_else(|| user.sub.clone()),
        ..link.clone()
    };
    // Without a sub, nothing proves that the other keys are of the same person.
    let without_link = if user.sub.is_some() { without_link } else { &[] };
    let mut batch = Vec::new();
    for (number, (key, address, link)) in found.iter().enumerate() {
        let has_sub = link.value.sub.is_some() || user.sub.is_none();
        // The write of the first link makes the batch fail if the link was removed at the same moment.
        if link.value.source.is_none() || !has_sub || (number == 0 && !without_link.is_empty()) {
            let value = described(key, &link.value);
            batch.push(records.put(RecordKind::UserLink, address, &value, link.version)?);
        }
    }
    for (key, address) in without_link {
        let Some((_, _, link)) = found.first() else { break };
        let first = link.value.first.clone().unwrap_or_else(|| link.key.clone());
        let value =
            UserLink { ehr_user: key.value.clone(), first: Some(first), ..described(key, &link.value) };
        batch.push(records.put(RecordKind::UserLink, address, &value, 0)?);
    }
    match batch.is_empty() {
        true => Ok(()),
        false => records.write_batch(&batch, Code::StoreConflict),
    }
}

/// Links an EHR user to a user of the application, with all that identifies the EHR user: an answer of the EHR may not have all of it.
/// If the EHR user is linked to this user already, nothing changes: only an administrator changes a link. Nothing is stored for an EHR
/// user that nothing identifies.
///
/// # Errors
/// [`Code::EhrUserOfAnother`]; [`Code::StoreConflict`] when other processes keep writing links of the EHR user; the store's errors.
pub fn link(
    context: &Context<'_>,
    source: &str,
    issuer: &Issuer,
    user: &EhrUser,
    application_user: &str,
) -> Result<()> {
    let records = &context.records;
    let addresses = addresses(records, source, issuer, user);
    let Some((first_key, first_address)) = addresses.first() else { return Ok(()) };
    for _ in 0..TRIES {
        match linked_user(records, source, issuer, user)? {
            Some(linked) if linked == application_user => return Ok(()),
            Some(_) => return Err(other_user_error()),
            None => {}
        }
        let mut batch = Vec::new();
        for (number, (key, address)) in addresses.iter().enumerate() {
            let link = UserLink {
                ehr_user: key.value.clone(),
                application_user: application_user.to_owned(),
                source: Some(source.to_owned()),
                issuer: Some(issuer.clone()),
                key: Some(key.source),
                ehr_user_name: user.name.clone(),
                created_at: Some(context.clock.now()),
                sub: user.sub.clone(),
                first: (number > 0).then(|| first_address.key.clone()),
            };
            batch.push(records.put(RecordKind::UserLink, address, &link, 0)?);
        }
        match records.write_batch(&batch, Code::StoreConflict) {
            Ok(()) => {
                context.events.log(Event::UserLinked { source, key: first_key.source.name() });
                return Ok(());
            }
            // Another process has just stored a link for this EHR user. The next round reads it.
            Err(error) if error.code() == Code::StoreConflict => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::new(Code::StoreConflict))
}

/// All user links of the organization, by source and application user. The links of one EHR user that were stored together are one
/// entry.
///
/// # Errors
/// The store's errors, [`Code::VaultKeyMissing`].
pub fn list(records: &SealedStore<'_>) -> Result<Vec<UserLinkEntry>> {
    let query = RecordQuery { organization: records.organization.to_owned(), ..RecordQuery::default() };
    let found = records.scan_readable::<UserLink>(RecordKind::UserLink, &query)?;
    // An older version of the library removes the record of the first key only. Then one of the others is the entry.
    let mut shown: BTreeSet<String> = found.damaged.iter().map(|record| record.key.clone()).collect();
    let firsts = found.readable.iter().filter(|record| record.value.first.is_none());
    shown.extend(firsts.map(|record| record.key.clone()));
    let is_entry = |record: &DecryptedRecord<UserLink>| {
        record.value.first.as_ref().is_none_or(|first| shown.insert(first.clone()))
    };
    let readable = found.readable.into_iter().filter(is_entry).map(|record| {
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

/// Removes a link, with those of the EHR user's other keys. The next launch of its EHR user asks for the application's login. Grants
/// are kept.
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
        let link = records.decrypt::<UserLink>(&stored).ok().map(|link| link.value);
        let first = link.as_ref().and_then(|link| link.first.as_deref()).unwrap_or(id);
        let is_of_entry = |other: &DecryptedRecord<UserLink>| {
            other.key != id && (other.key == first || other.value.first.as_deref() == Some(first))
        };
        let others = readable(records)?.into_iter().filter(is_of_entry);
        let all = std::iter::once((id.to_owned(), stored.version))
            .chain(others.map(|other| (other.key, other.version)));
        let batch: Vec<RecordWrite> = all
            .map(|(key, expected)| RecordWrite::Delete { kind: RecordKind::UserLink, key, expected })
            .collect();
        if records.store.write(&batch)? == WriteOutcome::Done {
            let source = link.as_ref().and_then(|link| link.source.as_deref());
            context.events.log(Event::UserUnlinked { source: source.unwrap_or_default() });
            return Ok(());
        }
    }
    Err(Error::new(Code::StoreConflict))
}

/// The links that can be decrypted.
fn readable(records: &SealedStore<'_>) -> Result<Vec<DecryptedRecord<UserLink>>> {
    let query = RecordQuery { organization: records.organization.to_owned(), ..RecordQuery::default() };
    let mut links = Vec::new();
    records.visit(RecordKind::UserLink, &query, |record| links.extend(records.decrypt(&record)))?;
    Ok(links)
}

/// Removes all links to a user of the application. Returns their number. Links that cannot be decrypted stay: they sign no one in.
///
/// # Errors
/// [`Code::StoreConflict`] when other processes keep changing a link that leads to the user; the store's errors.
pub fn unlink_user(records: &SealedStore<'_>, application_user: &str) -> Result<usize> {
    let mut removed = 0;
    for _ in 0..TRIES {
        let mut has_conflict = false;
        let links = readable(records)?;
        for link in links.into_iter().filter(|link| link.value.application_user == application_user) {
            if records.delete(RecordKind::UserLink, &link.key, link.version)? {
                removed += usize::from(link.value.first.is_none());
            } else {
                // A sign-in has just changed or removed it. The next round sees what became of it.
                has_conflict = true;
            }
        }
        if !has_conflict {
            return Ok(removed);
        }
    }
    Err(Error::new(Code::StoreConflict))
}
