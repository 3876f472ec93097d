//! Writes handed-out values to a new file: completely or not at all, and synced to disk before the values are confirmed as saved.

use fhir_ehr::{Code, Error, describe_io_error, random_text};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
};

/// Writes a file that must not exist yet, because an existing one may hold the only copy of other values. Removes temporary files
/// that killed runs left in the folder.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    remove_abandoned(folder);
    let temporary = folder.join(format!("{PREFIX}{}{SUFFIX}", random_text()?));
    // The lock is held until the file has its final name: it shows other runs that this one is alive.
    let written =
        fill(&temporary, bytes).and_then(|lock| put_in_place(&temporary, path, folder).map(|()| lock));
    let _ = fs::remove_file(&temporary);
    written.map(drop).map_err(|cause| {
        let error = Error::new(Code::RequestInvalid);
        error.detail(format!(
            "file {} cannot be written: {}",
            path.display(),
            describe_io_error(cause.kind())
        ))
    })
}

const PREFIX: &str = ".fhir-ehr-";
const SUFFIX: &str = ".tmp";

/// Creates and locks the file, so that no other run treats it as abandoned.
fn fill(temporary: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(temporary)?;
    file.lock()?;
    if file.metadata()?.nlink() == 0 {
        // Another run removed it before it was locked.
        return Err(io::ErrorKind::Interrupted.into());
    }
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(file)
}

/// Removes the temporary files of killed runs. Their values were handed out and never confirmed, so `adjudicate` lists them
/// again; the file must not keep a copy.
fn remove_abandoned(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_temporary =
            name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        // A running command holds the lock.
        if is_temporary && is_file && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn put_in_place(temporary: &Path, path: &Path, folder: &Path) -> io::Result<()> {
    // A hard link, unlike a rename, never replaces a file. File systems without hard links get a rename.
    match fs::hard_link(temporary, path) {
        Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => {
            if fs::symlink_metadata(path).is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            fs::rename(temporary, path)?;
        }
        linked => linked?,
    }
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_file_is_never_replaced_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("values.json");
        write_new(&path, b"one").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(write_new(&path, b"two").unwrap_err().code(), Code::RequestInvalid);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn temporary_files_of_killed_runs_are_removed_and_those_of_running_ones_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let named = |name: &str| folder.path().join(name);
        fs::write(named(".fhir-ehr-killed.tmp"), b"values").unwrap();
        fs::write(named(".fhir-ehr-notes.txt"), b"another file").unwrap();
        let living = fill(&named(".fhir-ehr-living.tmp"), b"values").unwrap();
        write_new(&named("values.json"), b"one").unwrap();
        let mut left: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, [".fhir-ehr-living.tmp", ".fhir-ehr-notes.txt", "values.json"]);
        drop(living);
    }
}
