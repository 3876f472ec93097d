//! `staged`: lists the rows that are not decided or not saved yet; with `--decided`, the saved and rejected rows.

use crate::{args::StagedArgs, context, failure::Failure, output, rows, values::Format};
use std::process::ExitCode;

/// Runs the command.
pub(crate) fn run(args: &StagedArgs) -> Result<ExitCode, Failure> {
    let client = context::client(&args.config)?;
    let (user, project) = (&args.project_args.user, &args.project_args.project);
    let staged = match &args.record {
        Some(record) if args.decided => client.decided(user, project, record)?,
        record => client.staged(user, project, record.as_deref())?,
    };
    let out = match args.format {
        Format::Table => rows::as_table(&staged, true),
        Format::Json => output::json(&serde_json::json!({ "rows": rows::row_outputs(&staged) }))?,
        Format::Csv => rows::csv(&staged)?,
    };
    output::print(&out)?;
    Ok(ExitCode::SUCCESS)
}
