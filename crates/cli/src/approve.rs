//! `approve`: stores the endpoints that a source publishes now as approved, and prints them.

use crate::{
    args::ApproveArgs,
    context,
    failure::Failure,
    output::{self, note, safe},
};
use std::{fmt::Write, process::ExitCode};

/// Runs the command.
pub(crate) fn run(args: &ApproveArgs) -> Result<ExitCode, Failure> {
    let client = context::client(&args.config)?;
    let approved = client.approve_endpoints("operator", &args.source)?;
    let mut text = String::new();
    for (name, endpoint) in approved.endpoints.members() {
        let _ = writeln!(text, "{name}: {}", safe(endpoint));
    }
    output::print(text.as_bytes())?;
    note(&format!(
        "These endpoints are approved for {}. If the server publishes another one, sign-ins fail until you approve it.",
        safe(&args.source)
    ));
    Ok(ExitCode::SUCCESS)
}
