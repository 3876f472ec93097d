//! A simulated EHR with its configuration in a temporary folder, and functions that run the command against it.

#![allow(dead_code, reason = "each test file uses some of it")]

use ehr_sim::{DataSource, Options, Simulator};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
};
use tempfile::TempDir;
use url::Url;

/// The MRN of the simulator's patient with markup in its name.
pub(crate) const SCRIPT_MRN: &str = "0700123";
/// The simulator's client secret. It must never be printed.
pub(crate) const SECRET: &str = "s3cret-of-the-client";

pub(crate) struct Fixture {
    pub(crate) sim: Simulator,
    pub(crate) folder: TempDir,
}

/// The result of one run of the command.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Asserts exit code 0.
    pub(crate) fn good(self) -> Run {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|cause| panic!("{cause}: {self:?}"))
    }

    /// Asserts an error: exit code 1, nothing on stdout, the code's name, no secret.
    pub(crate) fn failed(&self, code_name: &str) -> &Run {
        assert_eq!((self.code, self.stdout.as_str()), (1, ""), "{self:?}");
        let first = self.stderr.lines().find(|line| line.starts_with("error: ")).unwrap_or_default();
        assert!(first.ends_with(&format!("[{code_name}]")), "{self:?}");
        assert!(self.stderr.contains("\nwho can fix it: ") && self.stderr.contains("\nretry: "), "{self:?}");
        assert!(!self.stderr.contains(SECRET), "{self:?}");
        self
    }
}

/// A fixture with the simulator's own patients. Their weights have times with several UTC offsets, which can be compared only
/// when the source has a time zone.
pub(crate) fn fixture() -> Fixture {
    let fixture = fixture_with(DataSource::default());
    let mut config: Value = serde_json::from_str(&fixture.sim.config_json()).unwrap();
    config["sources"][0]["time_zone"] = "UTC".into();
    fixture.write("config.json", &config.to_string());
    fixture
}

pub(crate) fn fixture_with(data: DataSource) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let sim = Simulator::start(Options {
        data,
        store_sqlite: Some(PathBuf::from("store.sqlite")),
        client_secret: Some(SECRET.to_owned()),
        system_secret: Some(SECRET.to_owned()),
        ..Options::default()
    })
    .unwrap();
    let fixture = Fixture { sim, folder };
    fixture.write("config.json", &fixture.sim.config_json());
    fixture
}

impl Fixture {
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn write(&self, name: &str, content: &str) -> String {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// Writes a mapping file with these lines.
    pub(crate) fn mapping(&self, lines: &str) -> String {
        let header =
            "external_source_field_name,is_record_identifier,field_name,temporal_field,preselect,event_name";
        self.write("mapping.csv", &format!("{header}\n{lines}"))
    }

    /// A command with this fixture's configuration.
    pub(crate) fn command(&self, name: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fhir-ehr"));
        command.arg(name).args(["--config", &self.path("config.json")]).args(args).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, name: &str, args: &[&str]) -> Run {
        run(self.command(name, args))
    }

    /// Pulls the patient with markup in its name.
    pub(crate) fn pull(&self, mapping: &str, args: &[&str]) -> Run {
        let fixed = ["--source", "sim", "--mrn", SCRIPT_MRN, "--mapping", mapping];
        self.run("pull", &[&fixed, args].concat())
    }

    /// Starts a sign-in and reads the URL that it prints.
    pub(crate) fn login(&self, args: &[&str]) -> Login {
        let mut command = self.command("login", &[&["--source", "sim"], args].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut address = String::new();
        stdout.read_line(&mut address).unwrap();
        let address = address.strip_suffix('\n').unwrap_or_default().to_owned();
        let redirect_uri = Url::parse(&address)
            .ok()
            .and_then(|url| {
                url.query_pairs().find(|(name, _)| name == "redirect_uri").map(|(_, uri)| uri.into())
            })
            .unwrap_or_default();
        Login { child, stdout, address, redirect_uri }
    }

    /// Signs in the default user.
    pub(crate) fn sign_in(&self) {
        let login = self.login(&[]);
        let callback = self.sim.approve(&login.address).unwrap();
        assert!(get(&callback).starts_with("HTTP/1.1 200 OK\r\n"));
        login.end().good();
    }
}

/// A started sign-in.
pub(crate) struct Login {
    child: Child,
    stdout: BufReader<ChildStdout>,
    pub(crate) address: String,
    pub(crate) redirect_uri: String,
}

impl Login {
    /// Waits for the command to end. `stdout` is the output after the URL.
    pub(crate) fn end(mut self) -> Run {
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).unwrap();
        let output = self.child.wait_with_output().unwrap();
        Run { code: output.status.code().unwrap(), stdout, stderr: String::from_utf8(output.stderr).unwrap() }
    }
}

/// Keeps what a command printed on stderr for `scripts/check-output`, which looks for secrets in it. On stdout, there is what its user
/// asked for.
fn keep(stderr: &[u8]) {
    if let Some(folder) = std::env::var_os("FHIR_EHR_TEST_LOGS") {
        let path = std::path::Path::new(&folder).join("cli-stderr.log");
        fs::OpenOptions::new().create(true).append(true).open(path).unwrap().write_all(stderr).unwrap();
    }
}

pub(crate) fn run(mut command: Command) -> Run {
    let output = command.output().unwrap();
    keep(&output.stderr);
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The response to a GET request, as a browser receives it.
pub(crate) fn get(url: &str) -> String {
    let url = Url::parse(url).unwrap();
    let target = url.query().map_or(url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    exchange(&url, &format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n"))
}

/// Sends these bytes and returns the response.
pub(crate) fn exchange(url: &Url, request: &str) -> String {
    let mut stream = TcpStream::connect((url.host_str().unwrap(), url.port().unwrap())).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
