//! The list of the switches, from `rule_switches.tsv`.

use std::sync::LazyLock;

use super::change::Change;

/// A switch, for `--break help` and for the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleSwitch {
    /// The number of the requirement in SMART App Launch 2.2.0.
    pub number: u16,
    /// What the simulator does while the switch is on.
    pub effect: &'static str,
}

/// Which message a switch changes, and which part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The parameters of an authorization request.
    Authorize,
    /// The parameters of a token request with this grant type; with any if it is empty.
    Token(&'static str),
    /// The header of the client assertion in a token request.
    AssertionHeader,
    /// The claims of the client assertion in a token request.
    AssertionClaims,
    /// The parameters of an introspection request.
    Introspect,
    /// The members of a registration request.
    Register,
    /// The headers of a request, with `:method`, `:query` and `:body`. The text is the kind of request; any if it is empty.
    Http(&'static str),
    /// The parameters of the callback.
    Callback,
    /// The members of a token answer.
    TokenAnswer,
    /// The claims of an id_token, before it is signed.
    IdToken,
    /// The members of the SMART configuration.
    SmartConfiguration,
    /// Each key of the JWK set of a client that the simulator fetched.
    ClientKey,
    /// The reply with the JWK set of a client: `:status` and `:body`.
    ClientKeys,
}

impl Place {
    fn parse(text: &'static str) -> Option<Self> {
        Some(match text {
            "authorize" => Self::Authorize,
            "token" => Self::Token(""),
            "code" => Self::Token("authorization_code"),
            "refresh" => Self::Token("refresh_token"),
            "credentials" => Self::Token("client_credentials"),
            "assertion-header" => Self::AssertionHeader,
            "assertion" => Self::AssertionClaims,
            "introspect" => Self::Introspect,
            "register" => Self::Register,
            "callback" => Self::Callback,
            "token-answer" => Self::TokenAnswer,
            "id-token" => Self::IdToken,
            "smart-configuration" => Self::SmartConfiguration,
            "client-key" => Self::ClientKey,
            "client-keys" => Self::ClientKeys,
            _ => Self::Http(match text.strip_prefix("http-")? {
                "any" => "",
                "code" => "authorization_code",
                "refresh" => "refresh_token",
                "credentials" => "client_credentials",
                kind @ ("authorize" | "token" | "introspect" | "discovery" | "fhir") => kind,
                _ => return None,
            }),
        })
    }
}

/// One line of the list. A switch can have several lines.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) number: u16,
    pub(super) place: Place,
    pub(super) name: String,
    pub(super) change: Change,
    effect: &'static str,
}

fn read(line: &'static str) -> Option<Line> {
    let mut cells = line.split('\t');
    let (number, place, change, effect) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    let (name, change) = Change::parse(change)?;
    Some(Line { number: number.parse().ok()?, place: Place::parse(place)?, name, change, effect })
}

fn texts() -> impl Iterator<Item = &'static str> {
    let text = include_str!("../rule_switches.tsv");
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// All lines. The test below checks that each line of the file can be read.
pub(super) static LINES: LazyLock<Vec<Line>> = LazyLock::new(|| texts().filter_map(read).collect());

/// All switches, by number.
#[must_use]
pub fn rule_switches() -> Vec<RuleSwitch> {
    let mut switches: Vec<RuleSwitch> = LINES
        .iter()
        .filter(|line| !line.effect.is_empty())
        .map(|line| RuleSwitch { number: line.number, effect: line.effect })
        .collect();
    switches.sort_by_key(|switch| switch.number);
    switches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_can_be_read_and_each_switch_has_one_effect() {
        for text in texts() {
            assert!(read(text).is_some(), "{text}");
        }
        let switches = rule_switches();
        let mut numbers: Vec<u16> = switches.iter().map(|switch| switch.number).collect();
        numbers.dedup();
        assert_eq!(
            numbers.len(),
            switches.len(),
            "one line of a switch has the effect, the others an empty cell"
        );
        assert!(LINES.iter().all(|line| numbers.contains(&line.number)));
    }
}
