//! HTTP: requests, retries, deadlines, proxies and TLS. The only module that uses tokio and reqwest.
//!
//! The library's code runs only on the host's thread (pitfall 2). An engine, which is a current-thread runtime with its
//! connections, is created for the first request and is tagged with the process id. After a fork, the child does not use the
//! parent's engines. Between two calls of [`Session::next_answer`] nothing is sent or received, and the time that a host
//! spends in hooks does not count toward a deadline.

pub mod charset;
mod exchange;
mod proxy;
mod retry;
mod tls;

pub use exchange::{Authorization, Body, Request, Response};
pub use proxy::Proxy;
pub use retry::retry_after;
pub use tls::TlsIdentity;

use crate::{
    config::{Limits, TlsConfig},
    error::{Code, Error, Result},
};
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    runtime::Runtime,
    sync::Semaphore,
    task::{AbortHandle, Id, JoinSet},
};

/// The network settings and the idle engines. Each thread that sends a request at the same time needs one engine.
pub struct Network {
    limits: Limits,
    ca_file: Option<PathBuf>,
    proxy: Proxy,
    idle: Mutex<Vec<Engine>>,
}

struct Engine {
    pid: u32,
    runtime: Runtime,
    pooled: reqwest::Client,
    /// For token requests. It opens a new connection each time, because a POST on an old connection may get lost.
    fresh: reqwest::Client,
}

impl Network {
    /// The network with these limits and certificates. No connection or file is opened. `base` is the folder where a relative
    /// path of `tls` starts.
    pub fn new(limits: Limits, tls: &TlsConfig, base: Option<&std::path::Path>) -> Self {
        let ca_file =
            tls.ca_file.as_ref().map(|file| base.map_or_else(|| file.clone(), |base| base.join(file)));
        Network { limits, ca_file, proxy: Proxy::default(), idle: Mutex::new(Vec::new()) }
    }

    /// The same network with a proxy setting. The default is [`Proxy::Environment`].
    pub fn with_proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = proxy;
        self
    }

    fn take_engine(&self) -> Result<Engine> {
        let pid = std::process::id();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(engine) = idle.pop() {
            if engine.pid == pid {
                return Ok(engine);
            }
            // The engine was inherited by a fork. Dropping it would close the parent's connections.
            std::mem::forget(engine);
        }
        drop(idle);
        let internal = |what: &str| Error::new(Code::Internal).detail(what.to_owned());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .thread_keep_alive(Duration::from_secs(1))
            .build()
            .map_err(|_| internal("the runtime cannot be created"))?;
        let tls = tls::config(self.ca_file.as_deref(), None)?;
        let client = |idle_connections| self.http_client(tls.clone(), idle_connections);
        Ok(Engine { pid, runtime, pooled: client(self.limits.concurrency)?, fresh: client(0)? })
    }

    fn http_client(&self, tls: rustls::ClientConfig, idle_connections: usize) -> Result<reqwest::Client> {
        let builder = reqwest::Client::builder().no_proxy();
        let builder = match self.proxy.reqwest_proxy()? {
            Some(proxy) => builder.proxy(proxy),
            None => builder,
        };
        builder
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(self.limits.connect_seconds))
            .pool_idle_timeout(Duration::from_secs(15))
            .pool_max_idle_per_host(idle_connections)
            .user_agent(concat!("fhir_ehr/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| Error::new(Code::Internal).detail("the HTTP client cannot be created"))
    }

    /// A client for requests with one client certificate only, because a connection belongs to its certificate.
    fn client_with(&self, identity: &TlsIdentity, idle_connections: usize) -> Result<reqwest::Client> {
        self.http_client(tls::config(self.ca_file.as_deref(), Some(identity))?, idle_connections)
    }

    /// The number of certificates in `tls.ca_file`, or `None` if the system's certificates are trusted.
    ///
    /// # Errors
    /// [`Code::TlsFailed`] if the file cannot be used.
    pub fn count_ca_certificates(&self) -> Option<Result<usize>> {
        self.ca_file.as_deref().map(tls::count_certificates)
    }

    /// Begins a session: several requests that share one deadline. `total` is the time that the session may wait for the
    /// network.
    ///
    /// # Errors
    /// [`Code::TlsFailed`] if the trusted certificates cannot be read.
    pub fn session(&self, total: Duration) -> Result<Session<'_>> {
        Ok(Session {
            network: self,
            engine: Some(self.take_engine()?),
            tasks: JoinSet::new(),
            pending: HashMap::new(),
            waited: Duration::ZERO,
            total,
            next_ticket: 0,
            sent: 0,
            with_certificate: None,
            large_body: Arc::new(Semaphore::new(1)),
        })
    }

    /// Sends one request and waits for its response.
    ///
    /// # Errors
    /// As [`Session::next_answer`].
    pub fn exchange(&self, request: Request) -> Result<Response> {
        self.exchange_in_slices(|| Ok(request.clone()), || Ok(Duration::MAX))
    }

    /// A GET for a discovery document, with its own limit for all tries together.
    ///
    /// # Errors
    /// As [`Session::next_answer`].
    pub fn discovery_document(&self, request: Request) -> Result<Response> {
        let mut session = self.session(Duration::from_secs(self.limits.discovery_seconds))?;
        session.send(request);
        session.next_answer().map_or_else(|| Err(Error::new(Code::Internal)), |(_, answer)| answer)
    }

    /// Sends one request and waits for its response in slices, so that the caller can work between two slices. `make` makes the
    /// request, again for each attempt.
    ///
    /// `next_slice` returns the maximum length of the next wait. It is called before the request is sent, and after each wait
    /// without a response; never during a wait. If it returns an error, the exchange ends.
    ///
    /// # Errors
    /// As [`Session::next_answer`], and the errors of `make` and `next_slice`.
    pub fn exchange_in_slices(
        &self,
        mut make: impl FnMut() -> Result<Request>,
        mut next_slice: impl FnMut() -> Result<Duration>,
    ) -> Result<Response> {
        let limit = Duration::from_secs(self.limits.request_seconds);
        let mut session = self.session(limit.saturating_mul(self.limits.retries + 1))?;
        let mut max_wait = next_slice()?;
        session.send(make()?);
        loop {
            match session.wait_once(max_wait) {
                WaitResult::Answer(_, answer) => return answer,
                WaitResult::NoRequests => return Err(Error::new(Code::Internal)),
                WaitResult::NoAnswerYet => max_wait = next_slice()?,
                WaitResult::Retry(pending, delay) => {
                    session.start(pending.ticket, make()?, pending.attempt + 1, delay);
                }
            }
        }
    }
}

/// The result of one wait.
enum WaitResult {
    /// The response to a request, or the error instead of it.
    Answer(Ticket, Result<Response>),
    /// No response for the caller yet.
    NoAnswerYet,
    /// The request is to be sent again after a delay.
    Retry(Box<PendingRequest>, Duration),
    /// The session has no request to wait for.
    NoRequests,
}

/// The number of a request within its session, from 1.
pub type Ticket = u64;

/// A request that was sent and has no response yet.
struct PendingRequest {
    ticket: Ticket,
    request: Request,
    /// How many times it was retried.
    attempt: u32,
    /// When the request times out, as a value of [`Session::waited`].
    deadline: Duration,
    abort: AbortHandle,
}

/// Requests that share one engine and one deadline.
pub struct Session<'a> {
    network: &'a Network,
    engine: Option<Engine>,
    tasks: JoinSet<Result<Response>>,
    pending: HashMap<Id, PendingRequest>,
    /// The time spent inside [`Session::next_answer`].
    waited: Duration,
    total: Duration,
    next_ticket: Ticket,
    sent: usize,
    /// The client for GET requests with a client certificate. No other session uses its connections.
    with_certificate: Option<(Arc<TlsIdentity>, reqwest::Client)>,
    /// Held by the response with a large body. The caller must drop that response before it waits for the next one.
    large_body: Arc<Semaphore>,
}

impl Session<'_> {
    /// Adds a request. It makes progress while [`Session::next_answer`] waits.
    pub fn send(&mut self, request: Request) -> Ticket {
        self.next_ticket += 1;
        self.start(self.next_ticket, request, 0, Duration::ZERO);
        self.next_ticket
    }

    /// The number of requests that were sent. Each retry counts.
    pub fn sent(&self) -> usize {
        self.sent
    }

    /// The client for GET requests with a client certificate.
    fn client_with(&mut self, identity: &Arc<TlsIdentity>) -> Result<reqwest::Client> {
        if let Some((known, client)) = &self.with_certificate
            && Arc::ptr_eq(known, identity)
        {
            return Ok(client.clone());
        }
        let client = self.network.client_with(identity, self.network.limits.concurrency)?;
        self.with_certificate = Some((identity.clone(), client.clone()));
        Ok(client)
    }

    fn start(&mut self, ticket: Ticket, request: Request, attempt: u32, delay: Duration) {
        let with_certificate = request.tls_identity.as_ref().map(|identity| {
            if request.is_get() { self.client_with(identity) } else { self.network.client_with(identity, 0) }
        });
        let Some(engine) = &self.engine else { return };
        self.sent += 1;
        let client = with_certificate
            .unwrap_or_else(|| Ok(if request.is_get() { &engine.pooled } else { &engine.fresh }.clone()));
        let max_bytes = self.network.limits.response_bytes;
        let (sent_request, large_body) = (request.clone(), self.large_body.clone());
        let exchange = async move {
            exchange::send_following_redirects(client?, sent_request, max_bytes, large_body, delay).await
        };
        let abort = self.tasks.spawn_on(exchange, engine.runtime.handle());
        let timeout = self.waited + delay + Duration::from_secs(self.network.limits.request_seconds);
        let deadline = timeout.min(self.total);
        self.pending
            .insert(abort.id(), PendingRequest { ticket, request, attempt, deadline, abort: abort.clone() });
    }

    /// Waits for the next response. Returns `None` if the session has no request to wait for. Temporary failures have been
    /// retried. A response is returned whatever its status is.
    ///
    /// # Errors
    /// Instead of a response: [`Code::NetworkUnreachable`], [`Code::NetworkInterrupted`], [`Code::NetworkTimeout`],
    /// [`Code::TlsFailed`], [`Code::ResponseTooLarge`], [`Code::RedirectRefused`].
    pub fn next_answer(&mut self) -> Option<(Ticket, Result<Response>)> {
        loop {
            match self.wait_once(Duration::MAX) {
                WaitResult::Answer(ticket, answer) => return Some((ticket, answer)),
                WaitResult::NoAnswerYet => {}
                WaitResult::Retry(pending, delay) => {
                    self.start(pending.ticket, pending.request, pending.attempt + 1, delay);
                }
                WaitResult::NoRequests => return None,
            }
        }
    }

    /// Waits once, for at most `max_wait`.
    fn wait_once(&mut self, max_wait: Duration) -> WaitResult {
        let Some(deadline) = self.pending.values().map(|request| request.deadline).min() else {
            return WaitResult::NoRequests;
        };
        let Some(engine) = self.engine.as_ref() else { return WaitResult::NoRequests };
        let timeout = deadline.saturating_sub(self.waited).min(max_wait);
        let began = Instant::now();
        let tasks = &mut self.tasks;
        let ended =
            engine.runtime.block_on(async { tokio::time::timeout(timeout, tasks.join_next_with_id()).await });
        self.waited += began.elapsed();
        match ended {
            Err(_elapsed) => self.time_out_overdue(),
            Ok(None) => WaitResult::NoRequests,
            Ok(Some(Ok((id, answer)))) => self.handle_result(id, answer),
            Ok(Some(Err(failed))) => {
                self.handle_result(failed.id(), Err(Error::new(Code::Internal).detail("a request failed")))
            }
        }
    }

    /// Returns the result of a request, or says that the request is sent again.
    fn handle_result(&mut self, id: Id, answer: Result<Response>) -> WaitResult {
        // A request that was aborted at its deadline is no longer in the map.
        let Some(pending) = self.pending.remove(&id) else { return WaitResult::NoAnswerYet };
        match retry::decide(&pending.request, &answer, pending.attempt, &self.network.limits) {
            retry::Decision::Return => return WaitResult::Answer(pending.ticket, answer),
            // The time that is left is too short for the retry, so the response of the server is returned.
            retry::Decision::RetryAfter(delay) if self.waited.saturating_add(delay) >= self.total => {
                return WaitResult::Answer(pending.ticket, answer);
            }
            retry::Decision::RetryWithNextAccept => {
                let request = pending.request.with_next_accept();
                self.start(pending.ticket, request, pending.attempt, Duration::ZERO);
            }
            retry::Decision::RetryAfter(delay) => return WaitResult::Retry(Box::new(pending), delay),
        }
        WaitResult::NoAnswerYet
    }

    /// Aborts one request whose deadline has passed, and returns its error.
    fn time_out_overdue(&mut self) -> WaitResult {
        let waited = self.waited;
        let overdue = self.pending.iter().find(|(_, request)| request.deadline <= waited).map(|(id, _)| *id);
        let Some(request) = overdue.and_then(|id| self.pending.remove(&id)) else {
            return WaitResult::NoAnswerYet;
        };
        request.abort.abort();
        WaitResult::Answer(request.ticket, Err(Error::new(Code::NetworkTimeout)))
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        let Some(engine) = self.engine.take() else { return };
        self.tasks.abort_all();
        if engine.pid == std::process::id() {
            self.network.idle.lock().unwrap_or_else(PoisonError::into_inner).push(engine);
        } else {
            std::mem::forget(engine);
        }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let pid = std::process::id();
        let idle = self.idle.get_mut().unwrap_or_else(PoisonError::into_inner);
        for engine in idle.drain(..) {
            if engine.pid == pid {
                // Without this, the drop would wait for a name lookup that hangs.
                engine.runtime.shutdown_background();
            } else {
                std::mem::forget(engine);
            }
        }
    }
}
