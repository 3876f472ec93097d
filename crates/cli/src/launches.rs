//! `launches`: lists the launches of the last days, with what arrived in each.

use crate::{args::ListArgs, context, failure::Failure, output, table::table};
use fhir_ehr::LaunchLogEntry;
use jiff::Timestamp;
use std::process::ExitCode;

const HEADER: [&str; 11] = [
    "time",
    "source",
    "kind",
    "outcome",
    "launches",
    "access",
    "refresh",
    "patient",
    "encounter",
    "user",
    "handoffs",
];

/// Runs the command.
pub(crate) fn run(args: &ListArgs) -> Result<ExitCode, Failure> {
    let launches = context::client(&args.config)?.launches(&args.user)?;
    let out = if args.json {
        output::json(&serde_json::json!({ "launches": launches }))?
    } else {
        table(&HEADER, &launches.iter().map(row).collect::<Vec<_>>()).into_bytes()
    };
    output::print(&out)?;
    Ok(ExitCode::SUCCESS)
}

fn row(entry: &LaunchLogEntry) -> Vec<String> {
    let arrived = |is_there: bool| if is_there { "yes" } else { "no" }.to_owned();
    let or_unknown = |text: Option<&str>| text.unwrap_or("-").to_owned();
    let refresh =
        if entry.refresh_token_missing { "missing".to_owned() } else { arrived(entry.refresh_token) };
    let handoffs = entry.handoffs.iter().map(|handoff| {
        let state = if handoff.redeemed_at.is_some() { "redeemed" } else { "not redeemed" };
        format!("{} ({state})", handoff.url)
    });
    vec![
        Timestamp::from_second(entry.at).map_or_else(|_| entry.at.to_string(), |time| time.to_string()),
        or_unknown(entry.source.as_deref()),
        or_unknown(entry.kind.map(fhir_ehr::LaunchKind::name)),
        entry.error.clone().unwrap_or_else(|| entry.outcome.name().to_owned()),
        entry.count.to_string(),
        arrived(entry.access_token),
        refresh,
        arrived(entry.patient),
        arrived(entry.encounter),
        arrived(entry.ehr_user),
        handoffs.collect::<Vec<_>>().join(", "),
    ]
}
