//! `clear-pending`: deletes the undecided rows of a record, so that its MRN can be corrected.

use crate::{args::ClearPendingArgs, context, failure::Failure, output::note};
use std::process::ExitCode;

/// Runs the command.
pub(crate) fn run(args: &ClearPendingArgs) -> Result<ExitCode, Failure> {
    let client = context::client(&args.config)?;
    let count = client.clear_pending(&args.project_args.user, &args.project_args.project, &args.record)?;
    note(&format!("{count} rows were deleted."));
    Ok(ExitCode::SUCCESS)
}
