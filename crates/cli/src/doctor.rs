//! `doctor`: checks that each source works as configured. Prints one line for each step, and who can fix a failed one.

use crate::{
    args::DoctorArgs,
    context,
    failure::{Failure, owner_words},
    output::{self, Progress, safe},
};
use fhir_ehr::{
    AllowAll, CheckOptions, CheckStatus, CheckStep, Client, Config, Core, Error, Hooks, Lease, RecordKind,
    RecordQuery, RecordWrite, SqliteStore, Store, StoredRecord, WriteOutcome,
};
use std::{fmt::Write, fs, path::PathBuf, process::ExitCode};

/// Runs the command.
pub(crate) fn run(args: &DoctorArgs) -> Result<ExitCode, Failure> {
    let config = context::config(&args.config)?;
    let store = CheckedStore::of(&config);
    let options = CheckOptions { try_wrong_secret: args.try_wrong_secret, skip_store: store.is_none() };
    let checked: Box<dyn Store> = match &store {
        Some(store) => Box::new(SqliteStore::new(&store.file)),
        None => Box::new(EmptyStore),
    };
    let client = Client::with_core(Core::new(config)?, Hooks::new(checked, Box::new(AllowAll)))?;
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

/// In place of the application's own store, which this command cannot open: it has no records and keeps none.
struct EmptyStore;

impl Store for EmptyStore {
    fn get(&self, _kind: RecordKind, _key: &str) -> Result<Option<StoredRecord>, Error> {
        Ok(None)
    }

    fn write(&self, _batch: &[RecordWrite]) -> Result<WriteOutcome, Error> {
        Ok(WriteOutcome::Done)
    }

    fn scan(
        &self,
        _kind: RecordKind,
        _query: &RecordQuery,
        _after: Option<&str>,
        _limit: usize,
    ) -> Result<Vec<StoredRecord>, Error> {
        Ok(Vec::new())
    }

    fn acquire_lease(&self, name: &str, holder: &str, _seconds: i64) -> Result<Option<Lease>, Error> {
        Ok(Some(Lease { name: name.to_owned(), holder: holder.to_owned(), fence: 1 }))
    }

    fn release_lease(&self, _lease: &Lease) -> Result<(), Error> {
        Ok(())
    }

    fn purge_expired(&self) -> Result<usize, Error> {
        Ok(0)
    }
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
