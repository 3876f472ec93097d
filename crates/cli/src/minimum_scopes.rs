//! The fewest scopes that a mapping needs, as lines for `register` and `scopes`.

use crate::{failure::Failure, output::safe};
use fhir_ehr::{Code, Core, Error, Mapping, describe_io_error};
use std::{fmt::Write, fs, path::Path};

/// The fewest scopes of the mapping in a file, as lines.
pub(crate) fn lines(core: &Core, source: &str, file: &Path) -> Result<String, Failure> {
    let csv = fs::read_to_string(file).map_err(|cause| {
        let detail = format!("file {}: {}", file.display(), describe_io_error(cause.kind()));
        Error::new(Code::MappingInvalid).detail(detail)
    })?;
    let minimum = core.minimum_scopes(source, &Mapping::from_csv(&csv)?)?;
    let mut text = String::new();
    for (name, scopes) in [
        ("EHR launch", &minimum.scopes_launch),
        ("standalone", &minimum.scopes_standalone),
        ("system", &minimum.scopes_system),
    ] {
        if !scopes.is_empty() {
            let _ = writeln!(text, "minimum {name}: {}", safe(&scopes.join(" ")));
        }
    }
    for warning in &minimum.warnings {
        let _ = writeln!(text, "warning: {}", safe(warning));
    }
    Ok(text)
}
