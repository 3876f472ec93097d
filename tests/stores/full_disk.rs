//! A store whose disk gets full in the middle of writes: it reports an error, keeps what it has stored, and works again when there is
//! more space.

use super::{
    basic::{of_organization, record},
    driven::{CaseResult, StoreFixture, supports},
    process::ProcessStore,
    server::{is_root, program},
};
use fhir_ehr::{Code, RecordKind, RecordWrite, Store, WriteOutcome};
use serde_json::json;
use std::{path::Path, process::Command};

/// A folder with limited space, which can be enlarged.
enum SmallDisk {
    Mounted(tempfile::TempDir),
    Limited(tempfile::TempDir),
}

impl SmallDisk {
    const KILOBYTES: u64 = 2_000;

    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let size = format!("size={}k,mode=700", Self::KILOBYTES);
        let mount =
            || Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        if is_root() && mount().is_ok_and(|output| output.status.success()) {
            return SmallDisk::Mounted(folder);
        }
        eprintln!("full disk: cannot mount a tmpfs here; using a file size limit instead");
        SmallDisk::Limited(folder)
    }

    fn path(&self) -> &Path {
        match self {
            SmallDisk::Mounted(folder) | SmallDisk::Limited(folder) => folder.path(),
        }
    }

    fn start(&self, command: Command) -> ProcessStore {
        let SmallDisk::Limited(_) = self else { return ProcessStore::start(&mut { command }) };
        // The signal is ignored so that the write fails instead of ending the process.
        let script =
            format!("trap '' XFSZ; exec prlimit --fsize={}:unlimited \"$0\" \"$@\"", Self::KILOBYTES * 1024);
        let mut limited = Command::new("sh");
        limited.args(["-c", &script]).arg(command.get_program()).args(command.get_args());
        limited.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        ProcessStore::start(&mut limited)
    }

    fn enlarge(&self, store: &ProcessStore) {
        let mut command = match self {
            SmallDisk::Mounted(folder) => {
                let mut command = Command::new("mount");
                command.args(["-o", "remount,size=50m"]).arg(folder.path());
                command
            }
            SmallDisk::Limited(_) => {
                let mut command = Command::new("prlimit");
                command.args([format!("--pid={}", store.pid()), "--fsize=unlimited".to_owned()]);
                command
            }
        };
        assert!(command.status().expect("more space").success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        if let SmallDisk::Mounted(folder) = self {
            let _ = Command::new("umount").arg("--lazy").arg(folder.path()).status();
        }
    }
}

pub fn full_disk(fixture: &dyn StoreFixture) -> CaseResult {
    let disk = SmallDisk::new();
    let Some(command) = fixture.in_folder(disk.path()) else { return Err("it is not a file") };
    if matches!(disk, SmallDisk::Limited(_)) && program("prlimit").is_none() {
        return Err("neither mount nor prlimit is available");
    }
    let store = disk.start(command);
    if supports(&store, "migrations") {
        store.do_now(&json!({"op": "install"}));
        store.do_now(&json!({"op": "install_host"}));
    }
    let kind = RecordKind::Grant;
    let pair = |number: usize| {
        ["a", "b"].map(|half| {
            let record = record(kind, &format!("{number:03}{half}"), &vec![7; 50_000]);
            RecordWrite::Put { record, expected: 0 }
        })
    };
    let mut stored = 0;
    let error = loop {
        match store.write(&pair(stored)) {
            Ok(end) => assert_eq!(end, WriteOutcome::Done),
            Err(error) => break error,
        }
        stored += 1;
        assert!(stored < 100, "the disk is never full");
    };
    assert_eq!(error.code(), Code::StoreUnavailable, "{error}");
    assert!(stored > 0);
    let all = |expected: usize| {
        let found = store.scan(kind, &of_organization(), None, 999).unwrap();
        assert_eq!(found.len(), expected);
        assert!(found.iter().all(|one| one.sealed == vec![7; 50_000]));
    };
    all(2 * stored);
    // Again: SQLite may have found space in its log by then, but it is still all or nothing.
    stored += usize::from(store.write(&pair(stored)).is_ok());
    all(2 * stored);
    disk.enlarge(&store);
    assert_eq!(store.write(&pair(stored)).unwrap(), WriteOutcome::Done);
    all(2 * stored + 2);
    drop(store);
    Ok(())
}
