//! Private database servers, each with a socket in its own folder. They stop with the test, even after a panic.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        net::UnixStream,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// The longest time for a server to start on a busy machine.
const START: Duration = Duration::from_secs(60);

pub struct Server {
    pub process: Child,
    pub stop: &'static str,
    pub folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill").args([self.stop, &self.process.id().to_string()]).status();
        let _ = self.process.wait();
    }
}

/// The path of a program: from PATH, or from Debian's folders for servers.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.push("/usr/sbin".into());
    if let Ok(versions) = fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    folders.into_iter().map(|folder| folder.join(name)).find(|file| file.is_file())
}

pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|this| this.uid() == 0)
}

fn id(what: &str, user: &str) -> Option<u32> {
    let output = Command::new("id").args([what, user]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// Runs a program as the server's user if this process is root, because the servers refuse to run as root.
pub fn as_user(user: &str, dies_with_us: Option<&str>, name: &str) -> Command {
    let mut command = Command::new("setpriv");
    if is_root() {
        command.args([format!("--reuid={user}"), format!("--regid={user}"), "--clear-groups".to_owned()]);
    }
    if let Some(signal) = dies_with_us {
        command.args(["--pdeathsig", signal]);
    }
    command.arg(program(name).unwrap_or_else(|| panic!("{name} is not installed")));
    command.env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    command
}

pub fn folder_of(user: &str) -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("ehr").tempdir().expect("a folder");
    if is_root() {
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("permissions");
        chown(folder.path(), id("-u", user), id("-g", user)).expect("an owner");
    }
    folder
}

pub fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|cause| panic!("{command:?}: {cause}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

pub fn log(folder: &Path) -> Stdio {
    fs::File::create(folder.join("log")).expect("a log").into()
}

impl Server {
    pub fn when(mut self, ready: impl Fn(&Path) -> bool) -> Self {
        let deadline = Instant::now() + START;
        while !ready(self.folder.path()) {
            let ended = self.process.try_wait().expect("a state").is_some();
            if ended || Instant::now() > deadline {
                let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                panic!("the server does not come up:\n{log}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self
    }

    pub fn mariadb() -> Self {
        let folder = folder_of("mysql");
        let data = folder.path().join("data");
        run(as_user("mysql", None, "mariadb-install-db")
            .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
            .arg(format!("--datadir={}", data.display())));
        let process = as_user("mysql", Some("KILL"), "mariadbd")
            .args(["--no-defaults", "--skip-networking", "--skip-log-bin", "--skip-name-resolve"])
            .args([
                "--innodb-flush-log-at-trx-commit=0",
                "--innodb-buffer-pool-size=32M",
                "--skip-slave-start",
            ])
            .arg(format!("--datadir={}", data.display()))
            .arg(format!("--socket={}", folder.path().join("socket").display()))
            .arg(format!("--pid-file={}", folder.path().join("pid").display()))
            .stdout(Stdio::null())
            .stderr(log(folder.path()))
            .spawn()
            .expect("mariadbd starts");
        let server = Server { process, stop: "-KILL", folder };
        server.when(|folder| UnixStream::connect(folder.join("socket")).is_ok())
    }

    pub fn postgres() -> Self {
        let folder = folder_of("postgres");
        let data = folder.path().join("data");
        // The default collation does not compare by bytes, so the test shows that the store's columns do.
        run(as_user("postgres", None, "initdb")
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync"])
            .args(["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"])
            .arg(format!("--pgdata={}", data.display())));
        // SIGQUIT stops the server immediately and frees its shared memory.
        let process = as_user("postgres", Some("QUIT"), "postgres")
            .args(["-c", "listen_addresses=", "-c", "fsync=off", "-c", "deadlock_timeout=100ms"])
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(folder.path())
            .stdout(Stdio::null())
            .stderr(log(folder.path()))
            .spawn()
            .expect("postgres starts");
        let server = Server { process, stop: "-QUIT", folder };
        let is_ready = program("pg_isready").expect("pg_isready is installed");
        server.when(|folder| {
            let asked = Command::new(&is_ready)
                .args(["--quiet", "--username=postgres", "--host"])
                .arg(folder)
                .status();
            asked.is_ok_and(|status| status.success())
        })
    }
}
