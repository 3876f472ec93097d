//! `adjudicate`: stores decisions, then hands out the accepted values and confirms them once they are written.

use crate::{
    args::AdjudicateArgs,
    context,
    failure::Failure,
    output::{self, note, safe},
    rows, save_file,
};
use fhir_ehr::{Client, Code, Decisions, Error, RowState, SaveSet, StagedRow, escape_for_display};
use serde::Serialize;
use std::{collections::BTreeSet, process::ExitCode};

/// Runs the command.
pub(crate) fn run(args: &AdjudicateArgs) -> Result<ExitCode, Failure> {
    let client = context::client(&args.config)?;
    let project = &args.project_args.project;
    if let Some(save_id) = &args.return_unsaved {
        let rows = client.return_unsaved(project, &args.record, save_id)?;
        note(&format!("{rows} rows were returned. They will be handed out again."));
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(save_id) = &args.confirm_saved {
        let rows = client.confirm_saved(project, &args.record, save_id)?;
        note(&format!("{rows} rows were confirmed as saved."));
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

/// The rows that an earlier run or another program received and never confirmed. Every run reports them, because only the user
/// can know whether they were saved.
fn unconfirmed(client: &Client, args: &AdjudicateArgs) -> Result<Vec<StagedRow>, Error> {
    let mut rows = client.staged(&args.project_args.user, &args.project_args.project, Some(&args.record))?;
    rows.retain(|row| row.state == RowState::HandedOut);
    let ids: BTreeSet<&str> = rows.iter().filter_map(|row| row.save_id.as_deref()).collect();
    for id in ids {
        let count = rows.iter().filter(|row| row.save_id.as_deref() == Some(id)).count();
        note(&format!(
            "{count} rows were handed out earlier as {id} and never confirmed. If they were saved, run adjudicate \
             --confirm-saved={id}. If not, run adjudicate --return-unsaved={id}."
        ));
    }
    Ok(rows)
}

/// The JSON on stdout: the values to save, and the rows of earlier sets that were never confirmed.
#[derive(Serialize)]
struct SaveOutput<'a> {
    #[serde(flatten)]
    set: &'a SaveSet,
    unconfirmed: Vec<rows::RowOutput<'a>>,
}

fn decide(client: &Client, args: &AdjudicateArgs) -> Result<(), Error> {
    if args.accept.is_empty() && args.reject.is_empty() && !args.accept_preselected {
        return Ok(());
    }
    let rows = client.staged(&args.project_args.user, &args.project_args.project, Some(&args.record))?;
    let mut decisions =
        Decisions { accept: full_keys(&args.accept, &rows)?, reject: full_keys(&args.reject, &rows)? };
    if args.accept_preselected {
        let more = preselected(&rows, &decisions);
        decisions.accept.extend(more);
    }
    let count =
        client.adjudicate(&args.project_args.user, &args.project_args.project, &args.record, &decisions)?;
    note(&format!("{count} rows were decided."));
    Ok(())
}

fn remove(client: &Client, args: &AdjudicateArgs) -> Result<(), Error> {
    if args.remove.is_empty() {
        return Ok(());
    }
    let rows = client.decided(&args.project_args.user, &args.project_args.project, &args.record)?;
    let keys = full_keys(&args.remove, &rows)?;
    let count =
        client.remove_saved(&args.project_args.user, &args.project_args.project, &args.record, &keys)?;
    note(&format!("{count} rows will be removed from the record."));
    Ok(())
}

/// Completes keys that were typed in part. A key that matches no row is passed on, and the core refuses it. The part after `~`
/// is the fingerprint of the listed value; it separates a value from its correction.
fn full_keys(typed: &[String], rows: &[StagedRow]) -> Result<Vec<String>, Error> {
    let complete = |typed: &String| {
        let (start, fingerprint) = typed.split_at(key_part(typed).len());
        let mut matching: Vec<&StagedRow> = rows.iter().filter(|row| row.key.starts_with(start)).collect();
        if matching.len() > 1 {
            let has_fingerprint =
                |row: &&StagedRow| row.fingerprint.starts_with(fingerprint.trim_start_matches('~'));
            let has_key = |row: &&StagedRow| row.key == start;
            let narrowed: Vec<&StagedRow> = if fingerprint.is_empty() {
                matching.iter().copied().filter(has_key).collect()
            } else {
                matching.iter().copied().filter(has_fingerprint).collect()
            };
            matching = if narrowed.is_empty() { matching } else { narrowed };
        }
        match matching[..] {
            [] => Ok(typed.clone()),
            [row] => Ok(format!("{}{fingerprint}", row.key)),
            _ => Err(Error::new(Code::RequestInvalid)
                .detail(format!(
                    "key {}: more than one row has a key that starts like this",
                    escape_for_display(start)
                ))
                .hint("type more characters of the key")),
        }
    };
    typed.iter().map(complete).collect()
}

/// The key, without `~` and the fingerprint.
fn key_part(decision: &str) -> &str {
    decision.split('~').next().unwrap_or(decision)
}

/// The undecided preselected rows, except those that the command line decides by key, and those of a study field that already has
/// an accepted value.
fn preselected(rows: &[StagedRow], decisions: &Decisions) -> Vec<String> {
    let place = |row: &StagedRow| (row.event.clone(), row.study_field.clone());
    let keys = |named: &[String]| named.iter().map(|name| key_part(name).to_owned()).collect::<BTreeSet<_>>();
    let (accepted, rejected) = (keys(&decisions.accept), keys(&decisions.reject));
    let is_taken = |row: &StagedRow| {
        matches!(row.state, RowState::Accepted | RowState::HandedOut) || accepted.contains(&row.key)
    };
    let taken: BTreeSet<_> = rows.iter().filter(|row| !row.list && is_taken(row)).map(place).collect();
    rows.iter()
        .filter(|row| row.preselected && row.state == RowState::Pending)
        .filter(|row| !accepted.contains(&row.key) && !rejected.contains(&row.key))
        .filter(|row| !taken.contains(&place(row)))
        .map(StagedRow::decision)
        .collect()
}

fn save(client: &Client, args: &AdjudicateArgs, unconfirmed: &[StagedRow]) -> Result<(), Error> {
    let project = &args.project_args.project;
    if args.save.is_none() {
        output::check_stdout()?;
    }
    let set = client.values_to_save(&args.project_args.user, project, &args.record)?;
    if set.values.is_empty() {
        note("There are no values to save.");
        return if args.save.is_none() { output::print(&save_output(&set, unconfirmed)?) } else { Ok(()) };
    }
    if let Err(error) = write(args, &set, unconfirmed) {
        // The values were handed out but not written: they must be handed out again.
        return match client.return_unsaved(project, &args.record, &set.save_id) {
            Ok(_) => Err(error.hint("nothing was saved; the same values will be handed out again")),
            Err(_) => Err(error.hint(format!(
                "the values could not be returned for saving later; run adjudicate --return-unsaved={}",
                set.save_id
            ))),
        };
    }
    let target = args.save.as_ref().map_or("stdout".to_owned(), |path| path.display().to_string());
    client.confirm_saved(project, &args.record, &set.save_id).map_err(|error| {
        error.hint(format!(
            "the values were written to {target}, but could not be confirmed as saved. Run adjudicate --confirm-saved={id}. \
             To get the same values again instead, run adjudicate --return-unsaved={id}",
            id = set.save_id
        ))
    })?;
    note(&format!("{} values were saved to {}.", set.values.len(), safe(&target)));
    Ok(())
}

fn save_output(set: &SaveSet, unconfirmed: &[StagedRow]) -> Result<Vec<u8>, Error> {
    output::json(&SaveOutput { set, unconfirmed: rows::row_outputs(unconfirmed) })
}

fn write(args: &AdjudicateArgs, set: &SaveSet, unconfirmed: &[StagedRow]) -> Result<(), Error> {
    match &args.save {
        Some(path) => save_file::write_new(path, &output::json(set)?),
        // Unlike `output::print`, a reader that has closed the pipe is an error: it has not received the values.
        None => {
            let bytes = save_output(set, unconfirmed)?;
            output::write_stdout(&bytes).map_err(|cause| output::stdout_error(&cause))
        }
    }
}
