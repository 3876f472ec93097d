//! Scopes for FHIR resources, in the syntax of SMART v1 and v2 (#135).

use super::query::Query;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The syntax of scopes for FHIR resources. A client is registered for one of them (O11, E8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScopeVersion {
    /// SMART v1: `user/Patient.read`.
    #[default]
    V1,
    /// SMART v2: `user/Patient.rs`.
    V2,
}

impl ScopeVersion {
    /// Its name in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            ScopeVersion::V1 => "v1",
            ScopeVersion::V2 => "v2",
        }
    }

    /// The actions of a scope that reads and searches.
    pub(super) fn read_actions(self) -> &'static str {
        match self {
            ScopeVersion::V1 => "read",
            ScopeVersion::V2 => "rs",
        }
    }
}

/// Whose data a scope is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeContext {
    /// `patient/`: the patient of the launch (#137).
    Patient,
    /// `user/`: everything that the user may see (#141).
    User,
    /// `system/`: everything that the system account may see (#143).
    System,
}

impl ScopeContext {
    const ALL: [ScopeContext; 3] = [ScopeContext::Patient, ScopeContext::User, ScopeContext::System];

    /// What starts the scope, without the slash.
    pub fn name(self) -> &'static str {
        match self {
            ScopeContext::Patient => "patient",
            ScopeContext::User => "user",
            ScopeContext::System => "system",
        }
    }
}

/// The actions of a scope, as a set of the letters of SMART v2: `c`, `r`, `u`, `d`, `s`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Actions(u8);

impl Actions {
    /// The letters in the order in which SMART v2 writes them.
    const LETTERS: &'static str = "cruds";
    /// `rs`: read and search.
    pub(super) const READ: Actions = Actions(0b10010);
    /// `cud`: create, update and delete.
    pub(super) const WRITE: Actions = Actions(0b01101);
    /// All of them.
    pub(super) const ALL: Actions = Actions(0b11111);

    /// The set of some letters; `None` if one is not a letter of SMART v2. The order makes no difference.
    pub fn of_letters(letters: &str) -> Option<Self> {
        let bit = |letter: char| Self::LETTERS.find(letter).map(|at| 1_u8 << at);
        letters.chars().try_fold(Actions(0), |set, letter| Some(Actions(set.0 | bit(letter)?)))
    }

    /// Whether it has no action.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether it contains the action with this letter.
    pub fn has(self, letter: char) -> bool {
        Self::of_letters(letter.encode_utf8(&mut [0; 4])).is_some_and(|one| self.0 & one.0 == one.0)
    }

    /// Whether it contains an action that changes data: `c`, `u` or `d`.
    pub fn writes(self) -> bool {
        self.0 & Self::WRITE.0 != 0
    }

    pub(super) fn union(self, other: Actions) -> Actions {
        Actions(self.0 | other.0)
    }

    pub(super) fn letters(self) -> impl Iterator<Item = char> {
        Self::LETTERS.chars().filter(move |letter| self.has(*letter))
    }

    /// The word of SMART v1; `None` if v1 has no word for these actions.
    fn v1_word(self) -> Option<&'static str> {
        match self {
            Self::READ => Some("read"),
            Self::WRITE => Some("write"),
            Self::ALL => Some("*"),
            _ => None,
        }
    }
}

/// A scope for FHIR resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceScope {
    /// Whose data.
    pub context: ScopeContext,
    /// The resource type, or `*` for all types (#146).
    pub resource: String,
    /// The actions. Empty: the scope has actions that SMART does not know.
    pub actions: Actions,
    /// The syntax of the actions.
    pub version: ScopeVersion,
    /// The query of a granular scope, which selects some of the resources (#132).
    pub query: Option<Query>,
}

impl ResourceScope {
    /// Reads a scope for resources; `None` if the text is none. A server may write the letters of v2 in any order.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (context, rest) = text.split_once('/')?;
        let context = ScopeContext::ALL.into_iter().find(|one| one.name() == context)?;
        let (rest, query) =
            rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(Query::parse(query))));
        let (resource, actions) = rest.split_once('.')?;
        let (actions, version) = match actions {
            "read" => (Actions::READ, ScopeVersion::V1),
            "write" => (Actions::WRITE, ScopeVersion::V1),
            "*" => (Actions::ALL, ScopeVersion::V1),
            letters => (Actions::of_letters(letters).unwrap_or_default(), ScopeVersion::V2),
        };
        Some(ResourceScope { context, resource: resource.to_owned(), actions, version, query })
    }

    /// Whether it is about this resource type.
    pub fn is_about(&self, resource: &str) -> bool {
        self.resource == resource || self.resource == "*"
    }

    /// The same scope in the other syntax; `None` if that syntax cannot say it, or if the meaning of its query is not known.
    pub(super) fn in_version(&self, version: ScopeVersion) -> Option<Self> {
        let is_exact =
            version == ScopeVersion::V2 || (self.query.is_none() && self.actions.v1_word().is_some());
        let is_known = !self.actions.is_empty() && self.query.as_ref().is_none_or(Query::is_valid);
        (is_exact && is_known).then(|| ResourceScope { version, ..self.clone() })
    }
}

impl fmt::Display for ResourceScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}.", self.context.name(), self.resource)?;
        match self.actions.v1_word().filter(|_| self.version == ScopeVersion::V1) {
            Some(word) => f.write_str(word)?,
            None => self.actions.letters().try_for_each(|letter| write!(f, "{letter}"))?,
        }
        self.query.as_ref().map_or(Ok(()), |query| write!(f, "?{query}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// #120 #121 #122 #124 #125 #135 #137 #141 #143 #146
    #[test]
    fn a_resource_scope_is_read_and_printed_in_both_versions() {
        for (text, letters, version) in [
            ("patient/Observation.c", "c", ScopeVersion::V2),
            ("user/Observation.r", "r", ScopeVersion::V2),
            ("system/Observation.u", "u", ScopeVersion::V2),
            ("patient/Observation.d", "d", ScopeVersion::V2),
            ("patient/*.s", "s", ScopeVersion::V2),
            ("patient/*.cruds", "cruds", ScopeVersion::V2),
            ("user/Patient.read", "rs", ScopeVersion::V1),
            ("user/Patient.write", "cud", ScopeVersion::V1),
            ("user/*.*", "cruds", ScopeVersion::V1),
            ("user/Observation.rs?category=laboratory&status=final", "rs", ScopeVersion::V2),
        ] {
            let scope = ResourceScope::parse(text).unwrap();
            assert_eq!(scope.actions.letters().collect::<String>(), letters, "{text}");
            assert_eq!((scope.version, scope.to_string().as_str()), (version, text));
        }
        let odd = ResourceScope::parse("user/Patient.odd").unwrap();
        assert!(odd.actions.is_empty(), "an unknown action gives no access");
        for text in ["Patient.read", "group/Patient.read", "user/Patient", "user"] {
            assert_eq!(ResourceScope::parse(text), None, "{text}");
        }
    }

    #[test]
    fn only_create_update_and_delete_write() {
        for (text, writes) in [("read", false), ("rs", false), ("write", true), ("*", true), ("rus", true)] {
            let scope = ResourceScope::parse(&format!("user/Patient.{text}")).unwrap();
            assert_eq!(scope.actions.writes(), writes, "{text}");
        }
    }
}
