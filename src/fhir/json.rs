//! A JSON tree in which a number is the text the server sent: a decimal keeps its digits.
//!
//! serde_json's own tree turns 1.10 into 1.1, and its `arbitrary_precision` would change every other
//! crate of the workspace, so each level is read as raw values and taken apart.

use serde_json::value::RawValue;
use std::{borrow::Cow, collections::BTreeMap};

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`, and whatever is not there.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it was written.
    Number(String),
    /// A string.
    Text(String),
    /// An array.
    Array(Vec<Json>),
    /// An object.
    Object(BTreeMap<String, Json>),
}

/// FHIR resources are not nested deeper than this; what is may be an attack on the stack.
const DEPTH: usize = 64;

static NULL: Json = Json::Null;

impl Json {
    /// Reads JSON text; `None` when it is not JSON or nested too deeply.
    pub fn parse(text: &str) -> Option<Json> {
        Self::from_raw(serde_json::from_str::<&RawValue>(text).ok()?.get(), DEPTH)
    }

    fn from_raw(raw: &str, depth: usize) -> Option<Json> {
        let depth = depth.checked_sub(1)?;
        match raw.bytes().next()? {
            b'{' => {
                let members: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(raw).ok()?;
                let read = |(name, value): (Cow<'_, str>, &RawValue)| {
                    Some((name.into_owned(), Self::from_raw(value.get(), depth)?))
                };
                members.into_iter().map(read).collect::<Option<_>>().map(Json::Object)
            }
            b'[' => {
                let items: Vec<&RawValue> = serde_json::from_str(raw).ok()?;
                items
                    .iter()
                    .map(|item| Self::from_raw(item.get(), depth))
                    .collect::<Option<_>>()
                    .map(Json::Array)
            }
            b'"' => serde_json::from_str(raw).ok().map(Json::Text),
            b't' => Some(Json::Bool(true)),
            b'f' => Some(Json::Bool(false)),
            b'n' => Some(Json::Null),
            _ => Some(Json::Number(raw.to_owned())),
        }
    }

    /// A member of an object; `Null` when there is none.
    pub fn get(&self, name: &str) -> &Json {
        match self {
            Json::Object(members) => members.get(name).unwrap_or(&NULL),
            _ => &NULL,
        }
    }

    /// A member of a member, and so on.
    pub fn at(&self, path: &[&str]) -> &Json {
        path.iter().fold(self, |json, name| json.get(name))
    }

    /// The items of an array; one value counts as an array of one, nothing as an empty one. DSTU2 and
    /// R4 differ in which elements repeat (reference B.3).
    pub fn items(&self) -> &[Json] {
        match self {
            Json::Array(items) => items,
            Json::Null => &[],
            one => std::slice::from_ref(one),
        }
    }

    /// A member, taken out of its object.
    pub fn take(&mut self, name: &str) -> Json {
        match self {
            Json::Object(members) => members.remove(name).unwrap_or(Json::Null),
            _ => Json::Null,
        }
    }

    /// As [`Json::items`], owned.
    pub fn into_items(self) -> Vec<Json> {
        match self {
            Json::Array(items) => items,
            Json::Null => Vec::new(),
            one => vec![one],
        }
    }

    /// The first item.
    pub fn first(&self) -> &Json {
        self.items().first().unwrap_or(&NULL)
    }

    /// The text of a string that is not empty.
    pub fn text(&self) -> Option<&str> {
        match self {
            Json::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// The digits of a number; a server may also send it as a string.
    pub fn digits(&self) -> Option<&str> {
        match self {
            Json::Number(text) => Some(text),
            Json::Text(text) if crate::fields::number::is_number(text) => Some(text),
            _ => None,
        }
    }

    /// A truth value; a server may also send it as a string.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Json::Bool(value) => Some(*value),
            Json::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Whether nothing is there.
    pub fn is_null(&self) -> bool {
        matches!(self, Json::Null)
    }

    /// The members of an object whose name begins so (`value[x]`), as `(rest of the name, value)`.
    pub fn choice<'a>(&'a self, prefix: &'a str) -> Option<(&'a str, &'a Json)> {
        let Json::Object(members) = self else { return None };
        members.range(prefix.to_owned()..).find_map(|(name, value)| {
            let rest = name.strip_prefix(prefix)?;
            rest.starts_with(|c: char| c.is_ascii_uppercase()).then_some((rest, value))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_keep_their_text() {
        let json =
            Json::parse(r#"{"a": [1.10, 1E2, -0.0, 12345678901234567890, 96.90476228975749]}"#).unwrap();
        let digits: Vec<_> = json.get("a").items().iter().map(|item| item.digits().unwrap()).collect();
        assert_eq!(digits, ["1.10", "1E2", "-0.0", "12345678901234567890", "96.90476228975749"]);
    }

    #[test]
    fn a_tower_of_brackets_is_refused() {
        assert!(Json::parse(&"[".repeat(1_000_000)).is_none());
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert!(Json::parse(&deep).is_none());
    }

    #[test]
    fn a_choice_is_found_by_its_type() {
        let json = Json::parse(r#"{"value": 0, "valueSet": 1, "valueString": "x"}"#).unwrap();
        assert_eq!(json.choice("value").unwrap().0, "Set");
        assert!(json.choice("effective").is_none());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}") {
            let _ = Json::parse(&text);
        }

        #[test]
        fn strings_come_back(text in ".{0,50}") {
            let json = Json::parse(&serde_json::to_string(&text).unwrap()).unwrap();
            prop_assert_eq!(json, Json::Text(text));
        }
    }
}
