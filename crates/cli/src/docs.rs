//! Reference output for administrators and for docs/: scopes, configuration schema, error codes.

use crate::{args::ScopesArgs, context, failure::Failure, minimum_scopes, output};
use fhir_ehr::{Code, Config, Core};
use std::{
    fmt::{Debug, Write},
    process::ExitCode,
};

/// `scopes`: the scopes to copy into the EHR vendor's console.
pub(crate) fn scopes(args: &ScopesArgs) -> Result<ExitCode, Failure> {
    let core = Core::new(context::config(&args.config)?)?;
    if let Some(file) = &args.mapping {
        output::print(minimum_scopes::lines(&core, &args.source, file)?.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let source = core.sources().by_id(&args.source)?;
    let text = format!(
        "EHR launch: {}\nstandalone: {}\nsystem: {}\n",
        source.launch_scopes(),
        source.standalone_scopes(),
        source.system_scopes()
    );
    output::print(text.as_bytes())?;
    if source.system_registration.is_none() {
        output::note("note: The source has no system_registration, so the system scopes are not used.");
    }
    Ok(ExitCode::SUCCESS)
}

/// `config-schema`
pub(crate) fn config_schema() -> Result<ExitCode, Failure> {
    output::print(&output::json(&Config::schema())?)?;
    Ok(ExitCode::SUCCESS)
}

/// `errors`: the table in docs/errors.md.
pub(crate) fn errors() -> Result<ExitCode, Failure> {
    let mut text =
        "| number | name | stage | who can fix it | retry | sentence |\n|---|---|---|---|---|---|\n"
            .to_owned();
    for code in Code::all() {
        let (stage, owner, retry) = (words(code.stage()), words(code.owner()), words(code.retry()));
        let _ = writeln!(
            text,
            "| {} | `{}` | {stage} | {owner} | {retry} | {} |",
            code.number(),
            code.name(),
            code.sentence().replace('|', "\\|")
        );
    }
    output::print(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Splits a variant's name into words: `AfterSignIn` becomes "after sign in".
fn words(variant: impl Debug) -> String {
    let mut words = String::new();
    for c in format!("{variant:?}").chars() {
        if c.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}
