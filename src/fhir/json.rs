//! A JSON tree that keeps each number as the text that the server sent, so that a decimal keeps its digits.
//!
//! The tree of serde_json turns 1.10 into 1.1. Its feature `arbitrary_precision` would change every other crate of the
//! workspace. So each level is read as raw values and then split.

use serde_json::value::RawValue;
use std::{borrow::Cow, collections::BTreeMap};

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Json {
    /// `null`, and an absent value.
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

/// The most nested levels of a resource. FHIR resources have fewer; deeper nesting may be an attack on the stack.
pub const DEPTH: usize = 64;

/// The most values of one resource. Three bytes of text (`{},`) become a tree node of some hundred bytes, so a bound on bytes
/// alone does not bound memory. Real resources have fewer than 20,000 values.
pub const RESOURCE_VALUES: usize = 200_000;

/// The most bytes of one resource. Several copies of one resource may exist at a time: its text, its tree, its values.
const RESOURCE_BYTES: usize = 8 * 1024 * 1024;

/// The most values of one page of a search. Only the place of each entry in the text of the page is kept, not a tree.
pub const PAGE_VALUES: usize = 2_000_000;

/// The white space that may be around a JSON value (RFC 8259, section 2).
const JSON_BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];

/// Why a text was not read as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonError {
    /// It is not JSON.
    NotJson,
    /// It is nested too deeply.
    TooDeep,
    /// It has too many values.
    TooManyValues,
    /// It has too many bytes.
    TooLong,
}

impl JsonError {
    /// The detail of an error.
    pub fn detail(self) -> String {
        match self {
            JsonError::NotJson => "it is not JSON".to_owned(),
            JsonError::TooDeep => format!("it is nested deeper than {DEPTH} levels"),
            JsonError::TooManyValues => "it has too many JSON values".to_owned(),
            JsonError::TooLong => format!("a resource is over {RESOURCE_BYTES} bytes"),
        }
    }
}

/// Counts the values of JSON text and checks its nesting, before a tree is built from it.
///
/// # Errors
/// [`JsonError::TooDeep`], [`JsonError::TooManyValues`]. Whether it is JSON is not checked.
pub fn check_size(text: &str, most_values: usize, most_levels: usize) -> Result<usize, JsonError> {
    let (mut values, mut level, mut in_string, mut escaped) = (0, 0_usize, false, false);
    for byte in text.bytes() {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                level += 1;
                values += 1;
            }
            b'}' | b']' => level = level.saturating_sub(1),
            b',' => values += 1,
            _ => {}
        }
        if level > most_levels {
            return Err(JsonError::TooDeep);
        }
        if values > most_values {
            return Err(JsonError::TooManyValues);
        }
    }
    Ok(values)
}

/// The members of an object as text. Of two members with the same name the last counts.
pub type Members<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

static NULL: Json = Json::Null;

impl Json {
    /// Reads JSON text; `None` when [`Json::read`] refuses it.
    pub fn parse(text: &str) -> Option<Json> {
        Self::read(text).ok()
    }

    /// Reads the JSON text of one resource.
    ///
    /// # Errors
    /// It is not JSON, nested deeper than 64 levels, longer than 8 MiB, or has more than [`RESOURCE_VALUES`] values.
    pub fn read(text: &str) -> Result<Json, JsonError> {
        if text.len() > RESOURCE_BYTES {
            return Err(JsonError::TooLong);
        }
        check_size(text, RESOURCE_VALUES, DEPTH)?;
        let text = text.trim_matches(JSON_BLANKS);
        // An object or an array is checked completely while it is split; other values are checked here.
        if !text.starts_with(['{', '[']) {
            serde_json::from_str::<&RawValue>(text).map_err(|_| JsonError::NotJson)?;
        }
        Self::from_raw(text, DEPTH).ok_or(JsonError::NotJson)
    }

    /// Splits a JSON object into its members, which stay text. The whole text is checked.
    ///
    /// # Errors
    /// It is not a JSON object, is nested too deeply, or has more than [`PAGE_VALUES`] values.
    pub fn members(text: &str) -> Result<Members<'_>, JsonError> {
        // A resource of a page is three levels below it.
        check_size(text, PAGE_VALUES, DEPTH + 3)?;
        // Reading the members checks them to their ends.
        serde_json::from_str(text).map_err(|_| JsonError::NotJson)
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

    /// The member of an object; `Null` when there is none.
    pub fn get(&self, name: &str) -> &Json {
        match self {
            Json::Object(members) => members.get(name).unwrap_or(&NULL),
            _ => &NULL,
        }
    }

    /// The member at the end of a path of members.
    pub fn at(&self, path: &[&str]) -> &Json {
        path.iter().fold(self, |json, name| json.get(name))
    }

    /// The items of an array. A single value counts as an array of one item, because DSTU2 and R4 differ in which elements
    /// repeat (`HumanName.family` does in DSTU2). A missing value counts as an empty array.
    pub fn items(&self) -> &[Json] {
        match self {
            Json::Array(items) => items,
            Json::Null => &[],
            one => std::slice::from_ref(one),
        }
    }

    /// Removes a member from the object and returns it.
    pub fn take(&mut self, name: &str) -> Json {
        match self {
            Json::Object(members) => members.remove(name).unwrap_or(Json::Null),
            _ => Json::Null,
        }
    }

    /// The first item.
    pub fn first(&self) -> &Json {
        self.items().first().unwrap_or(&NULL)
    }

    /// The text of a string; `None` when it is empty.
    pub fn text(&self) -> Option<&str> {
        match self {
            Json::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// The digits of a number. Some servers send a number as a string.
    pub fn digits(&self) -> Option<&str> {
        match self {
            Json::Number(text) => Some(text),
            Json::Text(text) if super::number::is_number(text) => Some(text),
            _ => None,
        }
    }

    /// A boolean. Some servers send it as a string.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Json::Bool(value) => Some(*value),
            Json::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Whether the value is `null` or absent.
    pub fn is_null(&self) -> bool {
        matches!(self, Json::Null)
    }

    /// The choice element with this name (`value` for `value[x]`): the type in its name, and the value.
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
    fn json_that_is_nested_too_deeply_is_refused() {
        assert!(Json::parse(&"[".repeat(1_000_000)).is_none());
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert!(Json::parse(&deep).is_none());
    }

    #[test]
    fn levels_and_values_are_limited() {
        let many = |unit: &str, count: usize| format!("[{}0]", unit.repeat(count));
        for unit in ["{},", "0,", "[],", r#"{"a":0},"#, r#""",null,"#] {
            assert_eq!(Json::read(&many(unit, RESOURCE_VALUES)), Err(JsonError::TooManyValues), "{unit}");
        }
        assert!(Json::read(&many("0,", RESOURCE_VALUES / 2)).is_ok());
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(Json::read(&nested(DEPTH)).is_ok());
        assert_eq!(Json::read(&nested(DEPTH + 1)), Err(JsonError::TooDeep));
        // Brackets and commas in strings are text, also after an escaped quote.
        let text = format!(r#""\"{}\\""#, "[{,".repeat(RESOURCE_VALUES));
        assert!(Json::read(&text).is_ok());
        assert_eq!(Json::read(&" ".repeat(RESOURCE_BYTES + 1)), Err(JsonError::TooLong));
    }

    #[test]
    fn an_object_is_split_into_members_only_if_all_of_it_is_json() {
        let members = Json::members(r#"{"a": [1.10, {}], "b": {"c": 1}, "a": 2}"#).unwrap();
        assert_eq!(members["a"].get(), "2");
        assert_eq!(members["b"].get(), r#"{"c": 1}"#);
        for text in
            ["", "[]", r#"{"a": [1, 2}"#, r#"{"a": {"b": tru}}"#, r#"{"a": 1} x"#, r#"{"a": {"b": 1}"#]
        {
            assert_eq!(Json::members(text).unwrap_err(), JsonError::NotJson, "{text}");
        }
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
