//! `links` and `unlink`: the links from EHR users to users of the application.

use crate::{
    args::{ListArgs, UnlinkArgs},
    context,
    failure::Failure,
    output::{self, note},
    table::table,
};
use fhir_ehr::UserLinkEntry;
use jiff::Timestamp;
use std::process::ExitCode;

const HEADER: [&str; 7] = ["id", "source", "EHR user", "key", "name", "application user", "since"];

/// Runs `links`.
pub(crate) fn run(args: &ListArgs) -> Result<ExitCode, Failure> {
    let links = context::client(&args.config)?.links(&args.user)?;
    let out = if args.json {
        output::json(&serde_json::json!({ "links": links }))?
    } else {
        table(&HEADER, &links.iter().map(row).collect::<Vec<_>>()).into_bytes()
    };
    output::print(&out)?;
    Ok(ExitCode::SUCCESS)
}

fn row(link: &UserLinkEntry) -> Vec<String> {
    let or_unknown = |text: Option<&String>| text.cloned().unwrap_or_else(|| "-".to_owned());
    let time = |at: i64| Timestamp::from_second(at).map_or_else(|_| at.to_string(), |time| time.to_string());
    let ehr_user = if link.damaged { "(damaged)".to_owned() } else { or_unknown(link.ehr_user.as_ref()) };
    vec![
        link.id.clone(),
        or_unknown(link.source.as_ref()),
        ehr_user,
        or_unknown(link.key.as_ref()),
        or_unknown(link.ehr_user_name.as_ref()),
        or_unknown(link.application_user.as_ref()),
        link.created_at.map_or_else(|| "-".to_owned(), time),
    ]
}

/// Runs `unlink`.
pub(crate) fn unlink(args: &UnlinkArgs) -> Result<ExitCode, Failure> {
    let client = context::client(&args.config)?;
    let mut ids = args.ids.clone();
    if let Some(user) = &args.application_user {
        let links = client.links(&args.user)?.into_iter();
        ids.extend(links.filter(|link| link.application_user.as_ref() == Some(user)).map(|link| link.id));
    }
    for id in &ids {
        client.unlink(&args.user, id)?;
    }
    note(&format!("{} links were removed.", ids.len()));
    Ok(ExitCode::SUCCESS)
}
