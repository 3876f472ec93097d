//! `login`: a standalone sign-in whose redirect URI is a loopback address of this computer.

use crate::{
    args::LoginArgs,
    context,
    failure::Failure,
    loopback::{self, CallbackRequest},
    output::{self, note, safe},
};
use fhir_ehr::{Client, Code, Error, LaunchContext, LaunchQuery, LaunchResult, SignIn, random_text};
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
        None => loopback::registered(source)?,
    };
    let (listener, redirect_uri) = loopback::listen(&uri)?;
    let session = random_text()?;
    let address = url_of(client.start_sign_in(&args.source, &args.user, &session, redirect_uri.as_str())?)?;
    let path = Url::parse(&redirect_uri).map_or_else(|_| "/".to_owned(), |url| url.path().to_owned());
    let callbacks = loopback::serve(listener, path);
    output::print(format!("{address}\n").as_bytes())?;
    note(&format!(
        "Open this URL in a browser on this computer and sign in. This command waits {} seconds for you to finish.",
        args.timeout
    ));
    let deadline = Instant::now() + Duration::from_secs(args.timeout.into());
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let Ok(callback) = callbacks.recv_timeout(left) else {
            return Err(Error::new(Code::LaunchExpired)
                .detail(format!("the sign-in was not finished within {} seconds", args.timeout))
                .into());
        };
        if let Some(done) = answer_callback(&client, args, &session, &redirect_uri, callback) {
            let signed_in = done?;
            note(&format!("{} is signed in to {}.", safe(&signed_in.user), safe(&signed_in.source)));
            warn_about_scopes(&signed_in.context);
            return Ok(ExitCode::SUCCESS);
        }
    }
}

/// Says which scopes the EHR did not grant, and that a refresh token is missing.
fn warn_about_scopes(context: &LaunchContext) {
    for (scopes, what) in [
        (&context.missing_scopes, "did not grant"),
        (&context.partly_granted_scopes, "granted only a part of"),
    ] {
        if !scopes.is_empty() {
            note(&format!("warning: The EHR {what} these scopes: {}", safe(&scopes.join(" "))));
        }
    }
    if context.refresh_token_missing {
        note(
            "warning: A refresh token was requested and did not arrive. This sign-in ends with its access token. Ask the EHR \
             team to allow refresh tokens for this registration.",
        );
    }
}

/// The URL to open. A person can open a URL but not submit a form, so a source with `authorize_method` `post` gets the same parameters in
/// a URL. SMART requires servers to accept both.
fn url_of(started: LaunchResult) -> Result<String, Error> {
    match started {
        LaunchResult::Redirect(url) => Ok(url),
        LaunchResult::Form(form) => {
            let mut url = Url::parse(&form.url).map_err(|_| Error::new(Code::Internal))?;
            url.query_pairs_mut().extend_pairs(&form.fields);
            Ok(url.into())
        }
        _ => Err(Error::new(Code::Internal).detail("a sign-in gave neither a URL nor a form")),
    }
}

/// Answers one callback. `None` means that it does not belong to this sign-in, so the command waits for another one.
fn answer_callback(
    client: &Client,
    args: &LoginArgs,
    session: &str,
    redirect_uri: &str,
    callback: CallbackRequest,
) -> Option<Result<SignIn, Error>> {
    match finish_sign_in(client, args, session, redirect_uri, &callback.query) {
        Ok(signed_in) => {
            callback.reply("200 OK", "You are signed in", "You can close this window.");
            Some(Ok(signed_in))
        }
        Err(error) => {
            let title = "The sign-in failed";
            callback.reply(
                "400 Bad Request",
                title,
                &format!("{} You can close this window.", error.message()),
            );
            if is_unrelated(error.code()) {
                note(&format!(
                    "A request that does not belong to this sign-in was refused: {}.",
                    error.code().name()
                ));
                return None;
            }
            Some(Err(error))
        }
    }
}

fn finish_sign_in(
    client: &Client,
    args: &LoginArgs,
    session: &str,
    redirect_uri: &str,
    query: &str,
) -> Result<SignIn, Error> {
    // An EHR cannot launch this command, so a launch request here is a mistake or an attack. It must not start a sign-in.
    if let LaunchQuery::Launch { .. } = LaunchQuery::parse(query)? {
        return Err(
            Error::new(Code::LaunchAmbiguous).detail("a launch request came instead of a sign-in callback")
        );
    }
    match client.handle_launch(query, session, redirect_uri)? {
        LaunchResult::SignedIn(signed_in) => Ok(signed_in),
        LaunchResult::LoginRequired { handover, .. } => client.finish_login(&handover, session, &args.user),
        LaunchResult::Redirect(_) | LaunchResult::Form(_) => {
            Err(Error::new(Code::Internal).detail("a callback gave a redirect"))
        }
    }
}

/// Whether the request does not belong to the current sign-in: anyone could have sent it, so it must not end the wait.
fn is_unrelated(code: Code) -> bool {
    matches!(
        code,
        Code::LaunchAmbiguous
            | Code::LaunchEmpty
            | Code::StateMissing
            | Code::StateUnknown
            | Code::StateForeign
    )
}
