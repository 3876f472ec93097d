//! `endpoints`: reads a vendor's directory of endpoints from a file, and prints entries for the configuration.

use crate::{
    args::EndpointsArgs,
    failure::Failure,
    output::{self, note},
};
use fhir_ehr::{Code, DirectoryEntry, Error, FhirVersion, Vendor, describe_io_error, read_directory};
use serde_json::json;
use std::{fs, process::ExitCode};

/// Runs the command.
pub(crate) fn run(args: &EndpointsArgs) -> Result<ExitCode, Failure> {
    let text = fs::read_to_string(&args.file).map_err(|cause| {
        let detail = format!("file {}: {}", args.file.display(), describe_io_error(cause.kind()));
        Error::new(Code::RequestInvalid).detail(detail)
    })?;
    let found = read_directory(&text)?;
    let part = args.find.as_deref().unwrap_or_default().to_lowercase();
    let matches = |entry: &&DirectoryEntry| {
        entry.organization.to_lowercase().contains(&part) || entry.iss.to_lowercase().contains(&part)
    };
    let entries: Vec<_> = found.iter().filter(matches).map(source).collect();
    output::print(&output::json(&entries)?)?;
    note(&format!(
        "{} of {} FHIR servers. Complete the empty members before you add an entry to sources.",
        entries.len(),
        found.len()
    ));
    Ok(ExitCode::SUCCESS)
}

/// An entry for `sources`. JSON escapes control characters, so a terminal can show it.
fn source(entry: &DirectoryEntry) -> serde_json::Value {
    json!({
        "id": "",
        "name": output::safe(&entry.organization),
        "iss": output::safe(&entry.iss),
        "environment": "",
        "fhir_version": entry.fhir_version.map_or("", FhirVersion::name),
        "vendor": entry.vendor.map_or("", Vendor::name),
        "registration": "",
    })
}
