//! `doctor`: whether sources answer as configured, a line for each step, and whose job it is if not.

use crate::{
    args::DoctorArgs,
    context,
    failure::{Failure, owner_words},
    output::{self, Progress, safe},
};
use fhir_ehr::{
    client::{Client, Core, Hooks},
    doctor::{CheckStep, Status},
    error::Error,
    store::SqliteStore,
};
use std::{fmt::Write, process::ExitCode};

/// Runs the command.
pub(crate) fn run(args: &DoctorArgs) -> Result<ExitCode, Failure> {
    let client = client(args)?;
    let ids: Vec<String> = match &args.source {
        Some(id) => vec![client.sources().by_id(id)?.id.clone()],
        None => client.sources().iter().map(|source| source.id.clone()).collect(),
    };
    let mut well = true;
    for id in &ids {
        let progress = Progress::new();
        progress.step(&format!("checking {id}"));
        let steps = client.check_source("operator", id)?;
        drop(progress);
        output::print(lines(id, &steps).as_bytes())?;
        well &= steps.iter().all(|step| step.status != Status::Failed);
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// A client whose store is never opened: the doctor needs none, and makes no file.
fn client(args: &DoctorArgs) -> Result<Client, Error> {
    let core = Core::new(context::config(&args.config)?)?;
    Client::over(core, Hooks::over(Box::new(SqliteStore::new("/dev/null"))))
}

fn lines(id: &str, steps: &[CheckStep]) -> String {
    let mut text = String::new();
    for step in steps {
        let status = step.status.name();
        let _ = writeln!(text, "{} {}: {status}: {}", safe(id), step.name, safe(&step.text));
        if let Some(hint) = &step.hint {
            let _ = writeln!(text, "  hint: {}", safe(hint));
        }
        if let (Some(error), Some(owner)) = (step.error, step.owner) {
            let _ = writeln!(text, "  who can fix it: {} [{error}]", owner_words(owner));
        }
    }
    text
}
