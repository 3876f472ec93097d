//! The embedded store as a driver: the test binary itself, started anew, speaks the protocol.

use super::process::{record_from_json, record_to_json};
use fhir_ehr::{Lease, RecordKind, RecordQuery, RecordWrite, Result, SqliteStore, Store, WriteOutcome};
use serde_json::{Value, json};
use std::{
    io::{BufRead, Write as _, stdin, stdout},
    path::Path,
    process::Command,
};

const FILE: &str = "FHIR_EHR_TEST_STORE_FILE";

/// A process that serves the store in this file.
pub fn driver(file: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this binary"));
    command.args(["--exact", "embedded_driver", "--ignored", "--nocapture"]).env(FILE, file);
    command
}

/// Serves until the input ends, if this process was started for it.
pub fn serve() {
    let Some(file) = std::env::var_os(FILE) else { return };
    let store = SqliteStore::new(&file);
    let mut out = stdout();
    writeln!(out).expect("stdout");
    for line in stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
        let answer = match answer(&store, Path::new(&file), &request) {
            Ok(answer) => json!({"ok": answer}),
            Err(error) => json!({"error": {"type": error.code().name(), "message": error.message()}}),
        };
        writeln!(out, "{answer}").and_then(|()| out.flush()).expect("stdout");
    }
}

fn answer(store: &SqliteStore, file: &Path, request: &Value) -> Result<Value> {
    let text = |name: &str| request[name].as_str().map(str::to_owned);
    let name = |name: &str| text(name).expect("a text");
    let kind = |value: &Value| RecordKind::ALL.into_iter().find(|kind| value == kind.name()).expect("a kind");
    let number = |name: &str| request[name].as_i64().expect("a number");
    Ok(match name("op").as_str() {
        "hello" => json!({"name": "embedded", "can": ["age"]}),
        "get" => store.get(kind(&request["kind"]), &name("key"))?.map_or(Value::Null, |r| record_to_json(&r)),
        "write" => {
            let part = |part: &Value| {
                let expected = part["expected"].as_i64().expect("a number");
                if part["record"].is_null() {
                    let key = part["key"].as_str().expect("a text").to_owned();
                    return RecordWrite::Delete { kind: kind(&part["kind"]), key, expected };
                }
                RecordWrite::Put { record: record_from_json(&part["record"]), expected }
            };
            let batch: Vec<RecordWrite> =
                request["batch"].as_array().expect("a list").iter().map(part).collect();
            match store.write(&batch)? {
                WriteOutcome::Done => json!(-1),
                WriteOutcome::Conflict(number) => json!(number),
            }
        }
        "scan" => {
            let query = RecordQuery {
                organization: name("organization"),
                project: text("project"),
                subject: text("subject"),
                state: text("state"),
            };
            let limit = usize::try_from(number("limit")).expect("a limit");
            let found = store.scan(kind(&request["kind"]), &query, text("after").as_deref(), limit)?;
            found.iter().map(record_to_json).collect()
        }
        "acquire_lease" => {
            let lease = store.acquire_lease(&name("name"), &name("holder"), number("seconds"))?;
            lease.map_or(Value::Null, |lease| json!(lease.fence))
        }
        "release_lease" => {
            let lease = Lease { name: name("name"), holder: name("holder"), fence: number("fence") };
            store.release_lease(&lease)?;
            Value::Null
        }
        "purge" => json!(store.purge_expired()?),
        "age" => {
            let connection = rusqlite::Connection::open(file).expect("the file");
            for table in ["record", "lease"] {
                let sql = format!("UPDATE {table} SET expires_at = expires_at - ?1");
                connection.execute(&sql, [number("seconds")]).expect("an update");
            }
            Value::Null
        }
        other => panic!("unknown op {other}"),
    })
}
