//! `sign-out` and `remove-user`: remove stored sign-ins and revoke their tokens.

use crate::{
    args::{RemoveUserArgs, SignOutArgs},
    context,
    failure::Failure,
    output,
    table::{table, time},
};
use fhir_ehr::{Client, Error, SignedOutGrant};
use std::process::ExitCode;

/// The user that the access hook is asked about. It allows every user.
const OPERATOR: &str = "operator";

const HEADER: [&str; 5] =
    ["source", "refresh token", "access token", "access token valid until", "retried until"];

/// Runs `sign-out`.
pub(crate) fn sign_out(args: &SignOutArgs) -> Result<ExitCode, Failure> {
    let client = context::client(&args.config)?;
    let ended = match (&args.user, &args.source) {
        (Some(user), Some(source)) => client.sign_out_user(OPERATOR, user, source)?,
        (Some(user), None) => everywhere(&client, user)?,
        (None, source) => client.sign_out_system_account(OPERATOR, source.as_deref().unwrap_or_default())?,
    };
    print(&ended, args.json.then(|| serde_json::json!({ "grants": ended })), String::new())
}

fn everywhere(client: &Client, user: &str) -> Result<Vec<SignedOutGrant>, Error> {
    let sources: Vec<String> = client.sources().iter().map(|source| source.id.clone()).collect();
    let mut ended = Vec::new();
    for source in sources {
        ended.extend(client.sign_out_user(OPERATOR, user, &source)?);
    }
    Ok(ended)
}

/// Runs `remove-user`.
pub(crate) fn remove_user(args: &RemoveUserArgs) -> Result<ExitCode, Failure> {
    let removal = context::client(&args.config)?.remove_user(OPERATOR, &args.user)?;
    let json = if args.json { Some(serde_json::json!(removal)) } else { None };
    print(&removal.grants, json, format!("user links removed: {}\n", removal.links))
}

/// Prints the result. The exit status is 1 if a token may still be valid at the EHR, except for an access token that the EHR does
/// not revoke (O5).
fn print(
    ended: &[SignedOutGrant],
    json: Option<serde_json::Value>,
    more: String,
) -> Result<ExitCode, Failure> {
    let out = match json {
        Some(json) => output::json(&json)?,
        None => (text(ended) + &more).into_bytes(),
    };
    output::print(&out)?;
    Ok(if ended.iter().all(SignedOutGrant::is_complete) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn text(ended: &[SignedOutGrant]) -> String {
    let rows: Vec<Vec<String>> = ended
        .iter()
        .map(|grant| {
            vec![
                grant.source.clone(),
                grant.refresh_token.name().to_owned(),
                grant.access_token.name().to_owned(),
                time(grant.access_token_valid_until),
                time(grant.retry_until),
            ]
        })
        .collect();
    let mut text = if rows.is_empty() { String::new() } else { table(&HEADER, &rows) };
    for message in ended.iter().filter_map(|grant| grant.message.as_deref()) {
        text.push_str(&output::safe(message));
        text.push('\n');
    }
    text.push_str(&format!("sign-ins removed: {}\n", ended.len()));
    text
}
