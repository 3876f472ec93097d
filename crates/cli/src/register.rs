//! `register`: prints what to copy into the vendor's console, or registers the application at the server (RFC 7591).

use crate::{
    args::RegisterArgs,
    context,
    failure::Failure,
    minimum_scopes,
    output::{self, note, safe},
    save_file,
};
use fhir_ehr::{
    ClientRegistration, Code, Core, Error, ExposeSecret, RegisterRequest, RegistrationSheet, Secret,
    describe_io_error,
};
use serde_json::{Value, json};
use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Runs the command.
pub(crate) fn run(args: &RegisterArgs) -> Result<ExitCode, Failure> {
    match &args.secret_file {
        Some(file) if args.dynamic => dynamic(args, file),
        _ => {
            let core = Core::new(context::config(&args.config)?)?;
            let jwks_url = args.jwks_url.as_deref();
            let sheet = core.registration_sheet(&args.source, &args.launch_url, jwks_url)?;
            let mut text = lines(&sheet);
            if let Some(file) = &args.mapping {
                text.push_str(&minimum_scopes::lines(&core, &args.source, file)?);
            }
            output::print(text.as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn lines(sheet: &RegistrationSheet) -> String {
    let mut text = String::new();
    for entry in &sheet.entries {
        let is_scope = entry.name.starts_with("scopes_");
        let values = if is_scope { vec![entry.values.join(" ")] } else { entry.values.clone() };
        for value in values {
            let _ = writeln!(text, "{}: {}", entry.label, safe(&value));
        }
    }
    for note in &sheet.notes {
        let _ = writeln!(text, "note: {note}");
    }
    for warning in &sheet.warnings {
        let _ = writeln!(text, "warning: {}", safe(warning));
    }
    text
}

fn dynamic(args: &RegisterArgs, secret_file: &Path) -> Result<ExitCode, Failure> {
    // The server issues the secret once. So the file must be possible before anything is registered.
    if fs::symlink_metadata(secret_file).is_ok() {
        let detail = format!(
            "file {}: {}",
            secret_file.display(),
            describe_io_error(std::io::ErrorKind::AlreadyExists)
        );
        return Err(Error::new(Code::RequestInvalid).detail(detail).into());
    }
    let client = context::client(&args.config)?;
    let registered = client.register_client("operator", &request(args)?)?;
    if let Some(secret) = &registered.client_secret {
        save_file::write_new(secret_file, secret.expose_secret().as_bytes())?;
    }
    let source = client.sources().by_id(&args.source)?;
    let entry = entry(source.registration.id.as_str(), source, &registered, secret_file);
    output::print(&output::json(&entry)?)?;
    note("Replace the entry of this registration in the configuration with this one.");
    if registered.secret_expires_at.is_some() {
        note(
            "warning: The client secret expires. Register again, or ask the EHR team for one that does not expire.",
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn request(args: &RegisterArgs) -> Result<RegisterRequest, Error> {
    let token = args.initial_token_file.as_ref().map(|file| {
        let text = fs::read_to_string(file).map_err(|cause| {
            Error::new(Code::SecretUnavailable).detail(format!(
                "file {}: {}",
                file.display(),
                describe_io_error(cause.kind())
            ))
        });
        text.map(|text| Secret::from(text.trim()))
    });
    Ok(RegisterRequest {
        source: args.source.clone(),
        client_name: args.client_name.clone(),
        launch_url: args.launch_url.clone(),
        jwks_url: args.jwks_url.clone(),
        initial_access_token: token.transpose()?,
    })
}

/// The entry for `registrations`. The secret is in the file only.
fn entry(id: &str, source: &fhir_ehr::Source, registered: &ClientRegistration, secret_file: &Path) -> Value {
    let mut entry = json!({
        "id": id,
        "environments": [source.environment.name()],
        "client_id": registered.client_id,
        "redirect_uris": source.redirect_uris().collect::<Vec<_>>(),
    });
    if registered.client_secret.is_some() {
        let file: PathBuf = std::path::absolute(secret_file).unwrap_or_else(|_| secret_file.to_owned());
        entry["client_secret"] = format!("file:{}", file.display()).into();
    }
    entry
}
