//! One study project in the store: the names and queries of its stored rows.

use crate::store::{RecordQuery, sealed_store::SealedStore};

/// One study project in the store.
#[derive(Clone, Copy)]
pub struct StudyProject<'a> {
    /// The store.
    pub store: SealedStore<'a>,
    /// The host's name for the project.
    pub project: &'a str,
    /// Days after its last change in which a pending row is deleted.
    pub staged_days: i64,
}

impl StudyProject<'_> {
    /// The keyed hash that names a record of the project in the store.
    pub(super) fn subject(&self, record: &str) -> String {
        self.store.vault.index("record", &[self.store.organization, self.project, record])
    }

    /// The query for all stored rows of the project.
    pub(super) fn query(&self) -> RecordQuery {
        RecordQuery {
            organization: self.store.organization.to_owned(),
            project: Some(self.project.to_owned()),
            subject: None,
            state: None,
        }
    }
}
