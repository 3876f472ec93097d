//! A small host application: it is launched from the EHR, pulls one patient's values for a study record, lets the user adjudicate
//! them, and saves the accepted ones. This file has the sign-in and `study.rs` the pull. `http.rs` and `pages.rs` replace a web
//! framework.
//!
//! ```text
//! cargo run --example ehr_launch -- --config config.json --mapping demo/mapping.csv \
//!     --patient-file visits.json --record-folder records
//! ```
//!
//! It prints its URL, which is both launch URL and redirect URI. `make demo-rust` runs it with a simulated EHR and a browser.
#![allow(clippy::print_stdout, clippy::print_stderr)] // The command prints its results.

mod http;
mod options;
mod pages;
mod study;

use fhir_ehr::{Client, Config, LaunchResult, Owner, Result, SignIn, escape_for_display, random_text};
use http::{Reply, Request};
use options::Options;
use std::{
    collections::HashMap,
    io::{self, Read},
    net::{TcpListener, TcpStream},
    process::ExitCode,
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::Duration,
};
use study::Study;

/// An error that ends the program.
type Fatal = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let ended = Options::read(std::env::args().skip(1)).and_then(run);
    if let Err(error) = &ended {
        eprintln!("ehr_launch: {error}");
    }
    if ended.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(options: Options) -> std::result::Result<(), Fatal> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("http://{}/callback", listener.local_addr()?);
    println!("application: {address}");
    let (end, ended) = mpsc::channel();
    if options.stop_with_stdin {
        let end = end.clone();
        thread::spawn(move || {
            let closed = io::copy(&mut io::stdin().lock(), &mut io::sink()).map(drop);
            end.send(closed.map_err(Fatal::from))
        });
    }
    thread::spawn(move || end.send(serve(&listener, address, options)));
    ended.recv()?
}

/// Serves browsers, each connection in its own thread. They share one [`Client`].
fn serve(listener: &TcpListener, address: String, options: Options) -> std::result::Result<(), Fatal> {
    // The configuration is read at the first request. In the demo, the EHR writes it and starts after the application, because it
    // needs the application's URL.
    let first = listener.accept()?.0;
    // AllowAll: this example has one user, who may do everything. A real application implements `Access`.
    let client =
        Client::with_embedded_store(Config::from_file(&options.config)?, Box::new(fhir_ehr::AllowAll))?;
    let study = Study::open(&options, &client)?;
    let app =
        Arc::new(Application { client, study, address, login: options.login, sessions: Mutex::default() });
    for stream in [Ok(first)].into_iter().chain(listener.incoming()) {
        let (app, stream) = (app.clone(), stream?);
        thread::spawn(move || {
            if let Err(error) = app.talk(stream) {
                eprintln!("ehr_launch: a connection failed: {}", error.kind());
            }
        });
    }
    Ok(())
}

/// The application's session of a browser.
#[derive(Clone, Default)]
struct Session {
    /// The handover of a launch that waits for the application's own login.
    handover: Option<String>,
    /// The user's sign-in.
    signed_in: Option<SignIn>,
}

struct Application {
    client: Client,
    study: Study,
    /// Launch URL and redirect URI.
    address: String,
    /// The application's own user and password.
    login: (String, String),
    sessions: Mutex<HashMap<String, Session>>,
}

impl Application {
    fn talk(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        stream.set_write_timeout(Some(Duration::from_secs(10)))?;
        let request = http::read(&mut (&stream).take(http::LIMIT))?;
        let reply = self.answer(&request).unwrap_or_else(|error| {
            // An error contains no token, secret or patient data, so it can be logged and shown.
            eprintln!("ehr_launch: {}: {}", error.code().name(), error.message());
            pages::error(if error.code().owner() == Owner::You { 400 } else { 502 }, &error)
        });
        http::write(&mut stream, &reply)
    }

    fn answer(&self, request: &Request) -> Result<Reply> {
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/callback") => self.launch_or_callback(request),
            ("POST", "/login") => self.own_login(request),
            ("GET", "/record") => self.record(request, None),
            ("POST", "/record") => self.record(request, Some(request.values("accept"))),
            _ => Ok(pages::message(404, "Not found", "This page does not exist.")),
        }
    }

    /// Handles a launch from the EHR, or the callback of its authorization server.
    fn launch_or_callback(&self, request: &Request) -> Result<Reply> {
        let (id, session) = match self.session_of(request) {
            Some(known) => known,
            None => (random_text()?, Session::default()),
        };
        Ok(match self.client.handle_launch(&request.query, &id, &self.address)? {
            LaunchResult::Redirect(to) => {
                self.sessions().insert(id.clone(), session);
                Reply::redirect(302, &to).with_cookie(&id)
            }
            LaunchResult::Form(form) => {
                self.sessions().insert(id.clone(), session);
                pages::authorize_form(&form).with_cookie(&id)
            }
            LaunchResult::LoginRequired { handover, ehr_user, .. } => {
                // The handover stays on the server. The browser has only the session id.
                self.sessions().insert(id.clone(), Session { handover: Some(handover), ..session });
                pages::login(ehr_user.as_deref(), None).with_cookie(&id)
            }
            LaunchResult::SignedIn(signed_in) => self.enter(&id, signed_in)?,
        })
    }

    /// The application's own login. It is required once: then the EHR user is linked to the application user.
    fn own_login(&self, request: &Request) -> Result<Reply> {
        let Some((id, Session { handover: Some(handover), .. })) = self.session_of(request) else {
            return Ok(pages::message(400, "No launch", "Open the application from the EHR."));
        };
        let (user, password) = (request.value("user"), request.value("password"));
        if (user, password) != (&self.login.0, &self.login.1) {
            return Ok(pages::login(None, Some("The user name or password is incorrect.")));
        }
        let signed_in = self.client.finish_login(&handover, &id, user)?;
        self.enter(&id, signed_in)
    }

    /// Starts a new session after a sign-in, and redirects to a URL without the authorization code.
    fn enter(&self, old: &str, signed_in: SignIn) -> Result<Reply> {
        let id = random_text()?;
        self.sessions().remove(old);
        self.sessions().insert(id.clone(), Session { handover: None, signed_in: Some(signed_in) });
        Ok(Reply::redirect(303, "/record").with_cookie(&id))
    }

    /// The record of the patient in the EHR's chart. A GET pulls and shows its values; a POST saves the values that the user accepted.
    fn record(&self, request: &Request, accept: Option<Vec<String>>) -> Result<Reply> {
        let Some((_, Session { signed_in: Some(signed_in), .. })) = self.session_of(request) else {
            return Ok(pages::message(403, "Not signed in", "Open the application from the EHR."));
        };
        let patient = signed_in.context.patient.as_deref();
        let Some(visit) = patient.and_then(|id| self.study.visit_of(id)) else {
            return Ok(pages::message(404, "Not in the study", "The study has no record for this patient."));
        };
        let Some(accept) = accept else {
            let (rows, report) = self.study.pull(&self.client, &signed_in, visit)?;
            println!("record {}: {} values pulled", visit.record, rows.len());
            return Ok(pages::adjudication(visit, &rows, &report));
        };
        let (rows, saved) = self.study.save(&self.client, &signed_in.user, visit, &accept)?;
        println!("record {}: {saved} values saved by {}", visit.record, escape_for_display(&signed_in.user));
        Ok(pages::saved(visit, &rows, &accept, saved))
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn session_of(&self, request: &Request) -> Option<(String, Session)> {
        self.sessions().get_key_value(request.session.as_deref()?).map(|(id, one)| (id.clone(), one.clone()))
    }
}
