//! The command line of the simulator.
#![allow(clippy::print_stdout, clippy::print_stderr)] // The interface of a command is its output.

use std::{
    error::Error,
    fs::{self, OpenOptions},
    io::{self, Read, Write},
    net::SocketAddr,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::mpsc,
    thread,
    time::Duration,
};

use clap::Parser;
use ehr_sim::{
    BasicEncoding, DataSource, DiscoveryOptions, FAULTS, FhirRelease, FhirUserForm, IdTokenAlgorithm, Login,
    Options, Personality, PkcePolicy, Registration, RequiredHeader, Simulator, Tenant, rule_switches,
};

/// A simulated EHR: FHIR server, authorization server and launch page, for this machine only
#[derive(Debug, Parser)]
#[command(version, after_help = after_help())]
struct Cli {
    /// Loopback address to listen on; port 0 selects a free port
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Files and folders (with subfolders) of FHIR JSON; default: the patients in this program
    #[arg(long, value_name = "PATH", num_args = 1..)]
    data: Vec<PathBuf>,
    /// The EHR to simulate: smart, oracle, epic, generic
    #[arg(long, default_value = "smart")]
    personality: Personality,
    /// FHIR version: r4, dstu2
    #[arg(long, value_name = "RELEASE", default_value = "r4")]
    fhir: FhirRelease,
    /// Approve every authorize request at once, as the default user
    #[arg(long)]
    auto_approve: bool,
    /// Patient of standalone launches with --auto-approve; default: the first
    #[arg(long, value_name = "ID")]
    default_patient: Option<String>,
    /// Write the fhir_ehr configuration for this simulator (mode 0600)
    #[arg(long, value_name = "FILE")]
    write_config: Option<PathBuf>,
    /// Launch URL of an application (can be repeated)
    #[arg(long, value_name = "URL")]
    app_launch_url: Vec<String>,
    /// Name of the application (can be repeated, in the same order); default: Application 1, ...
    #[arg(long, value_name = "NAME")]
    app_name: Vec<String>,
    /// Registered redirect URI (can be repeated); http://127.0.0.1/callback with any port is always registered
    #[arg(long, value_name = "URI")]
    redirect_uri: Vec<String>,
    /// Lifetime of access tokens; default: 570 for oracle, else 3600
    #[arg(long, value_name = "SECONDS")]
    access_token_lifetime: Option<u64>,
    /// Return a new refresh token from each refresh; a second use of an old one revokes the grant
    #[arg(long)]
    rotate_refresh_tokens: bool,
    /// Largest number of entries on a page of a search
    #[arg(long, value_name = "N")]
    page_size: Option<usize>,
    /// Stop after this time
    #[arg(long, value_name = "SECONDS")]
    max_seconds: Option<u64>,
    /// Stop when stdin is closed
    #[arg(long)]
    stop_with_stdin: bool,
    /// Set a fault (can be repeated): NAME[:ARG][:N][@TARGET], see below; `help` lists them
    #[arg(long, value_name = "FAULT")]
    fault: Vec<String>,
    /// Print one line for each request on stderr: method, path, status
    #[arg(long)]
    log: bool,
    /// User who can sign in (can be repeated); the first is the default user; default: portal:portal
    #[arg(long, value_name = "USER[:PASSWORD]")]
    login: Vec<String>,
    /// Secret of the client app-user; default: random
    #[arg(long, value_name = "SECRET")]
    client_secret: Option<String>,
    /// Secret of the client app-system; default: random
    #[arg(long, value_name = "SECRET")]
    system_secret: Option<String>,
    /// Second secret of the client app-user, valid at the same time
    #[arg(long, value_name = "SECRET")]
    client_secret_next: Option<String>,
    /// JSON file with an array of more client registrations
    #[arg(long, value_name = "FILE")]
    registrations: Option<PathBuf>,
    /// How long a client that is registered in the console or dynamically is unknown
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    activation_delay: u64,
    /// One more hospital at /ID/r4 and /ID/dstu2 (can be repeated); PATH has the folders r4 and dstu2
    #[arg(long, value_name = "ID[=PATH]")]
    tenant: Vec<String>,
    /// What the server does with PKCE: required, supported, not-advertised, ignored
    #[arg(long, value_name = "POLICY")]
    pkce: Option<PkcePolicy>,
    /// Whether the callback has the parameter iss (RFC 9207); default: only for generic
    #[arg(long, value_name = "true|false")]
    response_iss: Option<bool>,
    /// How HTTP Basic credentials are written: raw, form; default: form for generic, else raw
    #[arg(long, value_name = "ENCODING")]
    basic_encoding: Option<BasicEncoding>,
    /// Base URL in all documents, if a proxy is in front of the simulator
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Discovery documents have relative endpoints
    #[arg(long)]
    relative_endpoints: bool,
    /// Discovery documents have http endpoints although the public URL is https
    #[arg(long)]
    http_endpoints: bool,
    /// The capability statement has oauth-uris#authorize and oauth-uris#token
    #[arg(long)]
    legacy_oauth_uris: bool,
    /// Leave a document, member or capability out of discovery, such as smart-configuration (can be repeated)
    #[arg(long, value_name = "NAME")]
    discovery_without: Vec<String>,
    /// Header that a gateway requires (can be repeated); PHASE is discovery, token or fhir
    #[arg(long, value_name = "NAME[=VALUE][@PHASE]")]
    require_header: Vec<RequiredHeader>,
    /// fhirContext has strings, as in SMART 2.0
    #[arg(long)]
    fhir_context_strings: bool,
    /// Leave a member out of token answers, such as scope (can be repeated)
    #[arg(long, value_name = "NAME")]
    token_answer_without: Vec<String>,
    /// Break a numbered rule of SMART App Launch 2.2.0 (can be repeated); `help` lists the numbers
    #[arg(long = "break", value_name = "NUMBER")]
    break_rule: Vec<String>,
    /// The scopes for resources that each user grants, if not all, separated by spaces. They can be parts of a requested scope.
    #[arg(long, value_name = "SCOPES")]
    user_grants: Option<String>,

    /// Algorithm of the keys that sign id_tokens: RS256, RS384, ES256 or ES384 [default: that of the personality]
    #[arg(long, value_name = "ALGORITHM")]
    id_token_algorithm: Option<IdTokenAlgorithm>,

    /// How id_tokens name the FHIR resource of the user: absolute, relative, profile or foreign [default: that of the personality]
    #[arg(long, value_name = "FORM")]
    fhir_user: Option<FhirUserForm>,
}

fn after_help() -> String {
    let mut text = "Clients: app-user (secret), app-public (none), app-system (secret, system scopes).\n\n\
        Faults. :N limits a fault to the next N requests. @token, @authorize, @revoke, @introspect, @discovery, @fhir or @ResourceType \
        selects the requests:
"
        .to_owned();
    text.push_str(&faults());
    text
}

fn faults() -> String {
    FAULTS.iter().map(|fault| format!("  {:<27} {}\n", fault.usage, fault.effect)).collect()
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if cli.fault.iter().any(|fault| fault == "help") {
        print!("{}", faults());
        return ExitCode::SUCCESS;
    }
    if cli.break_rule.iter().any(|number| number == "help") {
        for switch in rule_switches() {
            println!("  {:<4} {}", switch.number, switch.effect);
        }
        return ExitCode::SUCCESS;
    }
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ehr-sim: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<(), Box<dyn Error>> {
    for path in &cli.data {
        if !path.exists() {
            return Err(format!("--data {}: no such file or folder", path.display()).into());
        }
    }
    let sim = Simulator::start(Options {
        personality: cli.personality,
        fhir: cli.fhir,
        data: if cli.data.is_empty() { DataSource::Embedded } else { DataSource::Paths(cli.data) },
        listen: cli.listen,
        auto_approve: cli.auto_approve,
        default_patient: cli.default_patient,
        app_launch_urls: cli.app_launch_url,
        app_names: cli.app_name,
        redirect_uris: cli.redirect_uri,
        access_token_lifetime: cli.access_token_lifetime.map(Duration::from_secs),
        rotate_refresh_tokens: cli.rotate_refresh_tokens,
        page_size: cli.page_size,
        faults: cli.fault,
        log: cli.log,
        logins: cli.login.iter().map(|text| parse_login(text)).collect(),
        client_secret: cli.client_secret,
        system_secret: cli.system_secret,
        store_sqlite: cli.write_config.as_deref().map(store_path).transpose()?,
        client_secret_next: cli.client_secret_next,
        registrations: cli.registrations.as_deref().map(read_registrations).transpose()?.unwrap_or_default(),
        activation_delay: Duration::from_secs(cli.activation_delay),
        tenants: cli.tenant.iter().map(|text| parse_tenant(text)).collect::<Result<_, _>>()?,
        pkce: cli.pkce,
        response_iss: cli.response_iss,
        basic_encoding: cli.basic_encoding,
        public_url: cli.public_url,
        discovery: DiscoveryOptions {
            relative_endpoints: cli.relative_endpoints,
            http_endpoints: cli.http_endpoints,
            legacy_oauth_uris: cli.legacy_oauth_uris,
            without: cli.discovery_without,
        },
        required_headers: cli.require_header,
        fhir_context_strings: cli.fhir_context_strings,
        token_answer_without: cli.token_answer_without,
        broken_rules: cli.break_rule.iter().map(|text| parse_number(text)).collect::<Result<_, _>>()?,
        keep_requests: false,
        user_grants: cli.user_grants,
        id_token_algorithm: cli.id_token_algorithm,
        fhir_user: cli.fhir_user,
    })?;
    for warning in sim.warnings() {
        eprintln!("ehr-sim: {warning}");
    }
    if let Some(path) = &cli.write_config {
        write_private(path, &sim.config_json())
            .map_err(|error| format!("--write-config {}: {error}", path.display()))?;
    }
    let base = sim.base_url();
    let mut out = io::stdout().lock();
    writeln!(out, "ehr-sim: listening on {base}\niss={}\npage={base}/", sim.iss())?;
    for iss in &sim.bases()[1..] {
        writeln!(out, "tenant-iss={iss}")?;
    }
    out.flush()?;
    drop(out);
    wait(cli.stop_with_stdin, cli.max_seconds);
    Ok(())
}

/// Waits until stdin closes or the time is over. Without either option it waits forever.
fn wait(stop_with_stdin: bool, max_seconds: Option<u64>) {
    let (sender, receiver) = mpsc::channel::<()>();
    // While this sender exists, the receiver waits although the thread below is not started.
    let open_sender = sender.clone();
    if stop_with_stdin {
        thread::spawn(move || {
            let mut buffer = [0; 1024];
            while io::stdin().read(&mut buffer).is_ok_and(|read| read > 0) {}
            // It fails only if the main thread has already ended.
            sender.send(()).ok();
        });
    }
    match max_seconds {
        Some(seconds) => drop(receiver.recv_timeout(Duration::from_secs(seconds))),
        None => drop(receiver.recv()),
    }
    drop(open_sender);
}

/// Reads the number of a switch.
fn parse_number(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| format!("--break {text}: expected a number; --break help lists them"))
}

/// Reads USER[:PASSWORD].
fn parse_login(text: &str) -> Login {
    match text.split_once(':') {
        Some((user, password)) => Login { user: user.to_owned(), password: Some(password.to_owned()) },
        None => Login { user: text.to_owned(), password: None },
    }
}

/// Reads ID[=PATH]. Without a path, both servers have the patients in this program.
fn parse_tenant(text: &str) -> Result<Tenant, String> {
    let Some((id, path)) = text.split_once('=') else {
        let embedded = Some(DataSource::Embedded);
        return Ok(Tenant { id: text.to_owned(), r4: embedded.clone(), dstu2: embedded });
    };
    let folder = |name: &str| {
        let folder = Path::new(path).join(name);
        folder.exists().then(|| DataSource::Paths(vec![folder]))
    };
    let tenant = Tenant { id: id.to_owned(), r4: folder("r4"), dstu2: folder("dstu2") };
    if tenant.r4.is_none() && tenant.dstu2.is_none() {
        return Err(format!("--tenant {text}: the folder has neither r4 nor dstu2"));
    }
    Ok(tenant)
}

/// Reads the file of `--registrations`.
fn read_registrations(path: &Path) -> Result<Vec<Registration>, String> {
    let error = |reason: String| format!("--registrations {}: {reason}", path.display());
    let text = fs::read_to_string(path).map_err(|cause| error(cause.to_string()))?;
    serde_json::from_str(&text).map_err(|cause| error(cause.to_string()))
}

/// The path of the store for a configuration file: `.sqlite` in place of `.json`. It is absolute, because the
/// configuration may be read from another folder.
fn store_path(file: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(file)?;
    Ok(if path.extension().is_some_and(|extension| extension == "json") {
        path.with_extension("sqlite")
    } else {
        let mut name = path.into_os_string();
        name.push(".sqlite");
        name.into()
    })
}

/// Writes a file that only its owner can read. It replaces an existing file.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    if path.exists() {
        // An existing file would keep its mode.
        fs::remove_file(path)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}
