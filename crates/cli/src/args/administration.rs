//! The options of the commands for administrators.

use super::{ConfigArg, ProjectArgs};
use clap::Args;
use std::path::PathBuf;

/// `damaged`
#[derive(Debug, Args)]
pub(crate) struct DamagedArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    #[command(flatten)]
    pub(crate) project_args: ProjectArgs,
    /// Study record. [default: all records of the project]
    #[arg(long, value_name = "ID")]
    pub(crate) record: Option<String>,
    /// Delete the rows; the next pull brings their values again.
    #[arg(long)]
    pub(crate) remove: bool,
}

/// `doctor`
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    /// Source to check, by its id in the configuration. [default: all sources]
    #[arg(long, value_name = "ID")]
    pub(crate) source: Option<String>,
    /// Also send a wrong client secret to production sources, to compare the answers. The EHR may count it as a failed login.
    #[arg(long)]
    pub(crate) try_wrong_secret: bool,
}

/// `launches`, `links`
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    /// Administrator who asks.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    pub(crate) user: String,
    /// Print JSON instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `grants`
#[derive(Debug, Args)]
pub(crate) struct GrantsArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    /// Administrator who asks.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    pub(crate) user: String,
    /// Ask the EHR about the tokens of this user; requires --source. Nothing else is listed.
    #[arg(long, value_name = "NAME", requires = "source", conflicts_with = "introspect_system")]
    pub(crate) introspect: Option<String>,
    /// Ask the EHR about the token of the system account; requires --source.
    #[arg(long, requires = "source")]
    pub(crate) introspect_system: bool,
    /// Source of the tokens, by its id in the configuration.
    #[arg(long, value_name = "ID")]
    pub(crate) source: Option<String>,
    /// Print JSON instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `sign-out`
#[derive(Debug, Args)]
pub(crate) struct SignOutArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    /// Application user to sign out.
    #[arg(long, value_name = "NAME", required_unless_present = "system", conflicts_with = "system")]
    pub(crate) user: Option<String>,
    /// Drop the token of the source's system account instead.
    #[arg(long, requires = "source")]
    pub(crate) system: bool,
    /// Source, by its id in the configuration. [default: all sources]
    #[arg(long, value_name = "ID")]
    pub(crate) source: Option<String>,
    /// Print JSON instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `remove-user`
#[derive(Debug, Args)]
pub(crate) struct RemoveUserArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    /// Application user to remove.
    #[arg(long, value_name = "NAME")]
    pub(crate) user: String,
    /// Print JSON instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `keep-alive`
#[derive(Debug, Args)]
pub(crate) struct KeepAliveArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    /// Administrator on whose behalf the job runs.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    pub(crate) user: String,
    /// Print JSON instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `unlink`
#[derive(Debug, Args)]
pub(crate) struct UnlinkArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    /// Administrator who removes the links.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    pub(crate) user: String,
    /// Link to remove: the id that `links` lists; may be repeated.
    #[arg(value_name = "ID", allow_hyphen_values = true, required_unless_present = "application_user")]
    pub(crate) ids: Vec<String>,
    /// Remove all links of this user of the application.
    #[arg(long, value_name = "NAME", conflicts_with = "ids")]
    pub(crate) application_user: Option<String>,
}

/// `approve`
#[derive(Debug, Args)]
pub(crate) struct ApproveArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    /// Source, by its id in the configuration.
    #[arg(long, value_name = "ID")]
    pub(crate) source: String,
}

/// `register`
#[derive(Debug, Args)]
pub(crate) struct RegisterArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    /// Source, by its id in the configuration.
    #[arg(long, value_name = "ID")]
    pub(crate) source: String,
    /// URL at which the EHR opens the application.
    #[arg(long, value_name = "URL")]
    pub(crate) launch_url: String,
    /// URL at which the application publishes its public keys.
    #[arg(long, value_name = "URL")]
    pub(crate) jwks_url: Option<String>,
    /// Also print the fewest scopes that this mapping needs, and what the scopes of the source do not cover.
    #[arg(long, value_name = "FILE", conflicts_with = "dynamic")]
    pub(crate) mapping: Option<PathBuf>,
    /// Register the application at the server (RFC 7591), and print the registration for the configuration.
    #[arg(long, requires = "secret_file")]
    pub(crate) dynamic: bool,
    /// With --dynamic: new file (mode 0600) for the client secret.
    #[arg(long, value_name = "FILE", requires = "dynamic")]
    pub(crate) secret_file: Option<PathBuf>,
    /// With --dynamic: name of the application that users see at the EHR.
    #[arg(long, value_name = "NAME", requires = "dynamic", default_value = "fhir_ehr")]
    pub(crate) client_name: String,
    /// With --dynamic: file with the initial access token, if the server requires one.
    #[arg(long, value_name = "FILE", requires = "dynamic")]
    pub(crate) initial_token_file: Option<PathBuf>,
}

/// `endpoints`
#[derive(Debug, Args)]
pub(crate) struct EndpointsArgs {
    /// The vendor's directory: a FHIR Bundle of Endpoint and Organization in JSON.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Only servers whose organization or URL contains this text. Case makes no difference.
    #[arg(long, value_name = "TEXT")]
    pub(crate) find: Option<String>,
}

/// `scopes`
#[derive(Debug, Args)]
pub(crate) struct ScopesArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    /// Source, by its id in the configuration.
    #[arg(long, value_name = "ID")]
    pub(crate) source: String,
    /// Print the fewest scopes that this mapping needs, and what the scopes of the source do not cover.
    #[arg(long, value_name = "FILE")]
    pub(crate) mapping: Option<PathBuf>,
}
