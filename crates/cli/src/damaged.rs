//! `damaged`: lists stored rows that cannot be decrypted, and deletes them with `--remove`.

use crate::{
    args::DamagedArgs,
    context,
    failure::Failure,
    output::{self, note},
};
use std::process::ExitCode;

/// Runs the command.
pub(crate) fn run(args: &DamagedArgs) -> Result<ExitCode, Failure> {
    let client = context::client(&args.config)?;
    let (user, project) = (&args.project_args.user, &args.project_args.project);
    if args.remove {
        let count = client.remove_damaged(user, project, args.record.as_deref())?;
        note(&format!("{count} damaged rows were deleted. Pull their records again."));
        return Ok(ExitCode::SUCCESS);
    }
    let mut damaged = client.damaged(user, project)?;
    damaged.retain(|row| args.record.is_none() || row.record == args.record);
    output::print(&output::json(&serde_json::json!({ "damaged": damaged }))?)?;
    Ok(ExitCode::SUCCESS)
}
