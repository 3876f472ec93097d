//! Values of options: words, dates, row keys and loopback URIs. They are parsed strictly.

use clap::ValueEnum;
use fhir_ehr::{
    config::Environment,
    fhir::time::{Anchor, OffsetDirection},
    fields::TextMode,
    pull::plan::RecordDate,
};
use url::{Host, Url};

/// Output format of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Aligned columns for reading; long values are cut.
    Table,
    /// One JSON object with complete values.
    Json,
    /// Comma-separated complete values with a header line.
    Csv,
}

/// [`OffsetDirection`] on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum OffsetDirectionArg {
    /// Before and after the date.
    #[value(name = "+-")]
    Both,
    /// On and after the date.
    #[value(name = "+")]
    After,
    /// On and before the date.
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
    /// Digits and times exactly as the EHR sent them.
    Exact,
    /// Numbers as PHP floats with 14 significant digits, times without seconds.
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
    /// A vendor's public sandbox, or a simulator.
    Sandbox,
    /// The hospital's test system.
    Test,
    /// The system with real patients.
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

/// Parses `FIELD=DATE` of `--date`.
pub(crate) fn record_date(text: &str) -> Result<RecordDate, String> {
    let date = text.split_once('=').and_then(|(field, date)| {
        let anchor = Anchor::parse(date)?;
        (!field.is_empty()).then(|| RecordDate { field: field.to_owned(), event: None, anchor })
    });
    date.ok_or_else(|| "write FIELD=YYYY-MM-DD or FIELD=YYYY-MM-DDTHH:MM".to_owned())
}

/// Parses a row key or its first characters.
pub(crate) fn key(text: &str) -> Result<String, String> {
    if text.split('~').next().is_none_or(|start| start.chars().count() < 8) {
        return Err("give at least 8 characters of the key".to_owned());
    }
    Ok(text.to_owned())
}

/// Whether a URI is a loopback redirect URI: plain http to this computer (RFC 8252 section 7.3).
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

/// Parses `--redirect-uri`.
pub(crate) fn loopback_uri(text: &str) -> Result<String, String> {
    if is_loopback(text) {
        return Ok(text.to_owned());
    }
    Err("use an http URI of this computer, such as http://127.0.0.1/callback".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_uris_of_this_computer_are_loopback() {
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
