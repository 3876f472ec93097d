//! `login`: a standalone sign-in that comes back to a loopback address of this computer.

use crate::{
    args::LoginArgs,
    context,
    failure::Failure,
    loopback::{self, Callback},
    output::{self, note, safe},
};
use fhir_ehr::{Client, Code, Error, LaunchQuery, LaunchResult, SignIn, random_text};
use std::{
    process::ExitCode,
    time::{Duration, Instant},
};
use url::Url;

/// Runs the command.
pub(crate) fn run(args: &LoginArgs) -> Result<ExitCode, Failure> {
    let client = context::client(&args.config)?;
    let source = client.sources().by_id(&args.source)?;
    let uri = match &args.redirect_uri {
        Some(uri) => uri.clone(),
        None => loopback::registered(&source.registration)?,
    };
    let (listener, redirect_uri) = loopback::listen(&uri)?;
    let session = random_text()?;
    let address = client.sign_in(&args.source, &args.user, &session, &redirect_uri)?;
    let path = Url::parse(&redirect_uri).map_or_else(|_| "/".to_owned(), |url| url.path().to_owned());
    let callbacks = loopback::serve(listener, path);
    output::print(format!("{address}\n").as_bytes())?;
    note(&format!(
        "Open this address in a browser on this computer and sign in; waiting {} seconds for its return.",
        args.timeout
    ));
    let deadline = Instant::now() + Duration::from_secs(args.timeout.into());
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let Ok(callback) = callbacks.recv_timeout(left) else {
            return Err(Error::new(Code::LaunchExpired)
                .detail(format!("the browser did not come back within {} seconds", args.timeout))
                .into());
        };
        if let Some(done) = settle(&client, args, &session, &redirect_uri, callback) {
            let signed_in = done?;
            note(&format!("{} is signed in at {}", safe(&signed_in.user), safe(&signed_in.source)));
            return Ok(ExitCode::SUCCESS);
        }
    }
}

/// Answers one callback; `None` when it was not the one that is waited for.
fn settle(
    client: &Client,
    args: &LoginArgs,
    session: &str,
    redirect_uri: &str,
    callback: Callback,
) -> Option<Result<SignIn, Error>> {
    match arrive(client, args, session, redirect_uri, &callback.query) {
        Ok(signed_in) => {
            callback.reply("200 OK", "You are signed in", "You may close this window.");
            Some(Ok(signed_in))
        }
        Err(error) => {
            let title = "The sign-in did not succeed";
            callback.reply(
                "400 Bad Request",
                title,
                &format!("{} You may close this window.", error.message()),
            );
            if ends_nothing(error.code()) {
                note(&format!(
                    "refused a request that is not this sign-in's return: {}",
                    error.code().name()
                ));
                return None;
            }
            Some(Err(error))
        }
    }
}

fn arrive(
    client: &Client,
    args: &LoginArgs,
    session: &str,
    redirect_uri: &str,
    query: &str,
) -> Result<SignIn, Error> {
    // Nobody launches a command: such a request must not begin anything here.
    if let LaunchQuery::Launch { .. } = LaunchQuery::parse(query)? {
        return Err(Error::new(Code::LaunchAmbiguous).detail("a launch, where a sign-in's return is awaited"));
    }
    match client.handle_launch(query, session, redirect_uri)? {
        LaunchResult::SignedIn(signed_in) => Ok(signed_in),
        LaunchResult::LoginRequired { handover, .. } => client.finish_login(&handover, session, &args.user),
        LaunchResult::Redirect(_) => Err(Error::new(Code::Internal).detail("a callback led to a redirect")),
    }
}

/// Requests that anybody could have sent: they say nothing about the sign-in that is awaited.
fn ends_nothing(code: Code) -> bool {
    matches!(
        code,
        Code::LaunchAmbiguous
            | Code::LaunchEmpty
            | Code::StateMissing
            | Code::StateUnknown
            | Code::StateForeign
    )
}
