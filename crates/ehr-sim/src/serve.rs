//! The socket: accepts and counts connections, and sends replies with their transport faults.

use std::{
    convert::Infallible,
    future::pending,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, UNIX_EPOCH},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::State,
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CONTENT_LENGTH, DATE},
    },
    response::Response,
    serve::Listener,
};
use tokio::net::{TcpListener, TcpStream};

use crate::{
    ehr::Ehr,
    http::{Reply, Request},
    router,
};

/// The largest request body.
const MAX_BODY_BYTES: usize = 1 << 20;

/// Serves until the future is dropped.
pub(crate) async fn serve(listener: TcpListener, ehr: Arc<Ehr>) -> std::io::Result<Infallible> {
    let listener = CountingListener { listener, ehr: ehr.clone() };
    let app = Router::new().fallback(handle).with_state(ehr);
    axum::serve(listener, app).await?;
    pending().await
}

struct CountingListener {
    listener: TcpListener,
    ehr: Arc<Ehr>,
}

impl Listener for CountingListener {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        self.ehr.count_connection();
        // Without this, small replies wait for the acknowledgment of the peer.
        stream.set_nodelay(true).ok();
        (stream, address)
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

async fn handle(State(ehr): State<Arc<Ehr>>, request: axum::extract::Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return respond(Reply::text(413, "The request body is too large"));
    };
    let request = Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect(),
        body: body.to_vec(),
    };
    let reply = if router::may_fetch(&request) {
        let fetching_ehr = ehr.clone();
        tokio::task::spawn_blocking(move || router::answer(&fetching_ehr, &request))
            .await
            .unwrap_or_else(|_| Reply::text(500, "ehr-sim could not answer"))
    } else {
        router::answer(&ehr, &request)
    };
    let date = date_header(&ehr);
    if reply.transport.never_answer {
        pending::<()>().await;
    }
    if !reply.transport.delay.is_zero() {
        tokio::time::sleep(reply.transport.delay).await;
    }
    let mut response = respond(reply);
    if let Some(date) = date {
        response.headers_mut().insert(DATE, date);
    }
    response
}

/// The Date header, if the simulator's clock is not the real one. Otherwise the server sets it.
fn date_header(ehr: &Ehr) -> Option<HeaderValue> {
    let skew = ehr.state().faults.clock_skew_ms();
    if ehr.clock.offset_ms() == 0 && skew == 0 {
        return None;
    }
    let shown = Duration::from_millis(u64::try_from(ehr.shown_time_ms()).ok()?);
    HeaderValue::from_str(&httpdate::fmt_http_date(UNIX_EPOCH + shown)).ok()
}

fn respond(reply: Reply) -> Response {
    let mut bytes = reply.body.into_bytes();
    let length = bytes.len();
    let body = if reply.transport.close_early {
        bytes.truncate(length / 2);
        Body::new(ShortBody(Some(Bytes::from(bytes))))
    } else if reply.transport.padding > 0 {
        Body::new(PaddedBody { spaces: reply.transport.padding, rest: Some(Bytes::from(bytes)) })
    } else {
        Body::from(bytes)
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    if reply.transport.close_early {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}

/// A body that ends with an error after its bytes. The error makes the server close the connection.
struct ShortBody(Option<Bytes>);

impl http_body::Body for ShortBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
        Poll::Ready(Some(match self.0.take() {
            Some(bytes) => Ok(http_body::Frame::data(bytes)),
            None => Err(std::io::Error::other("close-early")),
        }))
    }
}

/// Spaces, then the body. It is sent in chunks without a Content-Length, so that a client must count the bytes.
struct PaddedBody {
    spaces: usize,
    rest: Option<Bytes>,
}

static SPACES: [u8; 65_536] = [b' '; 65_536];

impl http_body::Body for PaddedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        let size = self.spaces.min(SPACES.len());
        self.spaces -= size;
        let bytes = if size > 0 { Some(Bytes::from_static(&SPACES[..size])) } else { self.rest.take() };
        Poll::Ready(bytes.map(|bytes| Ok(http_body::Frame::data(bytes))))
    }
}
