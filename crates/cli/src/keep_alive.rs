//! `keep-alive`: refreshes unused offline sign-ins, for a daily job.

use crate::{
    args::KeepAliveArgs,
    context,
    failure::Failure,
    output,
    table::{table, time},
};
use fhir_ehr::{KeepAliveOutcome, KeepAliveResult};
use std::process::ExitCode;

const HEADER: [&str; 5] = ["source", "user", "outcome", "last used", "error"];

/// Runs the command. Its exit status is 1 if a sign-in was due and was not refreshed.
pub(crate) fn run(args: &KeepAliveArgs) -> Result<ExitCode, Failure> {
    let kept = context::client(&args.config)?.keep_alive(&args.user)?;
    let out = if args.json { output::json(&kept)? } else { text(&kept).into_bytes() };
    output::print(&out)?;
    let all_refreshed = kept.count(KeepAliveOutcome::Refreshed) == kept.grants.len();
    Ok(if all_refreshed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn text(kept: &KeepAliveResult) -> String {
    let rows: Vec<Vec<String>> = kept
        .grants
        .iter()
        .map(|grant| {
            vec![
                grant.source.clone(),
                grant.user.clone(),
                grant.outcome.name().to_owned(),
                time(Some(grant.last_used_at)),
                grant.error.clone().unwrap_or_else(|| "-".to_owned()),
            ]
        })
        .collect();
    let mut text = if rows.is_empty() { String::new() } else { table(&HEADER, &rows) };
    for message in kept.grants.iter().filter_map(|grant| grant.message.as_deref()) {
        text.push_str(&output::safe(message));
        text.push('\n');
    }
    text.push_str(&format!(
        "{} refreshed, {} not refreshed, {} not due\n",
        kept.count(KeepAliveOutcome::Refreshed),
        kept.grants.len() - kept.count(KeepAliveOutcome::Refreshed),
        kept.not_due
    ));
    if kept.unreadable > 0 {
        text.push_str(&format!(
            "{} stored sign-ins cannot be decrypted. See fhir-ehr grants.\n",
            kept.unreadable
        ));
    }
    if kept.revocations_finished + kept.revocations_unfinished > 0 {
        text.push_str(&format!(
            "revocations of earlier sign-outs: {} finished, {} failed again\n",
            kept.revocations_finished, kept.revocations_unfinished
        ));
    }
    text
}
