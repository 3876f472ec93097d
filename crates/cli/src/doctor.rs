//! `doctor`: checks that each source works as configured. Prints one line for each step, and who can fix a failed one.

use crate::{
    args::DoctorArgs,
    context,
    failure::{Failure, owner_words},
    output::{self, Progress, safe},
};
use fhir_ehr::{AllowAll, CheckOptions, CheckStatus, CheckStep, Client, Config, Core, Hooks, SqliteStore};
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
    let client = Client::with_core(
        Core::new(config)?,
        Hooks::new(Box::new(SqliteStore::new(file)), Box::new(AllowAll)),
    )?;
    let ids: Vec<String> = match &args.source {
        Some(id) => vec![client.sources().by_id(id)?.id.clone()],
        None => client.sources().iter().map(|source| source.id.clone()).collect(),
    };
    let mut all_passed = true;
    for id in &ids {
        let progress = Progress::new();
        progress.step(&format!("checking {id}"));
        let steps = client.check_source_with("operator", id, options)?;
        drop(progress);
        output::print(lines(id, &steps).as_bytes())?;
        all_passed &= steps.iter().all(|step| step.status != CheckStatus::Failed);
    }
    Ok(if all_passed { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The store file to check. If the application has not created its store yet, the check uses a temporary file in the same folder and
/// deletes it. A real store file created here would belong to the user who runs the command, not to the application.
struct CheckedStore {
    file: PathBuf,
    is_temporary: bool,
}

impl CheckedStore {
    fn of(config: &Config) -> Option<Self> {
        let configured = &config.store.as_ref()?.sqlite;
        let file = config.base.as_ref().map_or_else(|| configured.clone(), |base| base.join(configured));
        if file.exists() {
            return Some(CheckedStore { file, is_temporary: false });
        }
        let temporary = format!(".fhir-ehr-doctor-{}", std::process::id());
        Some(CheckedStore { file: file.with_file_name(temporary), is_temporary: true })
    }
}

impl Drop for CheckedStore {
    fn drop(&mut self) {
        if self.is_temporary {
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
