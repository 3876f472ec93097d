//! Opening the configuration and the client over it, with a word about files that others can read.

use crate::{
    args::ConfigArg,
    output::{note, safe},
};
use fhir_ehr::{Client, Config, Core, Error, ExposeSecret, Hooks, Level, Log, Secret, is_secret_reference};
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

/// The configuration of the command line.
pub(crate) fn config(arg: &ConfigArg) -> Result<Config, Error> {
    let config = Config::from_file(&arg.config)?;
    if let Some(warning) = readable_secrets(&config, &arg.config) {
        note(&warning);
    }
    Ok(config)
}

/// A client over the configuration's own store. What a list leaves out is said on stderr.
pub(crate) fn client(arg: &ConfigArg) -> Result<Client, Error> {
    let core = Core::new(config(arg)?)?;
    let store = core.embedded_store()?;
    Client::over(
        core,
        Hooks { log: Some(Box::new(LeftOut)), ..Hooks::new(Box::new(store), Box::new(fhir_ehr::AllowAll)) },
    )
}

/// Warns of records that a list does not show.
struct LeftOut;

impl Log for LeftOut {
    fn event(&self, _level: Level, name: &str, fields: &[(&str, &str)]) {
        let why = match name {
            "record_mixed" => "hold values of two patients: see fhir-ehr clear-pending",
            "row_damaged" => "have a row that cannot be decrypted: see fhir-ehr damaged",
            _ => return,
        };
        let count = fields.iter().find(|(name, _)| *name == "records").map_or("", |(_, count)| count);
        note(&format!("warning: {count} records are not listed, because they {why}"));
    }
}

fn readable_secrets(config: &Config, path: &Path) -> Option<String> {
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o7777;
    let keys = config.vault.keys.iter().map(|key| &key.key);
    let clients = config.registrations.iter().map(|registration| &registration.client_secret);
    let mut secrets = keys.chain(clients).chain([&config.vault.index_key]);
    if mode & 0o044 == 0 || !secrets.any(is_inline) {
        return None;
    }
    Some(format!(
        "warning: {} holds secrets and others can read it (mode {mode:04o}); set mode 0600 or move the \
         secrets to file: or env: references",
        safe(&path.display().to_string())
    ))
}

fn is_inline(secret: &Secret) -> bool {
    !secret.expose_secret().is_empty() && !is_secret_reference(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_no_secret_in_the_file() {
        for reference in ["", "file:secrets/a", "env:SECRET", "hook:secret-app"] {
            assert!(!is_inline(&Secret::from(reference)), "{reference}");
        }
        assert!(is_inline(&Secret::from("s3cret")));
    }
}
