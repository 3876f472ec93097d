//! TLS with ring as the only provider, handed over explicitly: none is installed for the whole process,
//! which is somebody else's.

use crate::{
    error::{Code, Error, Result, file_words},
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

/// TLS 1.2 and 1.3, trusting the file's authorities or else the system's.
pub(super) fn config(ca_file: Option<&Path>, identity: Option<&TlsIdentity>) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    match ca_file {
        Some(file) => {
            for certificate in certificates(file)? {
                roots.add(certificate).map_err(|_| wrong(file, "a certificate in it cannot be used"))?;
            }
        }
        // A system without any is not an error here: loopback needs none, and a handshake will say so.
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    config_with(roots, identity)
}

fn config_with(roots: RootCertStore, identity: Option<&TlsIdentity>) -> Result<ClientConfig> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| Error::new(Code::Internal).detail("no TLS versions"))?;
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

fn wrong(file: &Path, why: &str) -> Error {
    Error::new(Code::TlsFailed).detail(format!("tls.ca_file {}: {why}", file.display()))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let text = std::fs::read(file).map_err(|cause| wrong(file, file_words(cause.kind())))?;
    let found: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let found = found.map_err(|_| wrong(file, "it is not a PEM file"))?;
    if found.is_empty() { Err(wrong(file, "it holds no certificate")) } else { Ok(found) }
}

/// How many certificates a file of authorities holds.
///
/// # Errors
/// [`Code::TlsFailed`] when it cannot be read, holds none, or one that cannot be used.
pub(super) fn count(file: &Path) -> Result<usize> {
    config(Some(file), None).and_then(|_| certificates(file)).map(|found| found.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_authorities_must_hold_certificates() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let problem = || count(&path).unwrap_err().message();
        assert!(problem().contains("there is no such file"), "{}", problem());
        for (text, words) in [
            ("", "it holds no certificate"),
            ("hello", "it holds no certificate"),
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
        assert_eq!(count(&path).unwrap(), 1);
    }
}
