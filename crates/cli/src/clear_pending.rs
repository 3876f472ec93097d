//! `clear-pending`: deletes what waits for a decision, so that the MRN of a record can be corrected.

use crate::{args::ClearPendingArgs, context, failure::Failure, output::note};
use std::process::ExitCode;

/// Runs the command.
pub(crate) fn run(args: &ClearPendingArgs) -> Result<ExitCode, Failure> {
    let client = context::client(&args.config)?;
    let count = client.clear_pending(&args.whose.user, &args.whose.project, &args.record)?;
    note(&format!("{count} rows were deleted"));
    Ok(ExitCode::SUCCESS)
}
