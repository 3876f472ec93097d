//! The steps that send no request: redirect URIs, resource types, secrets, vault keys and the CA file.

use super::finding::{Finding, FindingId, StepResult};
use crate::{
    config::Registration,
    context::Context,
    net::Network,
    secret::{self, ExposeSecret},
    source::{Credentials, Source, resource_types},
    vault::Place,
};

/// The step `redirect_uris`: checks that there is one. [`crate::Core::new`] has already checked that they are allowed URLs.
pub(super) fn redirect_uris(source: &Source) -> StepResult {
    let registration = &source.registration;
    let count = source.redirect_uris().count();
    let id = if count == 0 { FindingId::RedirectUrisNone } else { FindingId::RedirectUrisOk };
    Ok(Finding::new(id).with("registration", &registration.id).with("count", count.to_string()))
}

/// The step `resources`: checks that the resource types exist in the configured FHIR version. [`crate::Core::new`] has already
/// refused names that are not resource types of any version.
pub(super) fn resources(source: &Source) -> StepResult {
    let others = resource_types::types_of_other_version(source.fhir_version, &source.policy);
    let id = if others.is_empty() { FindingId::ResourcesOk } else { FindingId::ResourcesOtherVersion };
    let types = others.join(", ");
    Ok(Finding::new(id).with("version", source.fhir_version.name()).with("types", types))
}

pub(super) fn registrations(source: &Source) -> impl Iterator<Item = &Registration> {
    std::iter::once(&source.registration).chain(&source.system_registration)
}

/// Whether a secret of the configuration is probably the path of a file.
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

/// The step `secrets`: reads each client secret.
pub(super) fn secrets(context: &Context<'_>, source: &Source) -> StepResult {
    let mut any = false;
    for registration in registrations(source) {
        if looks_like_path(registration.client_secret.expose_secret())
            && !secret::is_secret_reference(&registration.client_secret)
        {
            return Ok(Finding::new(FindingId::SecretsLikePath).with("registration", &registration.id));
        }
        any |= !matches!(source.credentials(registration, context.secrets)?, Credentials::None);
    }
    Ok(Finding::new(if any { FindingId::SecretsOk } else { FindingId::SecretsNone }))
}

/// The step `vault`: checks that all keys differ, and that the current key encrypts and decrypts.
pub(super) fn vault(context: &Context<'_>) -> StepResult {
    let vault = context.records.vault;
    if let Some((first, second)) = vault.equal_keys() {
        return Ok(Finding::new(FindingId::VaultSameKeys).with("first", first).with("second", second));
    }
    let place = Place {
        kind: "doctor",
        key: "doctor",
        organization: context.records.organization,
        project: "",
        subject: "",
    };
    let sealed = vault.seal(&place, &"a test value")?;
    // AES-GCM authenticates the value, so it need not be compared.
    vault.open_sealed::<String>(&place, &sealed)?;
    Ok(Finding::new(FindingId::VaultOk).with("count", vault.key_count().to_string()))
}

/// The step `ca_file`: reads the certificates in `tls.ca_file`.
pub(super) fn ca_file(network: &Network) -> StepResult {
    match network.count_ca_certificates() {
        None => Ok(Finding::new(FindingId::CaFileNone)),
        Some(Ok(count)) => Ok(Finding::new(FindingId::CaFileOk).with("count", count.to_string())),
        Some(Err(error)) => Ok(Finding::new(FindingId::CaFileWrong).with("problem", error.message())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_does_not_look_like_a_secret() {
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
