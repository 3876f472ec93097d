//! `fhir-ehr`: the administrator's command line over the core library.

mod adjudicate;
mod approve;
mod args;
mod clear_pending;
mod context;
mod damaged;
mod docs;
mod doctor;
mod endpoints;
mod failure;
mod grants;
mod keep_alive;
mod keys;
mod launches;
mod links;
mod login;
mod loopback;
mod minimum_scopes;
mod output;
mod pull;
mod register;
mod rows;
mod save_file;
mod sign_out;
mod staged;
mod table;
mod values;

use args::{Cli, Command};
use clap::Parser;
use failure::Failure;
use std::{
    io::{self, IsTerminal},
    process::ExitCode,
};

fn main() -> ExitCode {
    let cli = Cli::parse();
    if cli.verbose {
        log_to_stderr();
    }
    match run(&cli.command) {
        Ok(code) => code,
        Err(failure) => {
            failure.print();
            ExitCode::from(1)
        }
    }
}

fn run(command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Login(args) => login::run(args),
        Command::Pull(args) => pull::run(args),
        Command::Staged(args) => staged::run(args),
        Command::Adjudicate(args) => adjudicate::run(args),
        Command::ClearPending(args) => clear_pending::run(args),
        Command::Damaged(args) => damaged::run(args),
        Command::Doctor(args) => doctor::run(args),
        Command::Launches(args) => launches::run(args),
        Command::Links(args) => links::run(args),
        Command::Unlink(args) => links::unlink(args),
        Command::Grants(args) => grants::run(args),
        Command::SignOut(args) => sign_out::sign_out(args),
        Command::RemoveUser(args) => sign_out::remove_user(args),
        Command::KeepAlive(args) => keep_alive::run(args),
        Command::Approve(args) => approve::run(args),
        Command::Register(args) => register::run(args),
        Command::Endpoints(args) => endpoints::run(args),
        Command::Keys(command) => keys::run(command),
        Command::Scopes(args) => docs::scopes(args),
        Command::ConfigSchema => docs::config_schema(),
        Command::Errors => docs::errors(),
    }
}

fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::new("fhir_ehr=debug");
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
    tracing::debug!(target: "fhir_ehr", version = env!("CARGO_PKG_VERSION"), "logging at debug");
}
