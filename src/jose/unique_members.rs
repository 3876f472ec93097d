//! Reads a JSON object in which no member occurs twice. Of two members with the same name, programs use different ones, so a token
//! with such an object could mean one thing to the server and another one here (RFC 7515 section 4, RFC 7519 section 4).

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value};

/// The members of the object.
struct UniqueMembers(Map<String, Value>);

impl<'de> Deserialize<'de> for UniqueMembers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = UniqueMembers;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
                let mut members = Map::new();
                while let Some((name, value)) = access.next_entry::<String, Value>()? {
                    if members.insert(name, value).is_some() {
                        return Err(A::Error::custom("a member occurs twice"));
                    }
                }
                Ok(UniqueMembers(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// The members of an object; `None` if the text is not one, is nested deeper than serde_json allows (128 levels), or if a member
/// of the object itself occurs twice.
pub fn unique_members(json: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice::<UniqueMembers>(json).ok().map(|members| members.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_with_a_member_twice_is_refused() {
        assert_eq!(unique_members(br#"{"a": 1, "b": [2]}"#).map(|members| members.len()), Some(2));
        let deep = format!(r#"{{"a": {}{}}}"#, "[".repeat(200), "]".repeat(200));
        for text in
            [r#"{"a": 1, "a": 1}"#, r#"{"a": 1, "\u0061": 2}"#, "[]", "7", "", r#"{"a": 1} x"#, deep.as_str()]
        {
            assert!(unique_members(text.as_bytes()).is_none(), "{}", &text[..text.len().min(40)]);
        }
    }
}
