//! The queries of granular scopes (#132): which of them covers another one, or a search.

use percent_encoding::percent_decode_str;
use std::fmt;

/// The query of a granular scope. A resource must match every parameter, with one of its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    text: String,
    params: Vec<Param>,
    is_valid: bool,
}

/// A search parameter, with the values of which one must match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Param {
    name: String,
    values: Vec<String>,
}

/// How much of something is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// All of it.
    Full,
    /// A part of it.
    Partly,
    /// Nothing of it.
    None,
}

/// The most combinations of values into which a query is split. With more, it is compared as a whole.
const MOST_COMBINATIONS: usize = 1000;

impl Param {
    pub(super) fn new(name: &str, value: &str) -> Self {
        Param { name: name.to_owned(), values: value.split(',').map(str::to_owned).collect() }
    }

    fn overlaps(&self, other: &Param) -> bool {
        let values = |other: &Param, value: &String| {
            other.values.iter().any(|one| has_code(one, value) || has_code(value, one))
        };
        self.values.iter().any(|value| values(other, value))
    }
}

/// Whether a token of a search matches a value. A token without a system matches the code of every system.
fn has_code(token: &str, value: &str) -> bool {
    token == value
        || (!token.contains('|')
            && !token.is_empty()
            && value.rsplit_once('|').is_some_and(|(_, code)| code == token))
}

impl Query {
    /// Reads the text after the question mark.
    pub(super) fn parse(text: &str) -> Self {
        let pairs: Vec<(&str, &str)> =
            text.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        Query {
            text: text.to_owned(),
            is_valid: pairs.iter().all(|(name, value)| !name.is_empty() && !value.is_empty()),
            params: pairs.iter().map(|(name, value)| Param::new(&decode(name), &decode(value))).collect(),
        }
    }

    /// Whether it has only pairs of a name and a value, as SMART requires (#132).
    pub fn is_valid(&self) -> bool {
        self.is_valid
    }

    pub(super) fn params(&self) -> &[Param] {
        &self.params
    }

    /// Whether it selects every resource that has all these values.
    fn covers(&self, asked: &[Param]) -> bool {
        self.is_valid
            && self.params.iter().all(|own| {
                let same_name = asked.iter().filter(|one| one.name == own.name);
                same_name.into_iter().any(|one| {
                    one.values.iter().all(|value| own.values.iter().any(|token| has_code(token, value)))
                })
            })
    }

    /// Whether both have a parameter without a common value.
    fn excludes(&self, asked: &[Param]) -> bool {
        self.params.iter().any(|own| asked.iter().any(|one| one.name == own.name && !own.overlaps(one)))
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// How much of the resources that match `asked` the granted queries select together. `None` among them selects all resources.
/// Another resource may have both values of two queries that exclude each other, so this is a comparison of scopes, not of data.
pub(super) fn coverage(asked: &[Param], granted: &[Option<&Query>]) -> Coverage {
    if granted.iter().any(Option::is_none) {
        return Coverage::Full;
    }
    let granted: Vec<&Query> = granted.iter().flatten().copied().collect();
    let covered = |asked: &Vec<Param>| granted.iter().any(|own| own.covers(asked));
    if !granted.is_empty() && combinations(asked).iter().all(covered) {
        Coverage::Full
    } else if granted.iter().any(|own| !own.excludes(asked)) {
        Coverage::Partly
    } else {
        Coverage::None
    }
}

/// The queries with one value for each parameter, which together select the same resources.
fn combinations(asked: &[Param]) -> Vec<Vec<Param>> {
    let count = asked.iter().try_fold(1_usize, |count, param| count.checked_mul(param.values.len()));
    if count.is_none_or(|count| count > MOST_COMBINATIONS) {
        return vec![asked.to_vec()];
    }
    asked.iter().fold(vec![Vec::new()], |all, param| {
        let with = |begun: &Vec<Param>| {
            let begun = begun.clone();
            param.values.iter().map(move |value| {
                let one = Param { name: param.name.clone(), values: vec![value.clone()] };
                begun.iter().cloned().chain([one]).collect::<Vec<_>>()
            })
        };
        all.iter().flat_map(with).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// #132
    #[test]
    fn a_granular_query_covers_every_query_that_selects_less() {
        use Coverage::{Full, None, Partly};
        for (asked, granted, expected) in [
            ("category=laboratory", &["category=laboratory"][..], Full),
            ("category=laboratory", &["category=vital-signs"], None),
            ("category=laboratory&status=final", &["category=laboratory"], Full),
            ("category=laboratory", &["category=laboratory&status=final"], Partly),
            ("category=laboratory", &["status=final"], Partly),
            ("category=laboratory,vital-signs", &["category=laboratory"], Partly),
            ("category=laboratory", &["category=vital-signs,laboratory"], Full),
            ("category=laboratory,vital-signs", &["category=laboratory", "category=vital-signs"], Full),
            ("category=http://x|laboratory", &["category=laboratory"], Full),
            ("category=laboratory", &["category=http://x|laboratory"], Partly),
            ("category=http%3A%2F%2Fx%7Claboratory", &["category=http://x|laboratory"], Full),
            ("category=http://x|laboratory", &["category=http://y|laboratory"], None),
            ("category=laboratory", &[""], Partly),
            ("category=laboratory", &["category"], None),
            ("category=laboratory", &[], None),
        ] {
            let asked = Query::parse(asked);
            let queries: Vec<Query> = granted.iter().map(|text| Query::parse(text)).collect();
            let queries: Vec<Option<&Query>> = queries.iter().map(Some).collect();
            assert_eq!(coverage(asked.params(), &queries), expected, "{asked} {granted:?}");
        }
        assert_eq!(coverage(Query::parse("a=b").params(), &[Option::None]), Full);
    }

    #[test]
    fn a_query_with_too_many_combinations_is_compared_as_a_whole() {
        let values: Vec<String> = (0..60).map(|number| number.to_string()).collect();
        let asked = Query::parse(&format!("a={0}&b={0}&c={0}", values.join(",")));
        let granted = Query::parse("a=1");
        assert_eq!(coverage(asked.params(), &[Some(&granted)]), Coverage::Partly);
        assert_eq!(coverage(asked.params(), &[Some(&asked)]), Coverage::Full);
    }
}
