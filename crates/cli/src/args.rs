//! The command line: what can be asked, one line of help for each option.

use crate::values::{EnvironmentArg, Format, OffsetDirectionArg, TextArg, key, loopback_uri, record_date};
use clap::{Args, Parser, Subcommand};
use fhir_ehr::RecordDate;
use std::path::PathBuf;

const EXIT_CODES: &str = "\
Exit codes:
  0  everything asked for was done and came completely
  1  an error; stderr says what, what to do, who can fix it and when to try again; stdout is empty;
     (doctor) a step failed; stdout says which, what to do and who can fix it
  2  the command line is wrong
  3  (pull) rows were pulled and staged, but some resource type did not come completely";

/// Sign in at an EHR, pull a patient's values, look at what is staged, adjudicate it.
#[derive(Debug, Parser)]
#[command(name = "fhir-ehr", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// Log what the library does to stderr.
    #[arg(long, global = true)]
    pub(crate) verbose: bool,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign in at a source with a browser on this computer; prints the address to open.
    Login(LoginArgs),
    /// Pull one patient's values and stage them.
    #[command(after_help = EXIT_CODES)]
    Pull(PullArgs),
    /// List the rows that wait for a decision or for being saved.
    Staged(StagedArgs),
    /// Accept and reject staged rows, and hand out the accepted values, each of them once.
    Adjudicate(AdjudicateArgs),
    /// Delete the rows of a record that wait for a decision, so that its MRN can be corrected.
    ClearPending(ClearPendingArgs),
    /// List the stored rows that cannot be decrypted, and delete them with --remove.
    Damaged(DamagedArgs),
    /// Check whether the sources answer as configured; a line for each step, and whose job it is if one fails.
    Doctor(DoctorArgs),
    /// Print the exact scopes to allow in the vendor's console.
    Scopes(ScopesArgs),
    /// Print the JSON Schema of the configuration.
    ConfigSchema,
    /// Print the table of error codes as Markdown.
    Errors,
}

/// The configuration.
#[derive(Debug, Args)]
pub(crate) struct ConfigArg {
    /// Configuration file (JSON; see config-schema).
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
}

/// Whose staged rows.
#[derive(Debug, Args)]
pub(crate) struct ProjectArgs {
    /// Project that takes the values.
    #[arg(long, value_name = "ID", default_value = "cli")]
    pub(crate) project: String,
    /// Application user on whose behalf this is done.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    pub(crate) user: String,
}

/// `login`
#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    /// Source of the configuration to sign in at.
    #[arg(long, value_name = "ID")]
    pub(crate) source: String,
    /// Application user who gets the sign-in.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    pub(crate) user: String,
    /// Loopback redirect URI to come back to; default: the registration's first; without a port a free one is taken.
    #[arg(long, value_name = "URI", value_parser = loopback_uri)]
    pub(crate) redirect_uri: Option<String>,
    /// Seconds to wait for the browser to come back.
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) timeout: u32,
}

/// `pull`
#[derive(Debug, Args)]
pub(crate) struct PullArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    /// Source of the configuration to pull from.
    #[arg(long, value_name = "ID")]
    pub(crate) source: String,
    /// Application user whose sign-in is used.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    pub(crate) user: String,
    /// Use the source's system account instead of a user's sign-in.
    #[arg(long, conflicts_with = "user")]
    pub(crate) system: bool,
    /// Medical record number of the patient.
    #[arg(long, value_name = "MRN")]
    pub(crate) mrn: String,
    /// Mapping file (CSV with the documented header).
    #[arg(long, value_name = "FILE")]
    pub(crate) mapping: PathBuf,
    /// Date of the study record that windows lie around, such as visit_date=2024-03-15T10:30; may be repeated.
    #[arg(long, value_name = "FIELD=YYYY-MM-DD[THH:MM]", value_parser = record_date)]
    pub(crate) date: Vec<RecordDate>,
    /// Days around the date in which values count.
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    pub(crate) offset_days: u32,
    /// Side of the date on which they count: both, after, before.
    #[arg(long, value_name = "SIDE", default_value = "+-", allow_hyphen_values = true)]
    pub(crate) offset_direction: OffsetDirectionArg,
    /// Text of values: digits and times as sent, or as PHP floats with 14 digits and times in minutes.
    #[arg(long, default_value = "exact")]
    pub(crate) text: TextArg,
    /// Form of the output.
    #[arg(long, default_value = "table")]
    pub(crate) format: Format,
    /// Study record that takes the values; default: the MRN.
    #[arg(long, value_name = "ID")]
    pub(crate) record: Option<String>,
    /// Project that takes the values.
    #[arg(long, value_name = "ID", default_value = "cli")]
    pub(crate) project: String,
    /// Environment of the project; default: the source's.
    #[arg(long, value_name = "ENVIRONMENT")]
    pub(crate) project_environment: Option<EnvironmentArg>,
    /// Name the resources that gave no row, by their ids.
    #[arg(long)]
    pub(crate) explain: bool,
}

/// `staged`
#[derive(Debug, Args)]
pub(crate) struct StagedArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    #[command(flatten)]
    pub(crate) whose: ProjectArgs,
    /// Study record; default: all of the project.
    #[arg(long, value_name = "ID")]
    pub(crate) record: Option<String>,
    /// Rows that were saved or rejected instead of those that wait.
    #[arg(long, requires = "record")]
    pub(crate) decided: bool,
    /// Form of the output.
    #[arg(long, default_value = "table")]
    pub(crate) format: Format,
}

/// `adjudicate`
#[derive(Debug, Args)]
pub(crate) struct AdjudicateArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    #[command(flatten)]
    pub(crate) whose: ProjectArgs,
    /// Study record.
    #[arg(long, value_name = "ID")]
    pub(crate) record: String,
    /// Row to save: its key or the beginning of it (8 characters or more), with ~ and the value seen as listed; may be repeated.
    #[arg(long, value_name = "KEY", value_parser = key, allow_hyphen_values = true)]
    pub(crate) accept: Vec<String>,
    /// Row not to save: its key or the beginning of it (8 characters or more), with ~ and the value seen as listed; may be repeated.
    #[arg(long, value_name = "KEY", value_parser = key, allow_hyphen_values = true)]
    pub(crate) reject: Vec<String>,
    /// Saved row to remove from the record, named as in `staged --decided`; the next hand-out leaves it out; may be repeated.
    #[arg(long, value_name = "KEY", value_parser = key, allow_hyphen_values = true)]
    pub(crate) remove: Vec<String>,
    /// Accept the preselected rows of all places for which nothing else was decided.
    #[arg(long)]
    pub(crate) accept_preselected: bool,
    /// New file (JSON, mode 0600) to write the accepted values to; default: stdout.
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
    /// Decide only, hand out nothing.
    #[arg(long, conflicts_with = "save")]
    pub(crate) no_save: bool,
    /// Return a handed-out set that was not saved; it will be handed out again.
    #[arg(long = "return-unsaved", value_name = "SAVE_ID", allow_hyphen_values = true,
        conflicts_with_all = ["accept", "reject", "remove", "accept_preselected", "save", "no_save", "confirm_saved"])]
    pub(crate) return_unsaved: Option<String>,
    /// Confirm a handed-out set that was saved; it will not be handed out again.
    #[arg(long, value_name = "SAVE_ID", allow_hyphen_values = true,
        conflicts_with_all = ["accept", "reject", "remove", "accept_preselected", "save", "no_save"])]
    pub(crate) confirm_saved: Option<String>,
}

/// `clear-pending`
#[derive(Debug, Args)]
pub(crate) struct ClearPendingArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    #[command(flatten)]
    pub(crate) whose: ProjectArgs,
    /// Study record.
    #[arg(long, value_name = "ID")]
    pub(crate) record: String,
}

/// `damaged`
#[derive(Debug, Args)]
pub(crate) struct DamagedArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    #[command(flatten)]
    pub(crate) whose: ProjectArgs,
    /// Study record; default: all of the project.
    #[arg(long, value_name = "ID")]
    pub(crate) record: Option<String>,
    /// Delete them; the next pull brings their values again.
    #[arg(long)]
    pub(crate) remove: bool,
}

/// `doctor`
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    /// Source of the configuration; default: all of them.
    #[arg(long, value_name = "ID")]
    pub(crate) source: Option<String>,
    /// Ask production sources too with a secret that is certainly wrong, to compare the answers. The EHR may count it.
    #[arg(long)]
    pub(crate) try_wrong_secret: bool,
}

/// `scopes`
#[derive(Debug, Args)]
pub(crate) struct ScopesArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    /// Source of the configuration.
    #[arg(long, value_name = "ID")]
    pub(crate) source: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
