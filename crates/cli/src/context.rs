//! Opens the configuration and a client over it. Warns if other users can read a configuration file with secrets.

use crate::{
    args::ConfigArg,
    output::{note, safe},
};
use fhir_ehr::{
    AllowAll, Client, Config, Core, Error, ExposeSecret, Hooks, Log, LogLevel, Secret, is_secret_reference,
};
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

/// Reads the configuration that `--config` names.
pub(crate) fn config(arg: &ConfigArg) -> Result<Config, Error> {
    let config = Config::from_file(&arg.config)?;
    if let Some(warning) = readable_secrets(&config, &arg.config) {
        note(&warning);
    }
    Ok(config)
}

/// A client over the store that the configuration names. It warns on stderr about records that a list leaves out.
///
/// Its access hook allows everything: whoever can read the configuration and the store already has all rights. `--help` says so.
pub(crate) fn client(arg: &ConfigArg) -> Result<Client, Error> {
    let core = Core::new(config(arg)?)?;
    let store = core.embedded_store()?;
    Client::with_core(
        core,
        Hooks { log: Some(Box::new(UnlistedRecordLog)), ..Hooks::new(Box::new(store), Box::new(AllowAll)) },
    )
}

/// Prints a warning for the events that report records missing from a list.
struct UnlistedRecordLog;

impl Log for UnlistedRecordLog {
    fn event(&self, _level: LogLevel, name: &str, fields: &[(&str, &str)]) {
        let why = match name {
            "record_mixed" => "they hold values of two patients. See fhir-ehr clear-pending.",
            "row_damaged" => "they have a row that cannot be decrypted. See fhir-ehr damaged.",
            _ => return,
        };
        let count = fields.iter().find(|(name, _)| *name == "records").map_or("", |(_, count)| count);
        note(&format!("warning: {count} records are not listed, because {why}"));
    }
}

fn readable_secrets(config: &Config, path: &Path) -> Option<String> {
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o7777;
    let keys = config.vault.keys.iter().map(|key| &key.key);
    let clients = config.registrations.iter().map(|registration| &registration.client_secret);
    let next = config.registrations.iter().map(|registration| &registration.client_secret_next);
    let tls = config.registrations.iter().map(|registration| &registration.client_key);
    let signing = config.key_rings.iter().flat_map(|ring| &ring.keys).map(|key| &key.key);
    let mut secrets =
        keys.chain(clients).chain(next).chain(tls).chain(signing).chain([&config.vault.index_key]);
    if mode & 0o044 == 0 || !secrets.any(is_inline) {
        return None;
    }
    Some(format!(
        "warning: {} contains secrets, and other users can read it (mode {mode:04o}). Set its mode to 0600, or replace \
         the secrets with file: or env: references.",
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
    fn a_reference_is_not_an_inline_secret() {
        for reference in ["", "file:secrets/a", "env:SECRET", "hook:secret-app"] {
            assert!(!is_inline(&Secret::from(reference)), "{reference}");
        }
        assert!(is_inline(&Secret::from("s3cret")));
    }
}
