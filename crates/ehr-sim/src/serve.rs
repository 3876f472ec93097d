//! The socket: accepts connections, counts them, and puts replies on the wire with their transport faults.

use std::{
    convert::Infallible,
    future::pending,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header::CONTENT_LENGTH},
    response::Response,
    serve::Listener,
};
use tokio::net::{TcpListener, TcpStream};

use crate::{
    http::{Reply, Request},
    world::World,
};

/// A request body larger than this is refused.
const MAX_BODY: usize = 1 << 20;

/// Serves until the future is dropped.
pub(crate) async fn serve(listener: TcpListener, world: Arc<World>) -> std::io::Result<Infallible> {
    let listener = Counting { listener, world: world.clone() };
    let app = Router::new().fallback(handle).with_state(world);
    axum::serve(listener, app).await?;
    pending().await
}

struct Counting {
    listener: TcpListener,
    world: Arc<World>,
}

impl Listener for Counting {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        self.world.connections.fetch_add(1, Ordering::Relaxed);
        // Small answers must not wait for the peer's acknowledgement.
        stream.set_nodelay(true).ok();
        (stream, address)
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

async fn handle(State(world): State<Arc<World>>, request: axum::extract::Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return respond(Reply::text(413, "the request body is too large"));
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
    let reply = world.answer(&request);
    if reply.wire.never_answer {
        pending::<()>().await;
    }
    if !reply.wire.delay.is_zero() {
        tokio::time::sleep(reply.wire.delay).await;
    }
    respond(reply)
}

fn respond(reply: Reply) -> Response {
    let mut bytes = reply.body.into_bytes();
    let length = bytes.len();
    let body = if reply.wire.close_early {
        bytes.truncate(length / 2);
        Body::new(Half(Some(Bytes::from(bytes))))
    } else if reply.wire.padding > 0 {
        Body::new(Padded { spaces: reply.wire.padding, rest: Some(Bytes::from(bytes)) })
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
    if reply.wire.close_early {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}

/// A body that breaks off: what there is, then an error, which makes the server close the connection.
struct Half(Option<Bytes>);

impl http_body::Body for Half {
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

/// Spaces, then the body: chunk by chunk and without a Content-Length, so that a client must count for itself.
struct Padded {
    spaces: usize,
    rest: Option<Bytes>,
}

static SPACES: [u8; 65_536] = [b' '; 65_536];

impl http_body::Body for Padded {
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
