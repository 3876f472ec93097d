//! The registration sheet: what a person copies into the vendor's console.

use crate::{
    config::{Environment, Vendor},
    error::Result,
    secret::ExposeSecret,
    source::{Source, allowed_url},
};
use schemars::JsonSchema;
use serde::Serialize;

const CONSOLE: &str = include_str!("console.tsv");

/// What a person copies into the vendor's console to register the application for one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RegistrationSheet {
    /// The id of the source.
    pub source: String,
    /// The vendor of the source.
    pub vendor: Vendor,
    /// The environment of the source.
    pub environment: Environment,
    /// What to copy, in the order of a form.
    pub entries: Vec<SheetEntry>,
    /// What to know about this vendor's console.
    pub notes: Vec<String>,
    /// What is unusual about the scopes, one sentence each.
    pub warnings: Vec<String>,
}

/// One entry of a registration sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SheetEntry {
    /// Its stable name: `launch_url`, `redirect_uris`, `jwks_url`, `application_type`, `scopes_launch`, `scopes_standalone` or
    /// `scopes_system`.
    pub name: &'static str,
    /// What the vendor's console calls it, if that is known.
    pub label: &'static str,
    /// The texts to copy, without any change.
    pub values: Vec<String>,
}

/// The cells of a vendor's lines for one entry.
fn cells(vendor: Vendor, entry: &str) -> impl Iterator<Item = &'static str> {
    let vendor = vendor.name();
    let lines = CONSOLE.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(move |line| match line.split('\t').collect::<Vec<_>>()[..] {
        [of, name, text] if of == vendor && name == entry => Some(text),
        _ => None,
    })
}

fn label(vendor: Vendor, name: &'static str) -> &'static str {
    let general =
        CONSOLE.lines().find_map(|line| line.strip_prefix("*\t")?.strip_prefix(name)?.strip_prefix('\t'));
    cells(vendor, name).next().or(general).unwrap_or(name)
}

/// Builds the sheet of a source. `launch_url`: where the EHR opens the application. `jwks_url`: where the application publishes its
/// public keys, if it uses `private_key_jwt`.
///
/// # Errors
/// [`crate::Code::UrlNotAllowed`].
pub(crate) fn sheet(source: &Source, launch_url: &str, jwks_url: Option<&str>) -> Result<RegistrationSheet> {
    for (name, url) in [("launch_url", Some(launch_url)), ("jwks_url", jwks_url)] {
        url.map(allowed_url).transpose().map_err(|error| error.within(name))?;
    }
    let is_public = source.registration.client_secret.expose_secret().is_empty() && jwks_url.is_none();
    let client = if is_public { "public" } else { "confidential" };
    let all = |scopes: crate::scope::ScopeSet| scopes.iter().map(str::to_owned).collect::<Vec<_>>();
    let system = source.system_registration.as_ref().map(|_| all(source.system_scopes()));
    let entries = [
        ("launch_url", vec![launch_url.to_owned()]),
        ("redirect_uris", source.redirect_uris().map(str::to_owned).collect()),
        ("jwks_url", jwks_url.map(str::to_owned).into_iter().collect()),
        ("application_type", vec![format!("provider (EHR user), {client} client")]),
        ("scopes_launch", all(source.launch_scopes())),
        ("scopes_standalone", all(source.standalone_scopes())),
        ("scopes_system", system.unwrap_or_default()),
    ];
    let entries = entries.into_iter().filter(|(_, values)| !values.is_empty());
    Ok(RegistrationSheet {
        source: source.id.clone(),
        vendor: source.vendor,
        environment: source.environment,
        entries: entries
            .map(|(name, values)| SheetEntry { name, label: label(source.vendor, name), values })
            .collect(),
        notes: notes(source),
        warnings: source.scope_warnings(),
    })
}

/// The notes of the vendor. A note of one scope syntax has its own entry.
fn notes(source: &Source) -> Vec<String> {
    let of_version = format!("note {}", source.policy.scope_version.name());
    cells(source.vendor, &of_version).chain(cells(source.vendor, "note")).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::Code, source::tests::source};

    #[test]
    fn a_sheet_has_what_the_source_sends_and_the_vendors_words() {
        let epic = source(r#", "vendor": "epic""#);
        let sheet = sheet(&epic, "https://app.example/launch.php", Some("https://app.example/jwks")).unwrap();
        let entry = |name: &str| sheet.entries.iter().find(|entry| entry.name == name);
        assert_eq!(entry("launch_url").unwrap().values, ["https://app.example/launch.php"]);
        assert!(entry("redirect_uris").unwrap().values.iter().map(String::as_str).eq(epic.redirect_uris()));
        assert_eq!(entry("jwks_url").unwrap().label, "JWK Set URL (JKU)");
        assert_eq!(entry("application_type").unwrap().values, ["provider (EHR user), confidential client"]);
        assert_eq!(entry("scopes_launch").unwrap().values.join(" "), epic.launch_scopes().to_string());
        assert_eq!(entry("scopes_system"), None, "the source has no system account");
        assert!(sheet.notes.iter().any(|note| note.contains("persistent access")));
    }

    #[test]
    fn every_entry_has_a_label_and_a_public_client_is_named() {
        let sheet = sheet(&source(""), "https://app.example/launch.php", None).unwrap();
        assert!(sheet.entries.iter().all(|entry| entry.label != entry.name), "{sheet:?}");
        assert!(sheet.entries.iter().any(|entry| entry.values == ["provider (EHR user), public client"]));
        assert!(sheet.notes.is_empty());
        assert!(sheet.warnings.is_empty());
    }

    #[test]
    fn a_sheet_names_the_scope_syntax_to_register_and_warns_about_unusual_scopes() {
        for (version, other) in [("v1", "v2"), ("v2", "v1")] {
            let oracle =
                source(&format!(r#", "vendor": "oracle", "policy": {{"scope_version": "{version}"}}"#));
            let notes = sheet(&oracle, "https://app.example/launch.php", None).unwrap().notes.join(" ");
            let of = |version: &str| format!("Register the application for SMART {version}.");
            assert!(notes.contains(&of(version)) && !notes.contains(&of(other)), "{notes}");
        }
        let wild = source(r#", "vendor": "oracle", "resources": ["*"]"#);
        let warnings = sheet(&wild, "https://app.example/launch.php", None).unwrap().warnings;
        assert!(warnings.join(" ").contains("refuses wildcards"), "{warnings:?}");
    }

    #[test]
    fn an_address_that_an_ehr_cannot_use_is_refused() {
        let error = sheet(&source(""), "http://app.example/launch.php", None).unwrap_err();
        assert_eq!(error.code(), Code::UrlNotAllowed);
    }
}
