//! Splits a text into scopes.

use super::{Scope, ScopeKind};

/// Splits a text into scopes. They may be separated by white space or commas. The query of a granular scope may contain
/// commas too, so there a comma separates only if a scope follows it.
pub fn split_scopes(text: &str) -> Vec<&str> {
    let mut scopes = Vec::new();
    for mut word in text.split_whitespace() {
        while let Some(at) = find_separator(word) {
            scopes.push(&word[..at]);
            word = &word[at + 1..];
        }
        scopes.push(word);
    }
    scopes.retain(|scope| !scope.is_empty());
    scopes
}

/// The position of the first comma that separates two scopes.
fn find_separator(word: &str) -> Option<usize> {
    word.match_indices(',').map(|(at, _)| at).find(|at| {
        let next = word[at + 1..].split(',').next().unwrap_or_default();
        !word[..*at].contains('?') || next.is_empty() || *Scope::parse(next).kind() != ScopeKind::Other
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_separates_scopes_but_not_the_values_of_a_granular_scope() {
        for (text, scopes) in [
            ("a b", &["a", "b"][..]),
            ("openid,launch", &["openid", "launch"]),
            ("user/Observation.rs?category=a,b", &["user/Observation.rs?category=a,b"]),
            (
                "user/Observation.rs?category=a,b,user/Patient.rs",
                &["user/Observation.rs?category=a,b", "user/Patient.rs"],
            ),
            (
                "user/Observation.rs?category=a,launch/encounter,openid",
                &["user/Observation.rs?category=a", "launch/encounter", "openid"],
            ),
            (", ,", &[]),
        ] {
            assert_eq!(split_scopes(text), scopes, "{text}");
        }
    }
}
