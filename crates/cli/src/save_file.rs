//! Writing handed-out values to a new file: whole or not at all, and on the disk before it counts.

use fhir_ehr::{
    error::{Code, Error, file_words},
    secret,
};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Writes a file that must not exist yet: it may hold values that are nowhere else any more.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let temporary = folder.join(format!(".fhir-ehr-{}.tmp", secret::random_text()?));
    let written = fill(&temporary, bytes).and_then(|()| put_in_place(&temporary, path, folder));
    let _ = fs::remove_file(&temporary);
    written.map_err(|cause| {
        let error = Error::new(Code::RequestInvalid);
        error.detail(format!("file {} cannot be written: {}", path.display(), file_words(cause.kind())))
    })
}

fn fill(temporary: &PathBuf, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(temporary)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn put_in_place(temporary: &Path, path: &Path, folder: &Path) -> io::Result<()> {
    // A link, unlike a rename, does not replace; a rename where the file system knows no links.
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
    fn a_file_is_new_whole_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("values.json");
        write_new(&path, b"one").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(write_new(&path, b"two").unwrap_err().code(), Code::RequestInvalid);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
