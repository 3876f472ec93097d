//! The credentials of a registration, read from where the configuration says.

use super::Source;
use crate::{
    config::{Authentication, KeyRingConfig, Registration},
    error::{Code, Error, Result},
    jose::{KeyRing, SigningKey},
    secret::{self, ExposeSecret, Secret, SecretProvider},
};

/// What a client authenticates with at the token endpoint.
pub enum Credentials {
    /// Nothing: a public client, or a client with a TLS certificate.
    None,
    /// A client secret.
    Secret {
        /// Whether the secret is sent in the body instead of HTTP Basic.
        in_body: bool,
        /// The secret.
        secret: Secret,
        /// The secret that will replace it.
        next: Option<Secret>,
    },
    /// A key that signs assertions.
    Key(SigningKey),
}

impl Credentials {
    /// The client secret, if there is one.
    pub fn secret(&self) -> Option<&Secret> {
        match self {
            Credentials::Secret { secret, .. } => Some(secret),
            Credentials::Key(_) | Credentials::None => None,
        }
    }
}

impl Source {
    /// The credentials of one of this source's registrations.
    ///
    /// # Errors
    /// [`Code::SecretUnavailable`]; [`Code::ConfigInvalid`] for an unusable key.
    pub(crate) fn credentials(
        &self,
        registration: &Registration,
        secrets: Option<&dyn SecretProvider>,
    ) -> Result<Credentials> {
        let read = |secret: &Secret| secret::resolve(secret, self.secret_base.as_deref(), secrets);
        let in_body = match registration.authentication() {
            Authentication::None => return Ok(Credentials::None),
            Authentication::PrivateKeyJwt => {
                let ring = self.key_ring(registration, secrets)?;
                return ring.signing_key(registration.signing_algorithm).map(Credentials::Key);
            }
            Authentication::ClientSecretBasic => false,
            Authentication::ClientSecretPost => true,
        };
        let has_next = !registration.client_secret_next.expose_secret().is_empty();
        let next = has_next.then(|| read(&registration.client_secret_next)).transpose()?;
        Ok(Credentials::Secret { in_body, secret: read(&registration.client_secret)?, next })
    }

    /// The client certificate of a registration and its private key, as PEM; `None` without mTLS.
    ///
    /// # Errors
    /// [`Code::SecretUnavailable`].
    pub(crate) fn client_certificate(
        &self,
        registration: &Registration,
        secrets: Option<&dyn SecretProvider>,
    ) -> Result<Option<(Secret, Secret)>> {
        if registration.client_certificate.expose_secret().is_empty() {
            return Ok(None);
        }
        let read = |secret: &Secret| secret::resolve(secret, self.secret_base.as_deref(), secrets);
        Ok(Some((read(&registration.client_certificate)?, read(&registration.client_key)?)))
    }

    /// The client certificate for requests to the FHIR server and its private key, as PEM; `None` if the source uses none there.
    ///
    /// # Errors
    /// [`Code::SecretUnavailable`].
    pub(crate) fn fhir_certificate(
        &self,
        registration: &Registration,
        secrets: Option<&dyn SecretProvider>,
    ) -> Result<Option<(Secret, Secret)>> {
        if self.fhir_client_certificate { self.client_certificate(registration, secrets) } else { Ok(None) }
    }

    /// The key ring of a registration.
    ///
    /// # Errors
    /// [`Code::RequestInvalid`] when the configuration has none; [`crate::Config::from_json`] checks that.
    pub(crate) fn key_ring<'a>(
        &'a self,
        registration: &Registration,
        secrets: Option<&'a dyn SecretProvider>,
    ) -> Result<KeyRing<'a>> {
        let name = registration.key_ring.as_deref().unwrap_or_default();
        let config = ring_config(&self.key_rings, name)?;
        Ok(KeyRing { config, base: self.secret_base.as_deref(), secrets })
    }
}

/// The key ring with a name.
///
/// # Errors
/// [`Code::RequestInvalid`] with the names that the configuration has.
pub(crate) fn ring_config<'r>(rings: &'r [KeyRingConfig], name: &str) -> Result<&'r KeyRingConfig> {
    rings.iter().find(|ring| ring.name == name).ok_or_else(|| {
        let known: Vec<&str> = rings.iter().map(|ring| ring.name.as_str()).collect();
        let hint = if known.is_empty() {
            "Add \"key_rings\" to the configuration. Create a key with: fhir-ehr keys generate".to_owned()
        } else {
            format!("The configuration has: {}.", known.join(", "))
        };
        let name = crate::error::escape_for_display(name);
        Error::new(Code::RequestInvalid).detail(format!("no key ring has the name {name}")).hint(hint)
    })
}
