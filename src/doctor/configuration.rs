//! The steps that ask no server: redirect URIs, secrets, vault keys, the CA file.

use super::finding::{Finding, Found, Id};
use crate::{
    config::Registration,
    context::Context,
    net::Network,
    secret::{self, ExposeSecret},
    source::{Credentials, Source, resource_types},
    vault::Place,
};

/// The configuration's check at load has refused those that are not absolute, neither https nor loopback, or have a fragment.
pub(super) fn redirect_uris(source: &Source) -> Found {
    let registration = &source.registration;
    let count = registration.redirect_uris.len();
    let id = if count == 0 { Id::RedirectUrisNone } else { Id::RedirectUrisOk };
    Ok(Finding::new(id).with("registration", &registration.id).with("count", count.to_string()))
}

/// The configuration's check at load has refused names that are no resource types at all.
pub(super) fn resources(source: &Source) -> Found {
    let others = resource_types::of_other_version(source.fhir_version, &source.policy);
    let id = if others.is_empty() { Id::ResourcesOk } else { Id::ResourcesOtherVersion };
    let types = others.join(", ");
    Ok(Finding::new(id).with("version", source.fhir_version.name()).with("types", types))
}

pub(super) fn registrations(source: &Source) -> impl Iterator<Item = &Registration> {
    std::iter::once(&source.registration).chain(&source.system_registration)
}

/// Whether a secret of the configuration is more likely the name of a file.
fn looks_like_path(secret: &str) -> bool {
    let path_character = |c: char| c.is_alphanumeric() || "/\\._-~: ".contains(c);
    if !secret.chars().all(path_character) {
        return false;
    }
    let begins = ["./", "../", "~/", "\\\\"].iter().any(|start| secret.starts_with(start));
    let drive = secret.get(1..3) == Some(":\\") || secret.get(1..3) == Some(":/");
    let absolute = secret.starts_with('/') && secret[1..].contains(['/', '.']);
    let endings = [".txt", ".key", ".pem", ".secret", ".json", ".conf"];
    let file = endings.iter().any(|ending| secret.to_ascii_lowercase().ends_with(ending));
    begins || drive || absolute || file
}

pub(super) fn secrets(context: &Context<'_>, source: &Source) -> Found {
    let mut any = false;
    for registration in registrations(source) {
        if looks_like_path(registration.client_secret.expose_secret())
            && !secret::is_secret_reference(&registration.client_secret)
        {
            return Ok(Finding::new(Id::SecretsLikePath).with("registration", &registration.id));
        }
        any |= !matches!(source.credentials(registration, context.secrets)?, Credentials::None);
    }
    Ok(Finding::new(if any { Id::SecretsOk } else { Id::SecretsNone }))
}

/// The current key seals and opens, and no two keys are the same.
pub(super) fn vault(context: &Context<'_>) -> Found {
    let vault = context.records.vault;
    if let Some((first, second)) = vault.same_keys() {
        return Ok(Finding::new(Id::VaultSameKeys).with("first", first).with("second", second));
    }
    let place = Place {
        kind: "doctor",
        key: "doctor",
        organization: context.records.organization,
        project: "",
        subject: "",
    };
    let sealed = vault.seal(&place, &"a test value")?;
    // What opens is what was sealed: AES-GCM authenticates it.
    vault.open_sealed::<String>(&place, &sealed)?;
    Ok(Finding::new(Id::VaultOk).with("count", vault.key_count().to_string()))
}

pub(super) fn ca_file(network: &Network) -> Found {
    match network.ca_certificates() {
        None => Ok(Finding::new(Id::CaFileNone)),
        Some(Ok(count)) => Ok(Finding::new(Id::CaFileOk).with("count", count.to_string())),
        Some(Err(error)) => Ok(Finding::new(Id::CaFileWrong).with("problem", error.message())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_told_from_a_secret() {
        for path in [
            "/run/secrets/ehr",
            "./secret",
            "../x/client",
            "~/ehr.key",
            "C:\\secrets\\ehr",
            "secrets/client.txt",
            "/etc/ehr.secret",
        ] {
            assert!(looks_like_path(path), "{path}");
        }
        for secret in ["", "s3cret", "a/b+c==", "/Zm9v+YmFy/x=", "abc/def", "correct horse", "a.b", "x:y"] {
            assert!(!looks_like_path(secret), "{secret}");
        }
    }
}
