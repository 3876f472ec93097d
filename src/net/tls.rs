//! TLS with the crypto provider `ring`. It is not installed as the default of the process, because the host may use another
//! one.

use crate::{
    error::{Code, Error, Result, describe_io_error},
    secret::{ExposeSecret, Secret},
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{path::Path, sync::Arc};

/// A client certificate with its chain, and its private key.
pub struct TlsIdentity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl std::fmt::Debug for TlsIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TlsIdentity({} certificates)", self.chain.len())
    }
}

impl TlsIdentity {
    /// The client certificate of a registration, from its PEM texts, if it has one. `registration`: its id, for errors.
    ///
    /// # Errors
    /// As [`TlsIdentity::from_pem`].
    pub fn of_registration(texts: Option<(Secret, Secret)>, registration: &str) -> Result<Option<Arc<Self>>> {
        texts
            .map(|(certificate, key)| Self::from_pem(&certificate, &key).map(Arc::new))
            .transpose()
            .map_err(|error| error.within(&format!("registration {registration}")))
    }

    /// Reads both from PEM text: the certificate first, then its chain; the key in PKCS#8, PKCS#1 or SEC1.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] when one of them cannot be read, or they do not belong together.
    pub fn from_pem(certificate: &Secret, key: &Secret) -> Result<Self> {
        let chain = CertificateDer::pem_slice_iter(certificate.expose_secret().as_bytes());
        let chain: Vec<_> = chain.collect::<std::result::Result<_, _>>().unwrap_or_default();
        if chain.is_empty() {
            return Err(unusable("client_certificate holds no certificate in PEM"));
        }
        let key = PrivateKeyDer::from_pem_slice(key.expose_secret().as_bytes())
            .map_err(|_| unusable("client_key holds no private key in PEM, or an encrypted one"))?;
        let identity = TlsIdentity { chain, key };
        config_with(RootCertStore::empty(), Some(&identity))?;
        Ok(identity)
    }
}

fn unusable(what: &str) -> Error {
    Error::new(Code::ConfigInvalid)
        .detail(what.to_owned())
        .hint("Write the certificate with its chain, and its key without a password, as PEM files.")
}

/// The TLS settings: TLS 1.2 and 1.3, with the certificate authorities of the file, or of the system if there is no file.
pub(super) fn config(ca_file: Option<&Path>, identity: Option<&TlsIdentity>) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    match ca_file {
        Some(file) => {
            for certificate in read_certificates(file)? {
                roots
                    .add(certificate)
                    .map_err(|_| ca_file_error(file, "a certificate in it cannot be used"))?;
            }
        }
        // A system without certificates is not an error here. Loopback addresses need none; otherwise the handshake fails.
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    config_with(roots, identity)
}

fn config_with(roots: RootCertStore, identity: Option<&TlsIdentity>) -> Result<ClientConfig> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| Error::new(Code::Internal).detail("the TLS versions are not supported"))?;
    let config = config.with_root_certificates(roots);
    match identity {
        None => Ok(config.with_no_client_auth()),
        Some(TlsIdentity { chain, key }) => {
            config.with_client_auth_cert(chain.clone(), key.clone_key()).map_err(|_| {
                unusable("client_certificate and client_key cannot be used, or do not belong together")
            })
        }
    }
}

fn ca_file_error(file: &Path, why: &str) -> Error {
    Error::new(Code::TlsFailed).detail(format!("tls.ca_file {}: {why}", file.display()))
}

fn read_certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let text = std::fs::read(file).map_err(|cause| ca_file_error(file, describe_io_error(cause.kind())))?;
    let found: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let found = found.map_err(|_| ca_file_error(file, "it is not a PEM file"))?;
    if found.is_empty() { Err(ca_file_error(file, "it contains no certificate")) } else { Ok(found) }
}

/// The number of certificates in a file of certificate authorities.
///
/// # Errors
/// [`Code::TlsFailed`] if the file cannot be read, contains no certificate, or contains one that cannot be used.
pub(super) fn count_certificates(file: &Path) -> Result<usize> {
    config(Some(file), None).and_then(|_| read_certificates(file)).map(|found| found.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ca_file_must_contain_certificates() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let problem = || count_certificates(&path).unwrap_err().message();
        assert!(problem().contains("there is no such file"), "{}", problem());
        for (text, words) in [
            ("", "it contains no certificate"),
            ("hello", "it contains no certificate"),
            ("-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n", "it is not a PEM file"),
            (
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                "a certificate in it cannot be used",
            ),
        ] {
            std::fs::write(&path, text).unwrap();
            assert!(problem().contains(words), "{}", problem());
        }
        let own = rcgen::generate_simple_self_signed(vec!["a.example".to_owned()]).unwrap();
        std::fs::write(&path, own.cert.pem()).unwrap();
        assert_eq!(count_certificates(&path).unwrap(), 1);
    }
}
