//! One exchange: a request, its answer with a bounded body, redirects within the same origin.

use super::tls::TlsIdentity;
use crate::{
    error::{Code, Error, Result},
    secret::{ExposeSecret, Secret},
};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use std::{sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::{Origin, Url};

/// Who the request says it is.
#[derive(Clone, Debug)]
pub enum Authorization {
    /// Nobody.
    None,
    /// The bearer of an access token, which may be sent to one origin only.
    Bearer(Secret, Origin),
    /// A ready `Authorization` value for a client at a token endpoint.
    Ready(Secret),
}

/// What is sent.
#[derive(Clone, Debug)]
pub enum Body {
    /// A GET without a body.
    Get,
    /// A POST of form-encoded text.
    Form(Secret),
}

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where to.
    pub url: Url,
    /// What is sent.
    pub body: Body,
    /// Media types, the first is asked for; the next ones after a 406.
    pub accept: Vec<String>,
    /// Who asks.
    pub authorization: Authorization,
    /// The most bytes of the answer, where that is less than `response_bytes` of the limits.
    pub most_bytes: usize,
    /// The TLS client certificate, if the client authenticates with one.
    pub tls_identity: Option<Arc<TlsIdentity>>,
}

impl Request {
    /// A GET by nobody.
    pub fn get(url: Url, accept: Vec<String>) -> Self {
        Request {
            url,
            body: Body::Get,
            accept,
            authorization: Authorization::None,
            most_bytes: usize::MAX,
            tls_identity: None,
        }
    }

    /// The same with a smaller bound on the bytes of its answer.
    pub fn at_most(self, most_bytes: usize) -> Self {
        Request { most_bytes, ..self }
    }

    /// Whether it only reads, so that sending it twice does no harm.
    pub fn is_read(&self) -> bool {
        matches!(self.body, Body::Get)
    }

    pub(super) fn with_next_accept(mut self) -> Self {
        self.accept.remove(0);
        self
    }
}

/// An answer, whatever its status.
#[derive(Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The media type without parameters, in lower case; empty when absent.
    pub media_type: String,
    headers: HeaderMap,
    /// The body, decompressed.
    pub body: Vec<u8>,
    /// Held as long as the body is.
    _slot: Option<Arc<OwnedSemaphorePermit>>,
}

/// Bytes of a body that need no slot. A session receives only one larger body at a time, so that its memory does not grow
/// with the number of its requests.
const SMALL_BODY_BYTES: usize = 4 * 1024 * 1024;

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Response({}, {} bytes)", self.status, self.body.len())
    }
}

impl Response {
    /// An answer that no server gave.
    #[cfg(test)]
    pub(crate) fn for_test(status: u16, body: &str) -> Self {
        let (media_type, headers) = ("application/json".to_owned(), HeaderMap::new());
        Response { status, media_type, headers, body: body.as_bytes().to_vec(), _slot: None }
    }

    /// The same with a header.
    #[cfg(test)]
    pub(crate) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.append(name, HeaderValue::from_str(value).expect("a header"));
        self
    }

    /// All headers of one name, as texts.
    pub fn all_headers(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok())
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        self.headers.get(name)?.to_str().ok()
    }
}

/// How many redirects within one origin are followed (E16: a merged patient is one).
const HOPS: usize = 5;

pub(super) async fn run(
    client: reqwest::Client,
    request: Request,
    limit: usize,
    large_body: Arc<Semaphore>,
    delay: Duration,
) -> Result<Response> {
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let mut url = request.url.clone();
    for _ in 0..=HOPS {
        let answer = send(&client, &request, &url).await?;
        let status = answer.status().as_u16();
        let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let (301 | 302 | 303 | 307 | 308, Some(location)) = (status, location) else {
            return collect(answer, limit.min(request.most_bytes), large_body).await;
        };
        let next = url.join(location).map_err(|_| {
            Error::new(Code::RedirectRefused).status(status).detail("its address cannot be read")
        })?;
        if !request.is_read() {
            // Only token requests have a body, and their secrets go nowhere else.
            return Err(Error::new(Code::TokenEndpointRedirects).status(status));
        }
        let why = if next.origin() != url.origin() {
            "it is another server"
        } else if !next.username().is_empty() || next.password().is_some() {
            "the address contains a user name or a password"
        } else {
            url = next;
            continue;
        };
        return Err(Error::new(Code::RedirectRefused).status(status).detail(why));
    }
    Err(Error::new(Code::RedirectLoop))
}

fn header_value(text: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Error::new(Code::RequestInvalid).detail("unusable header"))?;
    value.set_sensitive(true);
    Ok(value)
}

async fn send(client: &reqwest::Client, request: &Request, url: &Url) -> Result<reqwest::Response> {
    let mut builder = match &request.body {
        Body::Get => client.get(url.clone()),
        Body::Form(form) => client
            .post(url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.expose_secret().to_owned()),
    };
    if let Some(accept) = request.accept.first() {
        builder = builder.header(ACCEPT, accept);
    }
    match &request.authorization {
        Authorization::None => {}
        Authorization::Ready(value) => {
            builder = builder.header(AUTHORIZATION, header_value(value.expose_secret())?)
        }
        Authorization::Bearer(token, origin) => {
            if url.origin() != *origin {
                return Err(
                    Error::new(Code::RedirectRefused).detail("the address is not on the token's server")
                );
            }
            let value = zeroize::Zeroizing::new(format!("Bearer {}", token.expose_secret()));
            builder = builder.header(AUTHORIZATION, header_value(&value)?);
        }
    }
    builder.send().await.map_err(|cause| network_error(&cause))
}

async fn collect(
    mut answer: reqwest::Response,
    limit: usize,
    large_body: Arc<Semaphore>,
) -> Result<Response> {
    let status = answer.status().as_u16();
    let headers = answer.headers().clone();
    let (mut body, mut slot) = (Vec::new(), None);
    while let Some(chunk) = answer.chunk().await.map_err(|cause| network_error(&cause))? {
        let bytes = body.len() + chunk.len();
        if bytes > limit {
            return Err(Error::new(Code::ResponseTooLarge)
                .detail(format!("over {limit} bytes"))
                .status(status));
        }
        if bytes > SMALL_BODY_BYTES && slot.is_none() {
            let permit = large_body.clone().acquire_owned().await;
            slot = Some(Arc::new(permit.map_err(|_| Error::new(Code::Internal))?));
        }
        body.extend_from_slice(&chunk);
    }
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    Ok(Response { status, media_type, headers, body, _slot: slot })
}

/// The text of a reqwest error holds the address, which may hold identifiers: only its class is kept.
fn network_error(cause: &reqwest::Error) -> Error {
    if let Some(tls) = std::error::Error::source(cause).and_then(tls_error) {
        Error::new(Code::TlsFailed).detail(tls_words(tls))
    } else if cause.is_timeout() {
        Error::new(Code::NetworkTimeout)
    } else if cause.is_connect() {
        Error::new(Code::NetworkUnreachable).detail("no connection: name lookup, firewall or server down")
    } else {
        Error::new(Code::NetworkInterrupted)
    }
}

/// The TLS error behind another one. An I/O error hides what it wraps from `source`, and may wrap another.
fn tls_error<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(tls);
    }
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    wrapped.and_then(|inner| tls_error(inner)).or_else(|| error.source().and_then(tls_error))
}

fn tls_words(error: &rustls::Error) -> &'static str {
    use rustls::{CertificateError, Error};
    match error {
        Error::InvalidCertificate(cause) => match cause {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the certificate has expired"
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the certificate is not valid yet; check the clock of this computer"
            }
            CertificateError::Revoked => "the certificate was revoked",
            CertificateError::UnknownIssuer => {
                "the certificate comes from an authority that is not trusted here; name it in tls.ca_file"
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the certificate is for another server name"
            }
            CertificateError::BadSignature => "the signature of the certificate is wrong",
            _ => "the certificate cannot be accepted",
        },
        Error::PeerIncompatible(_) => {
            "the server supports no TLS version or cipher of this library (TLS 1.2 and 1.3)"
        }
        Error::AlertReceived(_) => "the server refused the handshake",
        Error::NoCertificatesPresented => "the server sent no certificate",
        _ => "the handshake failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{Limits, TlsConfig},
        net::Network,
    };
    use std::net::TcpListener;

    #[test]
    fn a_tls_error_is_told_in_words_for_people() {
        use rustls::{CertificateError, Error, pki_types::ServerName};
        let expected = ServerName::try_from("fhir.example").unwrap();
        let presented = vec!["DnsName(secret.internal)".to_owned()];
        for (error, words) in [
            (CertificateError::UnknownIssuer.into(), "not trusted here"),
            (CertificateError::NotValidForNameContext { expected, presented }.into(), "another server name"),
            (CertificateError::BadEncoding.into(), "cannot be accepted"),
            (Error::General("internal text".to_owned()), "the handshake failed"),
        ] {
            assert!(tls_words(&error).contains(words), "{error:?}");
        }
    }

    #[test]
    fn an_access_token_is_sent_to_its_own_origin_only() {
        let trap = TcpListener::bind("127.0.0.1:0").unwrap();
        trap.set_nonblocking(true).unwrap();
        let port = trap.local_addr().unwrap().port();
        let network = Network::new(Limits::default(), &TlsConfig::default(), None);
        for own in [
            format!("https://127.0.0.1:{port}"),
            format!("http://localhost:{port}"),
            "http://127.0.0.1".to_owned(),
        ] {
            let origin = Url::parse(&own).unwrap().origin();
            let url = Url::parse(&format!("http://127.0.0.1:{port}/fhir/Patient")).unwrap();
            let authorization = Authorization::Bearer("token".into(), origin);
            let error = network.one(Request { authorization, ..Request::get(url, Vec::new()) }).unwrap_err();
            assert_eq!(error.code(), Code::RedirectRefused, "{own}");
        }
        assert!(trap.accept().is_err(), "nothing was sent");
    }
}
