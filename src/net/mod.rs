//! The only place that touches tokio and reqwest: one exchange, retries, deadlines, TLS.
//!
//! The host's thread is the only thread that runs our code (pitfall 2). An engine (a
//! current-thread runtime with its connections) is made at the first request and tagged with the
//! process id; a forked child forgets what it inherited. Nothing happens on the network between two
//! calls of [`Session::next_answer`], and the time a host spends in hooks between them does not count.

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

/// What stays of the network between calls: idle engines, one for each thread that has called.
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
    /// For token requests: a stale kept-alive connection may swallow a POST.
    fresh: reqwest::Client,
}

impl Network {
    /// Nothing is opened here.
    pub fn new(limits: Limits, tls: &TlsConfig, base: Option<&std::path::Path>) -> Self {
        let ca_file =
            tls.ca_file.as_ref().map(|file| base.map_or_else(|| file.clone(), |base| base.join(file)));
        Network { limits, ca_file, proxy: Proxy::default(), idle: Mutex::new(Vec::new()) }
    }

    /// The same through another proxy than the environment's.
    pub fn with_proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = proxy;
        self
    }

    fn engine(&self) -> Result<Engine> {
        let pid = std::process::id();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(engine) = idle.pop() {
            if engine.pid == pid {
                return Ok(engine);
            }
            // Inherited over a fork: its sockets are the parent's, dropping it would shut them down.
            std::mem::forget(engine);
        }
        drop(idle);
        let internal = |what: &str| Error::new(Code::Internal).detail(what.to_owned());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .thread_keep_alive(Duration::from_secs(1))
            .build()
            .map_err(|_| internal("no runtime"))?;
        let tls = tls::config(self.ca_file.as_deref(), None)?;
        let client = |idle_connections| self.http_client(tls.clone(), idle_connections);
        Ok(Engine { pid, runtime, pooled: client(self.limits.concurrency)?, fresh: client(0)? })
    }

    fn http_client(&self, tls: rustls::ClientConfig, idle_connections: usize) -> Result<reqwest::Client> {
        let builder = reqwest::Client::builder().no_proxy();
        let builder = match self.proxy.rule()? {
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
            .map_err(|_| Error::new(Code::Internal).detail("no HTTP client"))
    }

    /// A client for one request with a client certificate. It keeps no connection: a connection belongs to its certificate.
    fn client_with(&self, identity: &TlsIdentity) -> Result<reqwest::Client> {
        self.http_client(tls::config(self.ca_file.as_deref(), Some(identity))?, 0)
    }

    /// How many certificates the configured file of authorities holds; `None`: the system's are trusted.
    ///
    /// # Errors
    /// Within it [`Code::TlsFailed`] when the file cannot be used.
    pub fn ca_certificates(&self) -> Option<Result<usize>> {
        self.ca_file.as_deref().map(tls::count)
    }

    /// Begins some exchanges that share a deadline.
    ///
    /// # Errors
    /// [`Code::TlsFailed`] when the trusted certificates cannot be read.
    pub fn session(&self, total: Duration) -> Result<Session<'_>> {
        Ok(Session {
            network: self,
            engine: Some(self.engine()?),
            tasks: JoinSet::new(),
            flights: HashMap::new(),
            waited: Duration::ZERO,
            total,
            next_ticket: 0,
            sent: 0,
            large_body: Arc::new(Semaphore::new(1)),
        })
    }

    /// One exchange by itself.
    ///
    /// # Errors
    /// As [`Session::next_answer`].
    pub fn one(&self, request: Request) -> Result<Response> {
        self.one_in_slices(|| Ok(request.clone()), || Ok(Duration::MAX))
    }

    /// One exchange whose request is made again for each attempt, and whose wait is cut into slices, so that the caller can do something in between.
    ///
    /// `slice` says how long the next wait may be. It is called before anything is sent, and again after
    /// each wait that brought no answer; never while the network is waited for. Its error ends the exchange.
    ///
    /// # Errors
    /// As [`Session::next_answer`], and those of `make` and `slice`.
    pub fn one_in_slices(
        &self,
        mut make: impl FnMut() -> Result<Request>,
        mut slice: impl FnMut() -> Result<Duration>,
    ) -> Result<Response> {
        let limit = Duration::from_secs(self.limits.request_seconds);
        let mut session = self.session(limit.saturating_mul(self.limits.retries + 1))?;
        let mut most = slice()?;
        session.send(make()?);
        loop {
            match session.step(most) {
                Step::Answer(_, answer) => return answer,
                Step::Nothing => return Err(Error::new(Code::Internal)),
                Step::NotYet => most = slice()?,
                Step::Retry(flight, delay) => {
                    session.launch(flight.ticket, make()?, flight.attempt + 1, delay)
                }
            }
        }
    }
}

/// What one wait came to.
enum Step {
    /// An answer, or an error in its place.
    Answer(Ticket, Result<Response>),
    /// No answer for the caller yet.
    NotYet,
    /// The request is to be sent again after a wait.
    Retry(Box<Flight>, Duration),
    /// Nothing is under way.
    Nothing,
}

/// Names one request of a session.
pub type Ticket = u64;

struct Flight {
    ticket: Ticket,
    request: Request,
    attempt: u32,
    /// In time waited by the session.
    deadline: Duration,
    abort: AbortHandle,
}

/// Exchanges under way.
pub struct Session<'a> {
    network: &'a Network,
    engine: Option<Engine>,
    tasks: JoinSet<Result<Response>>,
    flights: HashMap<Id, Flight>,
    /// Time spent inside [`Session::next_answer`].
    waited: Duration,
    total: Duration,
    next_ticket: Ticket,
    sent: usize,
    /// Whoever receives a large body holds it. An answer must be dropped before the next one is waited for.
    large_body: Arc<Semaphore>,
}

impl Session<'_> {
    /// Puts a request on its way; it moves while [`Session::next_answer`] waits.
    pub fn send(&mut self, request: Request) -> Ticket {
        self.next_ticket += 1;
        self.launch(self.next_ticket, request, 0, Duration::ZERO);
        self.next_ticket
    }

    /// How many requests were sent, each try counted.
    pub fn sent(&self) -> usize {
        self.sent
    }

    fn launch(&mut self, ticket: Ticket, request: Request, attempt: u32, delay: Duration) {
        let Some(engine) = &self.engine else { return };
        self.sent += 1;
        let client = match &request.tls_identity {
            Some(identity) => self.network.client_with(identity),
            None if request.is_read() => Ok(engine.pooled.clone()),
            None => Ok(engine.fresh.clone()),
        };
        let most_bytes = self.network.limits.response_bytes;
        let (sent_request, large_body) = (request.clone(), self.large_body.clone());
        let work = async move { exchange::run(client?, sent_request, most_bytes, large_body, delay).await };
        let abort = self.tasks.spawn_on(work, engine.runtime.handle());
        let own = self.waited + delay + Duration::from_secs(self.network.limits.request_seconds);
        let flight = Flight { ticket, request, attempt, deadline: own.min(self.total), abort: abort.clone() };
        self.flights.insert(abort.id(), flight);
    }

    /// Waits for the next answer; `None` when nothing is under way. An answer of the server is an
    /// answer, whatever its status; what can pass by itself has been tried again.
    ///
    /// # Errors
    /// In the answer's place: [`Code::NetworkUnreachable`], [`Code::NetworkInterrupted`], [`Code::NetworkTimeout`],
    /// [`Code::TlsFailed`], [`Code::ResponseTooLarge`], [`Code::RedirectRefused`].
    pub fn next_answer(&mut self) -> Option<(Ticket, Result<Response>)> {
        loop {
            match self.step(Duration::MAX) {
                Step::Answer(ticket, answer) => return Some((ticket, answer)),
                Step::NotYet => {}
                Step::Retry(flight, delay) => {
                    self.launch(flight.ticket, flight.request, flight.attempt + 1, delay);
                }
                Step::Nothing => return None,
            }
        }
    }

    /// Waits once, at most for `most`.
    fn step(&mut self, most: Duration) -> Step {
        let Some(deadline) = self.flights.values().map(|flight| flight.deadline).min() else {
            return Step::Nothing;
        };
        let Some(engine) = self.engine.as_ref() else { return Step::Nothing };
        let patience = deadline.saturating_sub(self.waited).min(most);
        let began = Instant::now();
        let tasks = &mut self.tasks;
        let ended = engine
            .runtime
            .block_on(async { tokio::time::timeout(patience, tasks.join_next_with_id()).await });
        self.waited += began.elapsed();
        match ended {
            Err(_elapsed) => self.take_overdue(),
            Ok(None) => Step::Nothing,
            Ok(Some(Ok((id, answer)))) => self.judge(id, answer),
            Ok(Some(Err(failed))) => {
                self.judge(failed.id(), Err(Error::new(Code::Internal).detail("a request failed")))
            }
        }
    }

    /// Delivers the result of a flight, or says that its request is sent again.
    fn judge(&mut self, id: Id, answer: Result<Response>) -> Step {
        // A flight that was aborted for its deadline is no longer in the map.
        let Some(flight) = self.flights.remove(&id) else { return Step::NotYet };
        match retry::decide(&flight.request, &answer, flight.attempt, &self.network.limits) {
            retry::Decision::Deliver => return Step::Answer(flight.ticket, answer),
            // The wait that the server asks for is longer than what is left, so its own answer is delivered.
            retry::Decision::Again(delay) if self.waited.saturating_add(delay) >= self.total => {
                return Step::Answer(flight.ticket, answer);
            }
            retry::Decision::NextAccept => {
                let request = flight.request.with_next_accept();
                self.launch(flight.ticket, request, flight.attempt, Duration::ZERO);
            }
            retry::Decision::Again(delay) => return Step::Retry(Box::new(flight), delay),
        }
        Step::NotYet
    }

    fn take_overdue(&mut self) -> Step {
        let waited = self.waited;
        let overdue = self.flights.iter().find(|(_, flight)| flight.deadline <= waited).map(|(id, _)| *id);
        let Some(flight) = overdue.and_then(|id| self.flights.remove(&id)) else { return Step::NotYet };
        flight.abort.abort();
        Step::Answer(flight.ticket, Err(Error::new(Code::NetworkTimeout)))
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
                // A plain drop would wait for a name lookup that hangs.
                engine.runtime.shutdown_background();
            } else {
                std::mem::forget(engine);
            }
        }
    }
}
