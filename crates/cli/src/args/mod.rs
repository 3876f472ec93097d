//! The command line: commands, options, and one line of help for each.

mod administration;
mod keys;

pub(crate) use administration::{
    ApproveArgs, DamagedArgs, DoctorArgs, EndpointsArgs, GrantsArgs, KeepAliveArgs, ListArgs, RegisterArgs,
    RemoveUserArgs, ScopesArgs, SignOutArgs, UnlinkArgs,
};
pub(crate) use keys::{
    GenerateKeyArgs, ImportKeyArgs, JwksArgs, KeysCommand, ListKeysArgs, PemArgs, RetireKeyArgs,
};

use crate::values::{EnvironmentArg, Format, OffsetDirectionArg, TextArg, key, loopback_uri, record_date};
use clap::{Args, Parser, Subcommand};
use fhir_ehr::RecordDate;
use std::path::PathBuf;

const EXIT_CODES: &str = "\
Exit codes:
  0  success; a pull is complete
  1  an error; stdout is empty, and stderr says what happened, what to do, who can fix it and when to retry
     (doctor) a check failed; stdout says which one, what to do and who can fix it
     (keep-alive) a sign-in was not refreshed; stdout says which one, why, and who must act
     (sign-out, remove-user) the sign-ins are removed, but a token may still be valid at the EHR; stdout says why
  2  the command line is invalid
  3  (pull) rows were pulled and staged, but at least one resource type is incomplete";

/// Sign in to an EHR, pull a patient's values, list the staged values, and adjudicate them.
///
/// This command does not check what a user may do: every user of it may do everything. Whoever can read the configuration and
/// the store already has all rights. Protect both with file permissions.
#[derive(Debug, Parser)]
#[command(name = "fhir-ehr", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// Log what the library does, on stderr.
    #[arg(long, global = true)]
    pub(crate) verbose: bool,
    /// The command to run.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign in to a source with a browser on this computer; prints the URL to open.
    Login(LoginArgs),
    /// Pull one patient's values and stage them.
    #[command(after_help = EXIT_CODES)]
    Pull(PullArgs),
    /// List the rows that are not yet decided or not yet saved.
    Staged(StagedArgs),
    /// Accept and reject staged rows, and hand out each accepted value once for saving.
    Adjudicate(AdjudicateArgs),
    /// Delete the undecided rows of a record, so that its MRN can be corrected.
    ClearPending(ClearPendingArgs),
    /// List the stored rows that cannot be decrypted; --remove deletes them.
    Damaged(DamagedArgs),
    /// Check that each source works as configured; prints one line for each step, and who can fix a failed one.
    Doctor(DoctorArgs),
    /// List the launches of the last days: what arrived in each, and where it was handed off.
    Launches(ListArgs),
    /// List the links from EHR users to users of the application.
    Links(ListArgs),
    /// Remove links from EHR users to users of the application. Their next launch asks for the application's login.
    Unlink(UnlinkArgs),
    /// List who is signed in at which source, until when, and who must act. It prints no token.
    Grants(GrantsArgs),
    /// Sign a user out: remove the stored sign-ins and revoke their tokens at the EHR.
    SignOut(SignOutArgs),
    /// Remove the sign-ins, user links and views of a user who leaves.
    RemoveUser(RemoveUserArgs),
    /// Refresh offline sign-ins that no one has used for a while, and retry revocations; for a daily job.
    #[command(after_help = EXIT_CODES)]
    KeepAlive(KeepAliveArgs),
    /// Store the endpoints that a source publishes now as approved. Later, another endpoint is refused.
    Approve(ApproveArgs),
    /// Print what to copy into the EHR vendor's console to register the application; --dynamic registers it at the server.
    Register(RegisterArgs),
    /// Print configuration entries for the FHIR servers of a vendor's directory of endpoints (a FHIR Bundle in a file).
    Endpoints(EndpointsArgs),
    /// Create, import, list, rotate and publish the keys of private_key_jwt.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Print the exact scopes to enter in the EHR vendor's console.
    Scopes(ScopesArgs),
    /// Print the JSON Schema of the configuration.
    ConfigSchema,
    /// Print the table of error codes as Markdown.
    Errors,
}

/// The configuration, for every command that needs one.
#[derive(Debug, Args)]
pub(crate) struct ConfigArg {
    /// Configuration file (JSON; see config-schema).
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
}

/// The project, and the user who works on it.
#[derive(Debug, Args)]
pub(crate) struct ProjectArgs {
    /// Project that the values are for.
    #[arg(long, value_name = "ID", default_value = "cli")]
    pub(crate) project: String,
    /// Application user who does this.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    pub(crate) user: String,
}

/// `login`
#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    /// Source to sign in to, by its id in the configuration.
    #[arg(long, value_name = "ID")]
    pub(crate) source: String,
    /// Application user that the sign-in is stored for.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    pub(crate) user: String,
    /// Loopback redirect URI. Without a port, a free port is used. [default: the registration's first loopback URI]
    #[arg(long, value_name = "URI", value_parser = loopback_uri)]
    pub(crate) redirect_uri: Option<String>,
    /// Seconds to wait for the sign-in to finish.
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) timeout: u32,
}

/// `pull`
#[derive(Debug, Args)]
pub(crate) struct PullArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    /// Source to pull from, by its id in the configuration.
    #[arg(long, value_name = "ID")]
    pub(crate) source: String,
    /// Application user whose sign-in is used for reading.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    pub(crate) user: String,
    /// Use the source's system account instead of a user's sign-in.
    #[arg(long, conflicts_with = "user")]
    pub(crate) system: bool,
    /// Medical record number of the patient.
    #[arg(long, value_name = "MRN")]
    pub(crate) mrn: String,
    /// Mapping file (CSV; docs/fields.md describes its columns).
    #[arg(long, value_name = "FILE")]
    pub(crate) mapping: PathBuf,
    /// Date field of the study record and its value, such as visit_date=2024-03-15T10:30; may be repeated.
    #[arg(long, value_name = "FIELD=YYYY-MM-DD[THH:MM]", value_parser = record_date)]
    pub(crate) date: Vec<RecordDate>,
    /// Days around the date: values from this window are pulled.
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    pub(crate) offset_days: u32,
    /// Direction of the window: before and after the date, after it, or before it.
    #[arg(long, value_name = "DIRECTION", default_value = "+-", allow_hyphen_values = true)]
    pub(crate) offset_direction: OffsetDirectionArg,
    /// How numbers and times are written.
    #[arg(long, default_value = "exact")]
    pub(crate) text: TextArg,
    /// Output format.
    #[arg(long, default_value = "table")]
    pub(crate) format: Format,
    /// Study record that the values are for. [default: the MRN]
    #[arg(long, value_name = "ID")]
    pub(crate) record: Option<String>,
    /// Project that the values are for.
    #[arg(long, value_name = "ID", default_value = "cli")]
    pub(crate) project: String,
    /// Environment of the project. [default: the source's environment]
    #[arg(long, value_name = "ENVIRONMENT")]
    pub(crate) project_environment: Option<EnvironmentArg>,
    /// Name in the report the ids of resources that gave no row.
    #[arg(long)]
    pub(crate) explain: bool,
}

/// `staged`
#[derive(Debug, Args)]
pub(crate) struct StagedArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    #[command(flatten)]
    pub(crate) project_args: ProjectArgs,
    /// Study record. [default: all records of the project]
    #[arg(long, value_name = "ID")]
    pub(crate) record: Option<String>,
    /// List the saved and rejected rows instead.
    #[arg(long, requires = "record")]
    pub(crate) decided: bool,
    /// Output format.
    #[arg(long, default_value = "table")]
    pub(crate) format: Format,
}

/// `adjudicate`
#[derive(Debug, Args)]
pub(crate) struct AdjudicateArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    #[command(flatten)]
    pub(crate) project_args: ProjectArgs,
    /// Study record.
    #[arg(long, value_name = "ID")]
    pub(crate) record: String,
    /// Row to accept: the key that `staged` lists, or its first 8 or more characters; may be repeated. With the part
    /// after `~`, the row is refused if its value has changed since it was listed.
    #[arg(long, value_name = "KEY", value_parser = key, allow_hyphen_values = true)]
    pub(crate) accept: Vec<String>,
    /// Row to reject, named as for --accept; may be repeated.
    #[arg(long, value_name = "KEY", value_parser = key, allow_hyphen_values = true)]
    pub(crate) reject: Vec<String>,
    /// Saved row to remove from the record: a key that `staged --decided` lists; may be repeated. In the next
    /// set of values to save, its field is empty, or the list has no such entry.
    #[arg(long, value_name = "KEY", value_parser = key, allow_hyphen_values = true)]
    pub(crate) remove: Vec<String>,
    /// Accept the preselected rows, except rows named by --reject and fields that have another accepted value.
    #[arg(long)]
    pub(crate) accept_preselected: bool,
    /// New file (JSON, mode 0600) for the accepted values. [default: stdout]
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
    /// Store the decisions, but hand out no values.
    #[arg(long, conflicts_with = "save")]
    pub(crate) no_save: bool,
    /// Return a set of values that was handed out but not saved; its values are handed out again.
    #[arg(long = "return-unsaved", value_name = "SAVE_ID", allow_hyphen_values = true,
        conflicts_with_all = ["accept", "reject", "remove", "accept_preselected", "save", "no_save", "confirm_saved"])]
    pub(crate) return_unsaved: Option<String>,
    /// Confirm that a set of values was saved; its values are not handed out again.
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
    pub(crate) project_args: ProjectArgs,
    /// Study record.
    #[arg(long, value_name = "ID")]
    pub(crate) record: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn clap_accepts_the_definition() {
        Cli::command().debug_assert();
    }
}
