//! `grants`: lists the stored grants, and asks the EHR about tokens.

use crate::{
    args::GrantsArgs,
    context,
    failure::Failure,
    output,
    table::{table, time, yes_or_no},
};
use fhir_ehr::{Client, Error, GrantEntry, GrantWarning, Introspection, UnreadableGrant};
use std::process::ExitCode;

/// The grants of one page of the store.
const PAGE: usize = 1_000;

const HEADER: [&str; 9] =
    ["source", "user", "status", "signed in", "refreshed", "access until", "lapses", "action", "warnings"];
const INTROSPECTION_HEADER: [&str; 6] = ["token", "active", "own client", "client", "expires", "scope"];

/// Runs the command.
pub(crate) fn run(args: &GrantsArgs) -> Result<ExitCode, Failure> {
    let client = context::client(&args.config)?;
    let out = match &args.source {
        Some(source) if args.introspect.is_some() || args.introspect_system => {
            let found = client.introspect(&args.user, args.introspect.as_deref(), source)?;
            introspections(&found, args.json)?
        }
        source => list(&client, &args.user, source.as_deref(), args.json)?,
    };
    output::print(&out)?;
    Ok(ExitCode::SUCCESS)
}

fn list(client: &Client, user: &str, source: Option<&str>, json: bool) -> Result<Vec<u8>, Error> {
    let (mut grants, mut unreadable): (Vec<GrantEntry>, Vec<UnreadableGrant>) = (Vec::new(), Vec::new());
    let mut after = None;
    loop {
        let page = client.grants(user, after.as_deref(), PAGE)?;
        grants.extend(
            page.grants.into_iter().filter(|grant| source.is_none_or(|source| grant.source == source)),
        );
        unreadable.extend(page.unreadable);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    grants.sort_by(|a, b| (&a.source, &a.user, a.patient_bound).cmp(&(&b.source, &b.user, b.patient_bound)));
    if json {
        return output::json(&serde_json::json!({ "grants": grants, "unreadable": unreadable }));
    }
    let mut text = table(&HEADER, &grants.iter().map(row).collect::<Vec<_>>());
    for advice in grants.iter().filter_map(|grant| grant.advice.as_deref()) {
        text.push_str(&output::safe(advice));
        text.push('\n');
    }
    if !unreadable.is_empty() {
        let count = unreadable.len();
        text.push_str(&format!(
            "{count} stored sign-ins cannot be decrypted. --json lists them with the reason.\n"
        ));
    }
    Ok(text.into_bytes())
}

fn row(grant: &GrantEntry) -> Vec<String> {
    let user = match (&grant.user, grant.patient_bound) {
        (None, _) => "(system account)".to_owned(),
        (Some(user), true) => format!("{user} (one patient)"),
        (Some(user), false) => user.clone(),
    };
    let lapses = grant.lapses_at.map_or_else(|| grant.lapse.name().to_owned(), |at| time(Some(at)));
    let warnings: Vec<&str> = grant.warnings.iter().copied().map(GrantWarning::name).collect();
    vec![
        grant.source.clone(),
        user,
        grant.status.name().to_owned(),
        time(grant.signed_in_at),
        time(grant.refreshed_at),
        time(Some(grant.access_token_expires_at)),
        lapses,
        grant.action.name().to_owned(),
        warnings.join(", "),
    ]
}

fn introspections(found: &[Introspection], json: bool) -> Result<Vec<u8>, Error> {
    if json {
        return output::json(&serde_json::json!({ "tokens": found }));
    }
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|one| {
            vec![
                one.token.name().to_owned(),
                yes_or_no(one.active),
                one.own_client.map_or_else(|| "-".to_owned(), yes_or_no),
                one.client_id.clone().unwrap_or_else(|| "-".to_owned()),
                time(one.expires_at),
                one.scope.clone().unwrap_or_else(|| "-".to_owned()),
            ]
        })
        .collect();
    Ok(table(&INTROSPECTION_HEADER, &rows).into_bytes())
}
