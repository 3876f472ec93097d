//! `keys`: creates, imports, lists, rotates and publishes the keys of `private_key_jwt`.
//!
//! It writes private keys to new files only and prints none. It prints entries for the configuration and never changes the
//! configuration itself, because a person decides when a key becomes current.

use crate::{
    args::{
        ConfigArg, GenerateKeyArgs, ImportKeyArgs, JwksArgs, KeysCommand, ListKeysArgs, PemArgs,
        RetireKeyArgs,
    },
    context,
    failure::{Failure, file_error},
    output::{self, note, safe},
    save_file, table,
};
use fhir_ehr::{
    AllowAll, Client, Code, Config, Core, Error, ExposeSecret, Hooks, JwksDocument, KeyRingConfig, KeyState,
    PrivateKey, Secret, SigningKeyConfig, SqliteStore, describe_io_error,
};
use serde_json::{Value, json};
use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::ExitCode};

/// Runs the command.
pub(crate) fn run(command: &KeysCommand) -> Result<ExitCode, Failure> {
    match command {
        KeysCommand::Generate(args) => generate(args)?,
        KeysCommand::Import(args) => import(args)?,
        KeysCommand::List(args) => list(args)?,
        KeysCommand::Retire(args) => retire(args)?,
        KeysCommand::Jwks(args) => jwks(args)?,
        KeysCommand::Pem(args) => pem(args)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn generate(args: &GenerateKeyArgs) -> Result<(), Error> {
    let text = PrivateKey::generate_es384()?;
    let key = PrivateKey::parse(&text)?;
    save_file::write_new(&args.out, text.expose_secret().as_bytes())?;
    note(&format!(
        "The private key is in {}. Only its owner can read it.",
        safe(&args.out.display().to_string())
    ));
    print_new(&key, args.kid.as_deref(), &args.out)
}

fn import(args: &ImportKeyArgs) -> Result<(), Error> {
    let unreadable = |cause: std::io::Error| {
        file_error(Code::SecretUnavailable, &args.file, describe_io_error(cause.kind()))
    };
    let text = Secret::from(fs::read_to_string(&args.file).map_err(unreadable)?);
    let key = PrivateKey::parse(&text)?;
    let mode = fs::metadata(&args.file).map_err(unreadable)?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        let file = safe(&args.file.display().to_string());
        note(&format!("warning: Other users can read {file} (mode {mode:04o}). Set its mode to 0600."));
    }
    print_new(&key, args.kid.as_deref(), &args.file)
}

/// Prints the entry of a key that is not in the configuration yet.
fn print_new(key: &PrivateKey, kid: Option<&str>, file: &Path) -> Result<(), Error> {
    let file = fs::canonicalize(file)
        .map_err(|cause| file_error(Code::SecretUnavailable, file, describe_io_error(cause.kind())))?;
    let thumbprint = key.public_key().thumbprint();
    let entry = json!({
        "kid": kid.unwrap_or(&thumbprint),
        "key": format!("file:{}", file.display()),
        "algorithm": key.algorithm().name(),
        "state": KeyState::Next.name(),
    });
    output::print(&output::json(&entry)?)?;
    note(
        "Add this entry to \"keys\" of a key ring. For the first key of a ring, set \"state\" to \"current\". A \"next\" key is \
         published and does not sign yet.",
    );
    Ok(())
}

/// A client for the keys. They are not in the store, so the store may be the application's own.
fn client(config: Config) -> Result<Client, Error> {
    Client::with_core(
        Core::new(config)?,
        Hooks::new(Box::new(SqliteStore::new("/dev/null")), Box::new(AllowAll)),
    )
}

fn document(arg: &ConfigArg, ring: &str) -> Result<JwksDocument, Error> {
    client(context::config(arg)?)?.jwks(ring)
}

fn list(args: &ListKeysArgs) -> Result<(), Error> {
    let config = context::config(&args.config)?;
    let rings = config.key_rings.clone();
    let client = client(config)?;
    let mut rows = Vec::new();
    for ring in &rings {
        let published = client.jwks(&ring.name)?.keys;
        for (key, public) in ring.keys.iter().zip(published) {
            let (algorithm, state) = (key.algorithm.name(), key.state.name());
            let cells = [&ring.name, &key.kid, algorithm, state, &public.key.thumbprint()];
            rows.push(cells.map(str::to_owned).to_vec());
        }
    }
    output::print(table::table(&["ring", "kid", "algorithm", "state", "thumbprint"], &rows).as_bytes())
}

fn retire(args: &RetireKeyArgs) -> Result<(), Error> {
    let config = context::config(&args.config)?;
    let ring = config.key_rings.iter().find(|ring| ring.name == args.ring).cloned();
    // Checks that the ring exists and that its keys can be read.
    client(config)?.jwks(&args.ring)?;
    let changes = ring.map(|ring| rotation(&ring, &args.kid)).transpose()?;
    output::print(&output::json(&changes)?)?;
    note(
        "Set these states in the key ring. First make sure that the next key has been in the published JWKS document for more \
         than one hour, so that every EHR has it. Remove the retired key from the ring one day later.",
    );
    Ok(())
}

/// The changes of states that retire a current key and make the next key of its algorithm current.
fn rotation(ring: &KeyRingConfig, kid: &str) -> Result<Value, Error> {
    let key =
        ring.keys.iter().find(|key| key.kid == kid && key.state == KeyState::Current).ok_or_else(|| {
            let current = ring.keys.iter().filter(|key| key.state == KeyState::Current);
            let known: Vec<&str> = current.map(|key| key.kid.as_str()).collect();
            Error::new(Code::RequestInvalid)
                .detail(format!("the key ring {} has no current key {kid}", ring.name))
                .hint(format!("Its current keys: {}.", known.join(", ")))
        })?;
    let is_next =
        |other: &&SigningKeyConfig| other.state == KeyState::Next && other.algorithm == key.algorithm;
    let next = ring.keys.iter().find(is_next).ok_or_else(|| {
        Error::new(Code::RequestInvalid)
            .detail(format!("the key ring {} has no next key for {}", ring.name, key.algorithm.name()))
            .hint("Create one with: fhir-ehr keys generate. Add it with the state \"next\" and publish it first.")
    })?;
    Ok(json!([
        {"kid": key.kid, "state": KeyState::Retired.name()},
        {"kid": next.kid, "state": KeyState::Current.name()},
    ]))
}

fn jwks(args: &JwksArgs) -> Result<(), Error> {
    let document = document(&args.config, &args.ring)?;
    output::print(format!("{}\n", document.json).as_bytes())
}

fn pem(args: &PemArgs) -> Result<(), Error> {
    let document = document(&args.config, &args.ring)?;
    let key = document.keys.iter().find(|key| key.kid == args.kid).ok_or_else(|| {
        let known: Vec<&str> = document.keys.iter().map(|key| key.kid.as_str()).collect();
        Error::new(Code::RequestInvalid)
            .detail(format!("the key ring {} has no key {}", args.ring, args.kid))
            .hint(format!("Its keys: {}.", known.join(", ")))
    })?;
    output::print(key.key.pem().as_bytes())
}
