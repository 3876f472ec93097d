//! One exchange: a request, redirects within the same origin, and the response with a limited body.

use super::tls::TlsIdentity;
use crate::{
    config::HeaderValues,
    error::{Code, Error, Result},
    secret::{ExposeSecret, Secret},
};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use std::{sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::{Origin, Url};

/// The `Authorization` header of a request.
#[derive(Clone, Debug)]
pub enum Authorization {
    /// No header.
    None,
    /// A bearer token, and the only origin that it may be sent to.
    Bearer(Secret, Origin),
    /// The complete value of the header, for a token endpoint.
    Header(Secret),
}

/// The method and body of a request.
#[derive(Clone, Debug)]
pub enum Body {
    /// A GET without a body.
    Get,
    /// A POST with this form-encoded text.
    Form(Secret),
    /// A POST of JSON.
    Json(Secret),
}

/// An HTTP request.
#[derive(Clone, Debug)]
pub struct Request {
    /// The URL to send it to.
    pub url: Url,
    /// The method and body.
    pub body: Body,
    /// Media types. The first one is sent in `Accept`; after HTTP 406, the next one.
    pub accept: Vec<String>,
    /// The `Authorization` header.
    pub authorization: Authorization,
    /// Maximum bytes of the response's body. The limit `response_bytes` also applies.
    pub max_bytes: usize,
    /// Headers that the source requires in addition.
    pub headers: HeaderValues,
    /// The TLS client certificate, if the client authenticates with one.
    pub tls_identity: Option<Arc<TlsIdentity>>,
}

impl Request {
    /// A GET without an `Authorization` header.
    pub fn get(url: Url, accept: Vec<String>) -> Self {
        let headers = HeaderValues::new();
        let (body, authorization) = (Body::Get, Authorization::None);
        Request { url, body, accept, authorization, max_bytes: usize::MAX, headers, tls_identity: None }
    }

    /// The same with headers that the source requires.
    pub fn with_headers(self, headers: HeaderValues) -> Self {
        Request { headers, ..self }
    }

    /// The same request with a maximum for the bytes of the response's body.
    pub fn limit_bytes(self, max_bytes: usize) -> Self {
        Request { max_bytes, ..self }
    }

    /// Whether it is a GET, so that a retry does no harm.
    pub fn is_get(&self) -> bool {
        matches!(self.body, Body::Get)
    }

    pub(super) fn with_next_accept(mut self) -> Self {
        self.accept.remove(0);
        self
    }
}

/// A response with any status.
#[derive(Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The media type without parameters, in lower case. Empty if absent.
    pub media_type: String,
    headers: HeaderMap,
    /// The body, decompressed.
    pub body: Vec<u8>,
    /// Permits one large body at a time. The response keeps it until the body is dropped.
    _large_body_permit: Option<Arc<OwnedSemaphorePermit>>,
}

/// Maximum bytes of a body that needs no permit. A session receives only one larger body at a time, so that its memory does
/// not grow with the number of its requests.
const SMALL_BODY_BYTES: usize = 4 * 1024 * 1024;

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Response({}, {} bytes)", self.status, self.body.len())
    }
}

impl Response {
    /// A JSON response for a unit test or a fuzz target.
    #[cfg(any(test, feature = "test-internals"))]
    pub(crate) fn for_test(status: u16, body: &str) -> Self {
        let (media_type, headers) = ("application/json".to_owned(), HeaderMap::new());
        Response { status, media_type, headers, body: body.as_bytes().to_vec(), _large_body_permit: None }
    }

    /// The same response with one more header.
    #[cfg(test)]
    pub(crate) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.append(name, HeaderValue::from_str(value).expect("a header"));
        self
    }

    /// The values of all headers with this name.
    pub fn all_headers(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok())
    }

    /// The value of the first header with this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        self.headers.get(name)?.to_str().ok()
    }
}

/// Maximum redirects within one origin (E16: the server redirects to the chart that a patient was merged into).
const MAX_REDIRECTS: usize = 5;

pub(super) async fn send_following_redirects(
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
    for _ in 0..=MAX_REDIRECTS {
        let answer = send(&client, &request, &url).await?;
        let status = answer.status().as_u16();
        let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let (301 | 302 | 303 | 307 | 308, Some(location)) = (status, location) else {
            return read_response(answer, limit.min(request.max_bytes), large_body).await;
        };
        let next = url.join(location).map_err(|_| {
            Error::new(Code::RedirectRefused).status(status).detail("the address is not valid")
        })?;
        if !request.is_get() {
            // Only token requests have a body. Their secrets must not be sent to another address.
            return Err(Error::new(Code::TokenEndpointRedirects).status(status));
        }
        let why = if next.origin() != url.origin() {
            "the address is on another server"
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
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        Error::new(Code::RequestInvalid).detail("a header value has characters that are not allowed")
    })?;
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
        Body::Json(json) => client
            .post(url.clone())
            .header(CONTENT_TYPE, "application/json")
            .body(json.expose_secret().to_owned()),
    };
    for (name, value) in &request.headers {
        builder = builder.header(name, header_value(value.expose_secret())?);
    }
    if let Some(accept) = request.accept.first() {
        builder = builder.header(ACCEPT, accept);
    }
    match &request.authorization {
        Authorization::None => {}
        Authorization::Header(value) => {
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

async fn read_response(
    mut answer: reqwest::Response,
    limit: usize,
    large_body: Arc<Semaphore>,
) -> Result<Response> {
    let status = answer.status().as_u16();
    let headers = answer.headers().clone();
    let (mut body, mut large_body_permit) = (Vec::new(), None);
    while let Some(chunk) = answer.chunk().await.map_err(|cause| network_error(&cause))? {
        let bytes = body.len() + chunk.len();
        if bytes > limit {
            return Err(Error::new(Code::ResponseTooLarge)
                .detail(format!("more than {limit} bytes"))
                .status(status));
        }
        if bytes > SMALL_BODY_BYTES && large_body_permit.is_none() {
            let permit = large_body.clone().acquire_owned().await;
            large_body_permit = Some(Arc::new(permit.map_err(|_| Error::new(Code::Internal))?));
        }
        body.extend_from_slice(&chunk);
    }
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    Ok(Response { status, media_type, headers, body, _large_body_permit: large_body_permit })
}

/// The error for a failed exchange. The text of a reqwest error is not used, because it contains the URL, which may contain
/// identifiers.
fn network_error(cause: &reqwest::Error) -> Error {
    if let Some(tls) = std::error::Error::source(cause).and_then(find_tls_error) {
        // After the handshake, the server may have received the request and used its refresh token. With TLS 1.3, a server also
        // refuses a client certificate only then.
        let code = if cause.is_connect() { Code::TlsFailed } else { Code::NetworkInterrupted };
        Error::new(code).detail(describe_tls_error(tls))
    } else if cause.is_timeout() {
        Error::new(Code::NetworkTimeout)
    } else if cause.is_connect() {
        Error::new(Code::NetworkUnreachable)
            .detail("no connection: the name was not found, a firewall blocks it, or the server is down")
    } else {
        Error::new(Code::NetworkInterrupted)
    }
}

/// The TLS error that another error wraps. An I/O error does not return its inner error from `source`, so `get_ref` is used.
fn find_tls_error<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(tls);
    }
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    wrapped.and_then(|inner| find_tls_error(inner)).or_else(|| error.source().and_then(find_tls_error))
}

fn describe_tls_error(error: &rustls::Error) -> &'static str {
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
                "the certificate authority is not trusted; add its certificate to tls.ca_file"
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
        Error::AlertReceived(alert) if is_about_certificate(*alert) => {
            "the server did not accept the client certificate, or requires one"
        }
        Error::AlertReceived(_) => "the server ended the TLS connection",
        Error::NoCertificatesPresented => "the server sent no certificate",
        _ => "the TLS connection failed",
    }
}

/// Whether a server reports a problem with the certificate of the client.
fn is_about_certificate(alert: rustls::AlertDescription) -> bool {
    use rustls::AlertDescription as Alert;
    matches!(
        alert,
        Alert::CertificateRequired
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied
            | Alert::DecryptError
    )
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
    fn a_tls_error_is_described_without_the_text_of_the_tls_library() {
        use rustls::{CertificateError, Error, pki_types::ServerName};
        let expected = ServerName::try_from("fhir.example").unwrap();
        let presented = vec!["DnsName(secret.internal)".to_owned()];
        for (error, words) in [
            (CertificateError::UnknownIssuer.into(), "is not trusted"),
            (CertificateError::NotValidForNameContext { expected, presented }.into(), "another server name"),
            (CertificateError::BadEncoding.into(), "cannot be accepted"),
            (Error::General("internal text".to_owned()), "the TLS connection failed"),
            (Error::AlertReceived(rustls::AlertDescription::CertificateRequired), "client certificate"),
            (Error::AlertReceived(rustls::AlertDescription::InternalError), "ended the TLS connection"),
        ] {
            assert!(describe_tls_error(&error).contains(words), "{error:?}");
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
            let error =
                network.exchange(Request { authorization, ..Request::get(url, Vec::new()) }).unwrap_err();
            assert_eq!(error.code(), Code::RedirectRefused, "{own}");
        }
        assert!(trap.accept().is_err(), "nothing was sent");
    }
}
