//! TLS with the crypto provider `ring`. It is not installed as the default of the process, because the host may use another
//! one.

use crate::error::{Code, Error, Result, describe_io_error};
use rustls::{
    ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer, pki_types::pem::PemObject,
};
use std::{path::Path, sync::Arc};

/// The TLS settings: TLS 1.2 and 1.3, with the certificate authorities of the file, or of the system if there is no file.
pub(super) fn config(ca_file: Option<&Path>) -> Result<ClientConfig> {
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
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| Error::new(Code::Internal).detail("the TLS versions are not supported"))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
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
    config(Some(file)).and_then(|_| read_certificates(file)).map(|found| found.len())
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
