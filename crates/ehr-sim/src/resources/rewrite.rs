//! Changes to the text of a resource that keep all other bytes: references, and the id.

use std::collections::HashMap;

/// Replaces references to the fullUrl of another entry of the same bundle by `Type/id`. `targets` maps one to the other.
pub(super) fn resolve_references(text: &str, targets: &HashMap<String, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\"urn:") {
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        let Some(end) = found[1..].find('"') else {
            out.push_str(found);
            return out;
        };
        let urn = &found[1..=end];
        match targets.get(urn) {
            Some(target) if follows_key(&out, "\"reference\"") => {
                out.push('"');
                out.push_str(target);
                out.push('"');
            }
            _ => out.push_str(&found[..end + 2]),
        }
        rest = &found[end + 2..];
    }
    out.push_str(rest);
    out
}

/// Whether a text ends with a key (with its quotes) and a colon, with or without spaces.
fn follows_key(text: &str, key: &str) -> bool {
    text.trim_end().strip_suffix(':').is_some_and(|before| before.trim_end().ends_with(key))
}

/// Adds an id as the first member of an object.
pub(super) fn add_id(text: &str, id: &str) -> String {
    match text.find('{') {
        Some(at) => format!("{}\"id\":\"{id}\",{}", &text[..=at], &text[at + 1..]),
        None => text.to_owned(),
    }
}

/// Replaces the id of a resource: the first `"id": "..."` with this value.
pub(crate) fn change_id(text: &str, id: &str, new: &str) -> String {
    let quoted = format!("\"{id}\"");
    let mut from = 0;
    while let Some(at) = text[from..].find(&quoted).map(|at| at + from) {
        let end = at + quoted.len();
        if follows_key(&text[..at], "\"id\"") {
            return format!("{}\"{new}\"{}", &text[..at], &text[end..]);
        }
        from = end;
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_references_to_known_urls_change() {
        let targets = HashMap::from([("urn:uuid:1".to_owned(), "Patient/p1".to_owned())]);
        let text = r#"{"subject" : {"reference" :  "urn:uuid:1"},"other":"urn:uuid:1","value":1.10,
            "focus":{"reference":"urn:uuid:2"}}"#;
        let expected = r#"{"subject" : {"reference" :  "Patient/p1"},"other":"urn:uuid:1","value":1.10,
            "focus":{"reference":"urn:uuid:2"}}"#;
        assert_eq!(resolve_references(text, &targets), expected);
    }

    #[test]
    fn an_id_is_added_as_the_first_member() {
        assert_eq!(add_id(r#"{"resourceType":"X"}"#, "a"), r#"{"id":"a","resourceType":"X"}"#);
    }
}
