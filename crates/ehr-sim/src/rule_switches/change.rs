//! One change of a message: of its parameters, headers or members.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// The parts of a message by their names. Parameters and headers are texts; members of JSON can be any value.
pub(super) type Parts = Map<String, Value>;

/// What a switch does with one part of a message.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Change {
    /// Leaves the part out.
    Drop,
    /// Sets the part, even if the message has none.
    Set(Value),
    /// Adds a number to the part.
    Add(i64),
    /// Replaces a text within the part. With an empty text the part must exist.
    Replace(String, String),
    /// Adds a word to the part, after a space.
    Append(String),
    /// Sends the part under another name.
    Rename(String),
    /// Cuts the part to this number of characters.
    Cut(usize),
    /// Sends the part of the first such message again.
    Repeat,
    /// Changes a character of the part that is in its middle.
    Corrupt,
}

impl Change {
    /// Reads `VERB NAME [ARGUMENT [ARGUMENT]]`, and returns the name too. `~` in an argument is a space, and `-` alone is no text.
    pub(super) fn parse(text: &str) -> Option<(String, Self)> {
        let mut words = text.splitn(3, ' ');
        let (verb, name, rest) = (words.next()?, words.next()?, words.next().unwrap_or_default());
        let plain = |word: &str| if word == "-" { String::new() } else { word.replace('~', " ") };
        let change = match verb {
            "drop" => Self::Drop,
            "set" => Self::Set(serde_json::from_str(rest).unwrap_or_else(|_| Value::String(plain(rest)))),
            "add" => Self::Add(rest.parse().ok()?),
            "replace" => {
                let (from, to) = rest.split_once(' ')?;
                Self::Replace(plain(from), plain(to))
            }
            "append" => Self::Append(plain(rest)),
            "rename" => Self::Rename(plain(rest)),
            "cut" => Self::Cut(rest.parse().ok()?),
            "repeat" => Self::Repeat,
            "corrupt" => Self::Corrupt,
            _ => return None,
        };
        Some((name.to_owned(), change))
    }

    /// Changes the part `name`. `first` has the parts of earlier messages, for [`Change::Repeat`].
    pub(super) fn apply(&self, name: &str, parts: &mut Parts, first: &mut HashMap<String, Value>) {
        if let Self::Set(value) = self {
            parts.insert(name.to_owned(), value.clone());
            return;
        }
        let Some(old) = parts.get(name).cloned() else { return };
        let text = old.as_str().unwrap_or_default();
        let new = match self {
            Self::Set(_) => return,
            Self::Drop => {
                parts.remove(name);
                return;
            }
            Self::Rename(other) => {
                parts.remove(name);
                parts.insert(other.clone(), old);
                return;
            }
            Self::Add(number) => Value::from(old.as_i64().unwrap_or_default().saturating_add(*number)),
            Self::Replace(from, to) => text.replace(from, to).into(),
            Self::Append(word) => format!("{text} {word}").into(),
            Self::Cut(length) => text.chars().take(*length).collect::<String>().into(),
            Self::Repeat => first.entry(name.to_owned()).or_insert(old).clone(),
            Self::Corrupt => corrupt(text).into(),
        };
        parts.insert(name.to_owned(), new);
    }
}

/// A JWT gets another signature; the bits of its last character may have no meaning, so a character before it changes.
fn corrupt(text: &str) -> String {
    let at = text.rfind('.').map_or(text.len() / 2, |dot| dot + 1);
    let character = text[at..].chars().next().unwrap_or('A');
    let other = if character == 'A' { "B" } else { "A" };
    format!("{}{other}{}", &text[..at], &text[(at + character.len_utf8()).min(text.len())..])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn changed(text: &str, parts: Value) -> Value {
        let (name, change) = Change::parse(text).expect("a change");
        let Value::Object(mut parts) = parts else { panic!("an object") };
        change.apply(&name, &mut parts, &mut HashMap::new());
        Value::Object(parts)
    }

    #[test]
    fn each_verb_changes_one_part() {
        for (text, before, after) in [
            ("drop a", json!({"a": "1", "b": "2"}), json!({"b": "2"})),
            ("set a x", json!({}), json!({"a": "x"})),
            ("set a [\"x\"]", json!({}), json!({"a": ["x"]})),
            ("add a 3600", json!({"a": 5}), json!({"a": 3605})),
            ("replace a ~fhirUser -", json!({"a": "openid fhirUser"}), json!({"a": "openid"})),
            ("append a c", json!({"a": "b"}), json!({"a": "b c"})),
            ("append a c", json!({}), json!({})),
            ("rename a b", json!({"a": "1"}), json!({"b": "1"})),
            ("cut a 2", json!({"a": "abcd"}), json!({"a": "ab"})),
            ("corrupt a", json!({"a": "x.y.Abc"}), json!({"a": "x.y.Bbc"})),
        ] {
            assert_eq!(changed(text, before), after, "{text}");
        }
        assert!(Change::parse("mangle a").is_none());
    }

    #[test]
    fn a_repeated_part_is_that_of_the_first_message() {
        let (name, change) = Change::parse("repeat jti").expect("a change");
        let mut first = HashMap::new();
        for jti in ["one", "two"] {
            let mut parts = Parts::from_iter([("jti".to_owned(), jti.into())]);
            change.apply(&name, &mut parts, &mut first);
            assert_eq!(parts["jti"], "one");
        }
    }
}
