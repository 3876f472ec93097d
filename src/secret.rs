//! Secrets: a type that cannot be printed, and how a secret of the configuration is read.

use crate::error::{Code, Error, Result, describe_io_error};
use ring::rand::{SecureRandom, SystemRandom};
pub use secrecy::{ExposeSecret, SecretString};
use std::{fs, path::Path};

/// Text that must never be shown. `Debug` prints `[REDACTED]`, and there is no `Display`.
pub type Secret = SecretString;

/// The secret hook of a host. It returns the secrets that the configuration names as `hook:NAME`.
pub trait SecretProvider: Send + Sync {
    /// Returns the secret with this name.
    ///
    /// # Errors
    /// If there is no such secret, or the host cannot read it.
    fn secret(&self, name: &str) -> Result<Secret>;
}

/// Reads a secret of the configuration: `file:PATH`, `env:NAME`, `hook:NAME` (from the host), or the secret itself.
///
/// A file holds one line. It is read at each use, so a changed file needs no restart. A relative path starts at `base`, the
/// folder of the configuration file.
///
/// # Errors
/// [`Code::SecretUnavailable`]. The error names the file, variable or hook, and never contains the secret.
pub fn resolve(
    reference: &Secret,
    base: Option<&Path>,
    secrets: Option<&dyn SecretProvider>,
) -> Result<Secret> {
    let text = reference.expose_secret();
    if let Some(name) = text.strip_prefix("hook:") {
        let unavailable =
            |why: &str| Error::new(Code::SecretUnavailable).detail(format!("hook:{name}: {why}"));
        let secrets = secrets.ok_or_else(|| unavailable("the host has set no secret provider"))?;
        let secret =
            secrets.secret(name).map_err(|_| unavailable("the secret provider returned an error"))?;
        if secret.expose_secret().trim().is_empty() {
            return Err(unavailable("the secret provider returned an empty text"));
        }
        return Ok(secret);
    }
    if let Some(path) = text.strip_prefix("file:") {
        let path = base.map_or_else(|| Path::new(path).to_path_buf(), |base| base.join(path));
        let content = fs::read_to_string(&path).map_err(|cause| {
            Error::new(Code::SecretUnavailable).detail(format!(
                "file {}: {}",
                path.display(),
                describe_io_error(cause.kind())
            ))
        })?;
        let text = content.trim_end_matches(['\r', '\n']);
        if text.trim().is_empty() {
            return Err(Error::new(Code::SecretUnavailable)
                .detail(format!("file {}: it is empty", path.display()))
                .hint("Write the secret into the file. For a public client, leave client_secret out of the configuration."));
        }
        return Ok(text.to_owned().into());
    }
    if let Some(name) = text.strip_prefix("env:") {
        let unavailable = |why: &str| {
            Error::new(Code::SecretUnavailable).detail(format!("environment variable {name} {why}"))
        };
        let text = std::env::var(name).map_err(|_| unavailable("is not set"))?;
        if text.trim().is_empty() {
            return Err(unavailable("is empty"));
        }
        return Ok(Secret::from(text));
    }
    Ok(reference.clone())
}

/// Whether a secret of the configuration names a file, variable or hook instead of being the secret itself.
pub fn is_secret_reference(secret: &Secret) -> bool {
    ["file:", "env:", "hook:"].iter().any(|kind| secret.expose_secret().starts_with(kind))
}

/// Random bytes from the operating system. A generator inside the process is not used, because a fork would copy its state
/// (pitfall 3).
///
/// # Errors
/// [`Code::Internal`] if the operating system returns no random bytes.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Error::new(Code::Internal).detail("the system's random source failed"))?;
    Ok(bytes)
}

/// 256 random bits as URL-safe base64, 43 characters: for states, verifiers, nonces and ids.
///
/// # Errors
/// [`Code::Internal`] if the operating system returns no random bytes.
pub fn random_text() -> Result<String> {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    Ok(URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// Serializes a secret as plain text. Only for values that the vault encrypts.
pub(crate) mod in_sealed_record {
    use super::{ExposeSecret, Secret};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose_secret())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        String::deserialize(deserializer).map(Secret::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        let secret = Secret::from("correct horse");
        assert!(!format!("{secret:?}").contains("horse"));
    }

    #[test]
    fn a_secret_is_read_from_its_file_at_each_use_without_the_line_end() {
        let folder = tempfile::tempdir().unwrap();
        let reference = Secret::from("file:client.secret");
        fs::write(folder.path().join("client.secret"), "one\n").unwrap();
        assert_eq!(resolve(&reference, Some(folder.path()), None).unwrap().expose_secret(), "one");
        fs::write(folder.path().join("client.secret"), "two").unwrap();
        assert_eq!(resolve(&reference, Some(folder.path()), None).unwrap().expose_secret(), "two");
        let gone = resolve(&Secret::from("file:gone"), Some(folder.path()), None).unwrap_err();
        assert_eq!(gone.code(), Code::SecretUnavailable);
        assert!(gone.message().contains("there is no such file"), "{gone}");
    }

    #[test]
    fn an_empty_file_or_hook_is_an_error_and_does_not_mean_a_public_client() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["", "\n", " \r\n"] {
            fs::write(folder.path().join("empty"), text).unwrap();
            let error = resolve(&Secret::from("file:empty"), Some(folder.path()), None).unwrap_err();
            assert_eq!(error.code(), Code::SecretUnavailable);
            assert!(error.message().contains("it is empty"), "{error}");
        }
        struct Blank;
        impl SecretProvider for Blank {
            fn secret(&self, _: &str) -> Result<Secret> {
                Ok(" ".into())
            }
        }
        let error = resolve(&Secret::from("hook:name"), None, Some(&Blank)).unwrap_err();
        assert!(error.message().contains("an empty text"), "{error}");
    }

    struct Service;

    impl SecretProvider for Service {
        fn secret(&self, name: &str) -> Result<Secret> {
            if name == "vault" { Ok("from the host".into()) } else { Err(Code::StoreUnavailable.into()) }
        }
    }

    #[test]
    fn the_secret_provider_is_asked_by_name() {
        let ask = |reference: &str| resolve(&Secret::from(reference), None, Some(&Service));
        assert_eq!(ask("hook:vault").unwrap().expose_secret(), "from the host");
        assert_eq!(ask("hook:other").unwrap_err().code(), Code::SecretUnavailable);
        let not_set = resolve(&Secret::from("hook:vault"), None, None).unwrap_err();
        assert!(not_set.message().contains("hook:vault"), "{not_set}");
    }

    #[test]
    fn random_texts_have_43_characters_and_differ() {
        let (one, two) = (random_text().unwrap(), random_text().unwrap());
        assert_eq!(one.len(), 43);
        assert_ne!(one, two);
    }
}
