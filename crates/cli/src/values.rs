//! What options take: words, dates, keys and addresses, read strictly.

use clap::ValueEnum;
use fhir_ehr::{Anchor, Environment, OffsetDirection, RecordDate, TextMode};
use url::{Host, Url};

/// How rows are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Columns for people; long values are cut.
    Table,
    /// One JSON object, nothing cut.
    Json,
    /// Comma-separated values with a header, nothing cut.
    Csv,
}

/// [`OffsetDirection`] on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum OffsetDirectionArg {
    /// Before and after.
    #[value(name = "+-")]
    Both,
    /// From the date on.
    #[value(name = "+")]
    After,
    /// Up to the date.
    #[value(name = "-")]
    Before,
}

impl From<OffsetDirectionArg> for OffsetDirection {
    fn from(direction: OffsetDirectionArg) -> Self {
        match direction {
            OffsetDirectionArg::Both => OffsetDirection::Both,
            OffsetDirectionArg::After => OffsetDirection::After,
            OffsetDirectionArg::Before => OffsetDirection::Before,
        }
    }
}

/// [`TextMode`] on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum TextArg {
    /// As sent.
    Exact,
    /// As the founding PHP application stored it.
    Php14,
}

impl From<TextArg> for TextMode {
    fn from(text: TextArg) -> Self {
        match text {
            TextArg::Exact => TextMode::Exact,
            TextArg::Php14 => TextMode::Php14,
        }
    }
}

/// [`Environment`] on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum EnvironmentArg {
    /// A vendor's public sandbox or a simulator.
    Sandbox,
    /// A hospital's test system.
    Test,
    /// Real patients.
    Production,
}

impl From<EnvironmentArg> for Environment {
    fn from(environment: EnvironmentArg) -> Self {
        match environment {
            EnvironmentArg::Sandbox => Environment::Sandbox,
            EnvironmentArg::Test => Environment::Test,
            EnvironmentArg::Production => Environment::Production,
        }
    }
}

/// `FIELD=DATE`
pub(crate) fn record_date(text: &str) -> Result<RecordDate, String> {
    let date = text.split_once('=').and_then(|(field, date)| {
        let anchor = Anchor::parse(date)?;
        (!field.is_empty()).then(|| RecordDate { field: field.to_owned(), event: None, anchor })
    });
    date.ok_or_else(|| "write FIELD=YYYY-MM-DD or FIELD=YYYY-MM-DDTHH:MM".to_owned())
}

/// A key or its beginning.
pub(crate) fn key(text: &str) -> Result<String, String> {
    if text.split('~').next().is_none_or(|start| start.chars().count() < 8) {
        return Err("at least 8 characters of the key are wanted".to_owned());
    }
    Ok(text.to_owned())
}

/// Whether an address leads to this computer over plain http, as RFC 8252 section 7.3 wants it.
pub(crate) fn is_loopback(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return false };
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    loopback && bare && url.scheme() == "http"
}

/// `--redirect-uri`
pub(crate) fn loopback_uri(text: &str) -> Result<String, String> {
    if is_loopback(text) {
        return Ok(text.to_owned());
    }
    Err("an http address of this computer is wanted, such as http://127.0.0.1/callback".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_addresses_are_listened_on() {
        for good in ["http://127.0.0.1/callback", "http://[::1]:8080/", "http://localhost:1/x?y=z"] {
            assert!(is_loopback(good), "{good}");
        }
        for bad in [
            "https://127.0.0.1/",
            "http://127.0.0.1.example/",
            "http://10.0.0.1/",
            "http://u@127.0.0.1/",
            "x",
        ] {
            assert!(!is_loopback(bad), "{bad}");
        }
    }
}
