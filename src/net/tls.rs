//! TLS with ring as the only provider, handed over explicitly: none is installed for the whole process,
//! which is somebody else's.

use crate::error::{Code, Error, Result, file_words};
use rustls::{
    ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer, pki_types::pem::PemObject,
};
use std::{path::Path, sync::Arc};

/// TLS 1.2 and 1.3, trusting the file's authorities or else the system's.
pub(super) fn config(ca_file: Option<&Path>) -> Result<ClientConfig> {
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
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| Error::new(Code::Internal).detail("no TLS versions"))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
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
    config(Some(file)).and_then(|_| certificates(file)).map(|found| found.len())
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
