//! Compiles C programs against the library that cargo has just built, and runs them.

use ehr_sim::{DataSource, Options, Simulator};
use std::{
    ffi::OsStr,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Output},
};
use tempfile::TempDir;

/// The registered redirect URI.
pub(crate) const REDIRECT: &str = "https://app.example/ehr.php";

/// The crate's folder.
pub(crate) fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder of the header.
pub(crate) fn include() -> PathBuf {
    folder().join("../../include")
}

/// The shared library that cargo has built for these tests.
pub(crate) fn library() -> PathBuf {
    let deps = std::env::current_exe().unwrap().parent().unwrap().to_path_buf();
    let file = deps.join("libfhir_ehr_capi.so");
    assert!(file.exists(), "{} is missing: cargo test builds it", file.display());
    file
}

/// A compiled program, next to the library that it loads.
pub(crate) struct Program {
    pub(crate) folder: TempDir,
    pub(crate) file: PathBuf,
}

/// The C compilers that are installed. Prints which ones are not.
pub(crate) fn compilers<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let here = |name: &&&str| {
        let found = Command::new(name).arg("--version").output().is_ok();
        if !found {
            eprintln!("SKIPPED: {name} is not installed; scripts/setup installs it");
        }
        found
    };
    names.iter().filter(here).copied().collect()
}

impl Program {
    /// Compiles tests/c/NAME.c with all warnings.
    pub(crate) fn compile(name: &str) -> Self {
        Self::compile_file(&folder().join("tests/c").join(name).with_extension("c"))
    }

    /// Compiles a file with all warnings.
    pub(crate) fn compile_file(source: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["libfhir_ehr.so", "libfhir_ehr.so.1"] {
            symlink(library(), folder.path().join(name)).unwrap();
        }
        let file = folder.path().join("program");
        let mut cc = Command::new("cc");
        cc.args(["-std=c11", "-D_GNU_SOURCE", "-g", "-Wall", "-Wextra", "-Werror", "-pedantic"]);
        cc.arg("-Wstrict-prototypes").arg("-I").arg(include()).arg("-I").arg(self::folder().join("tests/c"));
        cc.arg(source).arg("-o").arg(&file);
        cc.arg("-L").arg(folder.path()).args(["-lfhir_ehr", "-lpthread", "-ldl"]);
        cc.arg(format!("-Wl,-rpath,{}", folder.path().display()));
        stdout_of(&cc.output().unwrap(), &format!("cc {}", source.display()));
        Program { folder, file }
    }

    /// The program, which runs in its own folder.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.file);
        command.current_dir(self.folder.path());
        command
    }

    /// The program under valgrind, which fails on an invalid access or a definite leak. Without valgrind it prints that
    /// the test is skipped, and returns `None`.
    pub(crate) fn under_valgrind(&self) -> Option<Command> {
        if Command::new("valgrind").arg("--version").output().is_err() {
            eprintln!("SKIPPED: valgrind is not installed");
            return None;
        }
        let mut command = Command::new("valgrind");
        command.current_dir(self.folder.path());
        command.args(["-q", "--leak-check=full", "--show-leak-kinds=definite"]);
        command.args(["--errors-for-leak-kinds=definite", "--error-exitcode=99"]).arg(&self.file);
        Some(command)
    }

    /// Runs the program, which must succeed, and returns what it printed.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> String {
        stdout_of(&self.command().args(arguments).output().unwrap(), &self.file.display().to_string())
    }

    /// Writes a file into the folder of the program.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

/// What a command printed. The command must have succeeded.
pub(crate) fn stdout_of(output: &Output, what: &str) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{what}: {}\n{out}\n{err}", output.status);
    out.into_owned()
}

/// A patient with an MRN.
pub(crate) fn patient(id: &str, mrn: &str) -> String {
    format!(
        r#"{{"resourceType": "Patient", "id": "{id}", "gender": "female", "birthDate": "1970-01-01",
            "name": [{{"use": "official", "family": "F-{id}"}}],
            "identifier": [{{"system": "urn:oid:1.2.3", "value": "{mrn}",
            "type": {{"coding": [{{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}}]}}}}]}}"#
    )
}

/// A weight of a patient.
pub(crate) fn weight(id: &str, patient: &str, value: &str) -> String {
    format!(
        r#"{{"resourceType": "Observation", "id": "{id}", "status": "final", "subject": {{"reference": "Patient/{patient}"}},
            "category": [{{"coding": [{{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}}]}}],
            "code": {{"coding": [{{"system": "http://loinc.org", "code": "29463-7", "display": "Body Weight"}}]}},
            "effectiveDateTime": "2020-01-01", "valueQuantity": {{"value": {value}, "unit": "kg"}}}}"#
    )
}

/// A simulator with these resources.
pub(crate) fn simulator(resources: Vec<String>) -> Simulator {
    Simulator::start(Options {
        auto_approve: true,
        redirect_uris: vec![REDIRECT.to_owned()],
        data: DataSource::Resources(resources),
        ..Options::default()
    })
    .unwrap()
}

/// The simulator's configuration with a handoff URL, changed.
pub(crate) fn config(sim: &Simulator, change: impl FnOnce(&mut serde_json::Value)) -> String {
    let mut document: serde_json::Value = serde_json::from_str(&sim.config_json()).unwrap();
    document["handoff_urls"] =
        serde_json::json!([{"url": "https://study.example/start", "secret": "secret-of-study"}]);
    change(&mut document);
    document.to_string()
}
