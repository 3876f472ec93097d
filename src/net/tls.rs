//! TLS with ring as the only provider, handed over explicitly: none is installed for the whole process,
//! which is somebody else's.

use crate::error::{Code, Error, Result};
use rustls::{
    ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer, pki_types::pem::PemObject,
};
use std::{path::Path, sync::Arc};

/// TLS 1.2 and 1.3, trusting the file's authorities or else the system's.
pub(super) fn config(ca_file: Option<&Path>) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    match ca_file {
        Some(file) => {
            let unreadable = || Error::new(Code::TlsFailed).detail(format!("tls.ca_file {}", file.display()));
            for certificate in CertificateDer::pem_file_iter(file).map_err(|_| unreadable())? {
                roots.add(certificate.map_err(|_| unreadable())?).map_err(|_| unreadable())?;
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
