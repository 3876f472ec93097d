//! The values of search parameters.

use crate::date::{self, Period};

use super::params::{Kind, Param};

/// A search parameter with its value.
#[derive(Debug)]
pub(crate) struct Criterion {
    pub(crate) param: &'static Param,
    pub(crate) value: SearchValue,
}

/// The value of a parameter. A resource must match one item of its list.
#[derive(Debug)]
pub(crate) enum SearchValue {
    /// Patient ids.
    Patients(Vec<String>),
    References(Vec<String>),
    Ids(Vec<String>),
    /// The beginnings of texts, in lower case.
    Texts(Vec<String>),
    Tokens(Vec<Token>),
    Dates(Vec<DateRange>),
}

/// A code with or without a system, or an identifier.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// None if any system matches (`code`); empty if there must be none (`|code`).
    pub(crate) system: Option<String>,
    /// Empty if any code of the system matches (`system|`).
    pub(crate) code: String,
}

/// A period with the prefix that says how to compare with it.
#[derive(Debug)]
pub(crate) struct DateRange {
    pub(crate) prefix: String,
    pub(crate) period: Period,
}

impl SearchValue {
    /// Reads the text of a parameter. The error is a sentence.
    pub(crate) fn parse(param: &Param, text: &str, prefixes: &[&str]) -> Result<Self, String> {
        let mut values = split_commas(text);
        values.retain(|value| !value.is_empty() && value != "|");
        if values.is_empty() {
            return Err(format!("The search parameter {} is empty", param.name));
        }
        Ok(match param.kind {
            Kind::Patient => Self::Patients(
                values
                    .iter()
                    .map(|value| value.strip_prefix("Patient/").unwrap_or(value).to_owned())
                    .collect(),
            ),
            Kind::Reference => Self::References(values),
            Kind::Id => Self::Ids(values),
            Kind::Text => Self::Texts(values.iter().map(|value| value.to_lowercase()).collect()),
            Kind::Token | Kind::Identifier | Kind::Contact(_) => {
                Self::Tokens(values.into_iter().map(Token::parse).collect())
            }
            Kind::Date => Self::Dates(
                values
                    .iter()
                    .map(|value| DateRange::parse(param, value, prefixes))
                    .collect::<Result<_, _>>()?,
            ),
        })
    }
}

impl Token {
    fn parse(text: String) -> Self {
        match text.split_once('|') {
            Some((system, code)) => Self { system: Some(system.to_owned()), code: code.to_owned() },
            None => Self { system: None, code: text },
        }
    }
}

impl DateRange {
    fn parse(param: &Param, text: &str, prefixes: &[&str]) -> Result<Self, String> {
        let (prefix, rest) = date::split_prefix(text);
        if !prefixes.contains(&prefix) {
            return Err(format!("The prefix {prefix} of {} is not supported", param.name));
        }
        let period = date::parse(rest).ok_or_else(|| format!("The date of {} is not valid", param.name))?;
        Ok(Self { prefix: prefix.to_owned(), period })
    }
}

/// The values of a comma list. A backslash escapes the next character.
fn split_commas(text: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let character = match character {
            ',' => {
                values.push(String::new());
                continue;
            }
            '\\' => characters.next(),
            other => Some(other),
        };
        if let (Some(last), Some(character)) = (values.last_mut(), character) {
            last.push(character);
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_values_in_a_list_are_ignored() {
        let param = Param::for_test("code", Kind::Token);
        let tokens = |text: &str| match SearchValue::parse(&param, text, &["eq"]) {
            Ok(SearchValue::Tokens(tokens)) => tokens.len(),
            _ => 0,
        };
        assert_eq!((tokens("a,"), tokens(",a,,b"), tokens(","), tokens("|"), tokens("s|")), (1, 2, 0, 0, 1));
    }

    #[test]
    fn commas_can_be_escaped() {
        assert_eq!(split_commas(r"a\,b,c"), ["a,b", "c"]);
    }
}
