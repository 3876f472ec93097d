//! Texts for errors in documents that people write: the place, the problem, and the name that the author probably meant.

use serde_json::error::Category;

/// Describes the problem in a JSON document, with its path, line and column. The text contains no values, because they may be
/// secrets or patient data.
pub fn describe_json_error(text: &str, cause: &serde_json::Error) -> String {
    let place = format!("line {}, column {}", cause.line(), cause.column());
    if cause.classify() != Category::Data {
        let what = if cause.classify() == Category::Eof { "it ends too early" } else { "it is not JSON" };
        return format!("{what}, {place}");
    }
    let path = path_at(text, cause.line(), cause.column());
    let what = describe_data_error(cause);
    if path.is_empty() { format!("{what}, {place}") } else { format!("{path}: {what}, {place}") }
}

/// Describes the problem without line and column, for a value that is no longer text.
pub fn describe_data_error(cause: &serde_json::Error) -> String {
    let said = cause.to_string();
    let mut quoted = said.split('`').skip(1).step_by(2);
    let name = quoted.next().unwrap_or_default();
    if said.starts_with("unknown field") {
        let known: Vec<&str> = quoted.collect();
        format!("unknown field `{}`{}", escaped(name), suggestion(name, known.iter().copied()))
    } else if said.starts_with("missing field") {
        format!("the field `{}` is missing", escaped(name))
    } else if said.starts_with("duplicate field") {
        format!("the field `{}` occurs twice", escaped(name))
    } else if said.starts_with("unknown variant") {
        let known: Vec<&str> = quoted.collect();
        format!("the value must be one of {}", known.join(", "))
    } else {
        "a value has the wrong type".to_owned()
    }
}

fn escaped(name: &str) -> String {
    crate::error::escape_for_display(name)
}

/// `; did you mean ...?` if a known name is similar, otherwise an empty text.
pub fn suggestion<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, known).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// The known name that is most similar to a misspelled one.
fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let max_distance = (word.chars().count() / 4).clamp(1, 3);
    let near = known.into_iter().map(|name| (distance(&lower, &name.to_lowercase()), name));
    near.filter(|(steps, _)| *steps <= max_distance).min_by_key(|(steps, _)| *steps).map(|(_, name)| name)
}

/// The number of letters to insert, delete, change, or swap with the next letter.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) =
        (one.chars().take(64).collect(), other.chars().take(64).collect());
    let mut rows = vec![(0..=other.len()).collect::<Vec<usize>>()];
    for i in 1..=one.len() {
        let mut row = vec![i];
        for j in 1..=other.len() {
            let differs = usize::from(one[i - 1] != other[j - 1]);
            let mut least = (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + differs);
            if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}

/// A list or an object that contains the place of an error.
enum Container {
    /// A list, and the number of its current item, from 0.
    List(usize),
    /// An object, and the name of its current member.
    Object(String),
}

/// The path of a place in a JSON document, such as `sources[0].iss`. The document must be JSON up to that place.
fn path_at(text: &str, line: usize, column: usize) -> String {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let end = (start + column).min(text.len());
    let bytes = &text.as_bytes()[..end];
    let (mut levels, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        match bytes[at] {
            b'{' => levels.push(Container::Object(String::new())),
            b'[' => levels.push(Container::List(0)),
            // If the place is this bracket, the error is about the container that it closes.
            b'}' | b']' if at + 1 < bytes.len() => drop(levels.pop()),
            b',' => {
                if let Some(Container::List(number)) = levels.last_mut() {
                    *number += 1;
                }
            }
            b'"' => {
                let begin = at + 1;
                at = end_of_text(bytes, begin);
                let is_name =
                    text.get(at..).unwrap_or_default().trim_start_matches('"').trim_start().starts_with(':');
                if let (Some(Container::Object(name)), true) = (levels.last_mut(), is_name) {
                    *name = String::from_utf8_lossy(&bytes[begin..at.min(bytes.len())]).into_owned();
                }
            }
            _ => {}
        }
        at += 1;
    }
    let closes = matches!(bytes.last(), Some(b'}'));
    path_text(&levels, closes)
}

fn end_of_text(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at
}

/// The path as text. With `whole`, it ends with the innermost object, not with the object's last member.
fn path_text(levels: &[Container], whole: bool) -> String {
    let mut path = String::new();
    for (depth, level) in levels.iter().enumerate() {
        match level {
            Container::List(number) => path.push_str(&format!("[{number}]")),
            Container::Object(name) if name.is_empty() || (whole && depth + 1 == levels.len()) => {}
            Container::Object(name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(&escaped(name));
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only the errors are tested")]
    struct Inner {
        number: u32,
        #[serde(default)]
        kind: Option<Kind>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        One,
        Two,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only the errors are tested")]
    struct Outer {
        sources: Vec<Inner>,
    }

    #[test]
    fn an_error_has_the_path_and_the_problem_but_no_value() {
        for (text, words) in [
            (
                "{\"sourcse\": []}",
                "sourcse: unknown field `sourcse`; did you mean `sources`?, line 1, column 10",
            ),
            (
                "{\"sources\": [{\"number\": 1},\n {\"number\": \"s3cret\"}]}",
                "sources[1].number: a value has the wrong type, line 2, column 20",
            ),
            ("{\"sources\": [{}]}", "sources[0]: the field `number` is missing, line 1, column 15"),
            (
                "{\"sources\": [{\"number\": 1, \"kind\": \"three\"}]}",
                "sources[0].kind: the value must be one of one, two, line 1, column 42",
            ),
            (
                "{\"sources\": [{\"number\": 1, \"number\": 2}]}",
                "sources[0].number: the field `number` occurs twice, line 1, column 35",
            ),
            ("{\"sources\": [", "it ends too early, line 1, column 13"),
            ("{x", "it is not JSON, line 1, column 2"),
        ] {
            let cause = serde_json::from_str::<Outer>(text).unwrap_err();
            assert_eq!(describe_json_error(text, &cause), words, "{text}");
        }
    }

    #[test]
    fn only_a_similar_name_is_suggested() {
        let known = ["Observation", "Condition", "Patient", "MedicationRequest"];
        for (word, name) in [
            ("Observations", Some("Observation")),
            ("observation", Some("Observation")),
            ("Obsrevation", Some("Observation")),
            ("Pateint", Some("Patient")),
            ("MedicationRequests", Some("MedicationRequest")),
            ("Xyz", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), name, "{word}");
        }
    }

    proptest! {
        #[test]
        fn no_document_causes_a_panic(text in "[é\\[\\]{}\",:a-c\\\\1 \n]{0,60}", line in 0usize..5, column in 0usize..70) {
            let _ = path_at(&text, line, column);
            if let Err(cause) = serde_json::from_str::<Outer>(&text) {
                let _ = describe_json_error(&text, &cause);
            }
        }
    }
}
