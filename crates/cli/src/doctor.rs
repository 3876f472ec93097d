//! `doctor`: whether sources answer as configured, a line for each step, and who can fix it if not.

use crate::{
    args::DoctorArgs,
    context,
    failure::{Failure, owner_words},
    output::{self, Progress, safe},
};
use fhir_ehr::{CheckOptions, CheckStatus, CheckStep, Client, Config, Core, Hooks, SqliteStore};
use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Runs the command.
pub(crate) fn run(args: &DoctorArgs) -> Result<ExitCode, Failure> {
    let config = context::config(&args.config)?;
    let store = CheckedStore::of(&config);
    let options = CheckOptions { try_wrong_secret: args.try_wrong_secret, skip_store: store.is_none() };
    let file = store.as_ref().map_or(Path::new("/dev/null"), |store| &store.file);
    let client = Client::over(
        Core::new(config)?,
        Hooks::new(Box::new(SqliteStore::new(file)), Box::new(fhir_ehr::AllowAll)),
    )?;
    let ids: Vec<String> = match &args.source {
        Some(id) => vec![client.sources().by_id(id)?.id.clone()],
        None => client.sources().iter().map(|source| source.id.clone()).collect(),
    };
    let mut well = true;
    for id in &ids {
        let progress = Progress::new();
        progress.step(&format!("checking {id}"));
        let steps = client.check_source_with("operator", id, options)?;
        drop(progress);
        output::print(lines(id, &steps).as_bytes())?;
        well &= steps.iter().all(|step| step.status != CheckStatus::Failed);
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The file that is tried as the store. One that the application has not made yet is not made here, because it would belong to
/// whoever runs the command: another one is tried in its folder, and deleted.
struct CheckedStore {
    file: PathBuf,
    is_trial: bool,
}

impl CheckedStore {
    fn of(config: &Config) -> Option<Self> {
        let named = &config.store.as_ref()?.sqlite;
        let file = config.base.as_ref().map_or_else(|| named.clone(), |base| base.join(named));
        if file.exists() {
            return Some(CheckedStore { file, is_trial: false });
        }
        let trial = format!(".fhir-ehr-doctor-{}", std::process::id());
        Some(CheckedStore { file: file.with_file_name(trial), is_trial: true })
    }
}

impl Drop for CheckedStore {
    fn drop(&mut self) {
        if self.is_trial {
            for ending in ["", "-wal", "-shm", "-journal"] {
                let mut name = self.file.clone().into_os_string();
                name.push(ending);
                let _ = fs::remove_file(name);
            }
        }
    }
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
