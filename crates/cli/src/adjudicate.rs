//! `adjudicate`: notes decisions, then hands out what is to be saved and confirms it once it is written.

use crate::{
    args::AdjudicateArgs,
    context,
    failure::Failure,
    output::{self, note, safe},
    rows, save_file,
};
use fhir_ehr::{Client, Code, Decisions, Error, SaveSet, StagedRow, State, escape_for_display};
use serde::Serialize;
use std::{collections::BTreeSet, process::ExitCode};

/// Runs the command.
pub(crate) fn run(args: &AdjudicateArgs) -> Result<ExitCode, Failure> {
    let client = context::client(&args.config)?;
    let project = &args.whose.project;
    if let Some(save_id) = &args.return_unsaved {
        let rows = client.return_unsaved(project, &args.record, save_id)?;
        note(&format!("{rows} rows were returned and will be handed out again"));
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(save_id) = &args.confirm_saved {
        let rows = client.confirm_saved(project, &args.record, save_id)?;
        note(&format!("{rows} rows were confirmed as saved"));
        return Ok(ExitCode::SUCCESS);
    }
    decide(&client, args)?;
    remove(&client, args)?;
    let unconfirmed = unconfirmed(&client, args)?;
    let stdout_is_free = args.no_save || args.save.is_some();
    if stdout_is_free && !unconfirmed.is_empty() {
        output::print(&rows::as_table(&unconfirmed, true))?;
    }
    if !args.no_save {
        save(&client, args, &unconfirmed)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The rows that earlier runs or other programs were given and have not confirmed. Each run shows them: nobody else does, and
/// whether they were written is not known here.
fn unconfirmed(client: &Client, args: &AdjudicateArgs) -> Result<Vec<StagedRow>, Error> {
    let mut rows = client.staged(&args.whose.user, &args.whose.project, Some(&args.record))?;
    rows.retain(|row| row.state == State::HandedOut);
    let ids: BTreeSet<&str> = rows.iter().filter_map(|row| row.save_id.as_deref()).collect();
    for id in ids {
        let count = rows.iter().filter(|row| row.save_id.as_deref() == Some(id)).count();
        note(&format!(
            "{count} rows were handed out earlier as {id} and never confirmed. If they were saved: --confirm-saved={id}. \
             If not: --return-unsaved={id}."
        ));
    }
    Ok(rows)
}

/// What is written: the values, and what an earlier hand-out left open.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    set: &'a SaveSet,
    unconfirmed: Vec<rows::PrintedRow<'a>>,
}

fn decide(client: &Client, args: &AdjudicateArgs) -> Result<(), Error> {
    if args.accept.is_empty() && args.reject.is_empty() && !args.accept_preselected {
        return Ok(());
    }
    let rows = client.staged(&args.whose.user, &args.whose.project, Some(&args.record))?;
    let mut decisions =
        Decisions { accept: whole(&args.accept, &rows)?, reject: whole(&args.reject, &rows)? };
    if args.accept_preselected {
        let more = preselected(&rows, &decisions);
        decisions.accept.extend(more);
    }
    let count = client.adjudicate(&args.whose.user, &args.whose.project, &args.record, &decisions)?;
    note(&format!("{count} rows decided"));
    Ok(())
}

fn remove(client: &Client, args: &AdjudicateArgs) -> Result<(), Error> {
    if args.remove.is_empty() {
        return Ok(());
    }
    let rows = client.decided(&args.whose.user, &args.whose.project, &args.record)?;
    let keys = whole(&args.remove, &rows)?;
    let count = client.remove_saved(&args.whose.user, &args.whose.project, &args.record, &keys)?;
    note(&format!("{count} rows will be removed from the record"));
    Ok(())
}

/// The rows whose keys begin as was typed; what fits no row is left for the core to refuse. The part after `~` says which
/// value was seen, and tells a value and its correction apart.
fn whole(typed: &[String], rows: &[StagedRow]) -> Result<Vec<String>, Error> {
    let name = |typed: &String| {
        let (start, seen) = typed.split_at(key_of(typed).len());
        let mut fitting: Vec<&StagedRow> = rows.iter().filter(|row| row.key.starts_with(start)).collect();
        if fitting.len() > 1 {
            let fits = |row: &&StagedRow| row.fingerprint.starts_with(seen.trim_start_matches('~'));
            let exact = |row: &&StagedRow| row.key == start;
            let narrowed: Vec<&StagedRow> = if seen.is_empty() {
                fitting.iter().copied().filter(exact).collect()
            } else {
                fitting.iter().copied().filter(fits).collect()
            };
            fitting = if narrowed.is_empty() { fitting } else { narrowed };
        }
        match fitting[..] {
            [] => Ok(typed.clone()),
            [row] => Ok(format!("{}{seen}", row.key)),
            _ => Err(Error::new(Code::RequestInvalid)
                .detail(format!("key {}: more than one row begins so", escape_for_display(start)))
                .hint("give more of the key")),
        }
    };
    typed.iter().map(name).collect()
}

fn key_of(name: &str) -> &str {
    name.split('~').next().unwrap_or(name)
}

/// The preselected rows that wait, but for those that were decided otherwise: by name, or because the
/// place has an accepted value already.
fn preselected(rows: &[StagedRow], decisions: &Decisions) -> Vec<String> {
    let place = |row: &StagedRow| (row.event.clone(), row.study_field.clone());
    let keys = |names: &[String]| names.iter().map(|name| key_of(name).to_owned()).collect::<BTreeSet<_>>();
    let (accepted, rejected) = (keys(&decisions.accept), keys(&decisions.reject));
    let is_taken = |row: &StagedRow| {
        matches!(row.state, State::Accepted | State::HandedOut) || accepted.contains(&row.key)
    };
    let taken: BTreeSet<_> = rows.iter().filter(|row| !row.list && is_taken(row)).map(place).collect();
    rows.iter()
        .filter(|row| row.preselected && row.state == State::Pending)
        .filter(|row| !accepted.contains(&row.key) && !rejected.contains(&row.key))
        .filter(|row| !taken.contains(&place(row)))
        .map(StagedRow::decision)
        .collect()
}

fn save(client: &Client, args: &AdjudicateArgs, unconfirmed: &[StagedRow]) -> Result<(), Error> {
    let project = &args.whose.project;
    if args.save.is_none() {
        output::check_stdout()?;
    }
    let set = client.values_to_save(&args.whose.user, project, &args.record)?;
    if set.values.is_empty() {
        note("nothing to save");
        return if args.save.is_none() { output::print(&document(&set, unconfirmed)?) } else { Ok(()) };
    }
    if let Err(error) = write(args, &set, unconfirmed) {
        // The values were handed out but are nowhere: they must come again.
        return match client.return_unsaved(project, &args.record, &set.save_id) {
            Ok(_) => Err(error.hint("nothing was saved; the same values will be handed out again")),
            Err(_) => Err(error.hint(format!(
                "the values could not be returned either; do it with: adjudicate --return-unsaved={}",
                set.save_id
            ))),
        };
    }
    let place = args.save.as_ref().map_or("stdout".to_owned(), |path| path.display().to_string());
    client.confirm_saved(project, &args.record, &set.save_id).map_err(|error| {
        error.hint(format!(
            "the values are written to {place}, but could not be marked as saved. Mark them with: adjudicate --confirm-saved={id}. \
             To have them handed out again: adjudicate --return-unsaved={id}",
            id = set.save_id
        ))
    })?;
    note(&format!("{} values saved to {}", set.values.len(), safe(&place)));
    Ok(())
}

fn document(set: &SaveSet, unconfirmed: &[StagedRow]) -> Result<Vec<u8>, Error> {
    output::json(&Document { set, unconfirmed: rows::printed(unconfirmed) })
}

fn write(args: &AdjudicateArgs, set: &SaveSet, unconfirmed: &[StagedRow]) -> Result<(), Error> {
    match &args.save {
        Some(path) => save_file::write_new(path, &output::json(set)?),
        // A reader that has gone away has not got the values.
        None => {
            let bytes = document(set, unconfirmed)?;
            output::write_stdout(&bytes).map_err(|cause| output::stdout_error(&cause))
        }
    }
}
