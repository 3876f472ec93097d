//! `staged`: the rows that wait.

use crate::{args::StagedArgs, context, failure::Failure, output, rows, values::Format};
use std::process::ExitCode;

/// Runs the command.
pub(crate) fn run(args: &StagedArgs) -> Result<ExitCode, Failure> {
    let client = context::client(&args.config)?;
    let staged = client.staged(&args.whose.user, &args.whose.project, args.record.as_deref())?;
    let out = match args.format {
        Format::Table => rows::as_table(&staged, true),
        Format::Json => output::json(&serde_json::json!({ "rows": rows::printed(&staged) }))?,
        Format::Csv => rows::csv(&staged)?,
    };
    output::print(&out)?;
    Ok(ExitCode::SUCCESS)
}
