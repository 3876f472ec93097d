//! A search from its parameters to its first page.

use std::sync::Arc;

use crate::{
    faults::Met,
    http::Form,
    options::{FhirRelease, Personality},
    records::{Record, is_shared},
    world::World,
};

use super::{
    Answer,
    access::Access,
    bundle, deny_type, matching,
    paging::Search,
    params::{self, Kind, Param},
    problem::Problem,
};

/// Parameters that change the answer, not what is found.
const RESULT_PARAMS: &[&str] = &["_count", "_format", "_pretty"];

pub(crate) fn answer(
    world: &World,
    access: &Access,
    resource_type: &str,
    form: &Form,
    query: &str,
    met: &Met,
) -> Answer {
    params::check_type(world, resource_type)?;
    deny_type(met, resource_type)?;
    let level = access.may_search(resource_type)?;
    let limit = access.limited_to(level);
    if met.has("required-missing") {
        // O22
        return Err(Problem::new(
            500,
            "required",
            "",
            format!("{resource_type} has a stored resource without a required element"),
        )
        .with_outcome());
    }
    let found = if met.has("ignore-search-params") {
        let records = world.records();
        let all = records.of_type(resource_type).iter().copied();
        all.filter(|&at| inside(records.at(at), limit)).collect()
    } else {
        find(world, resource_type, form, limit)?
    };
    let asked_count = count(form)?;
    let (default, cap) = world.profile.count(world.options.fhir, resource_type);
    // A page never holds more than was asked for.
    let most = world.options.page_size.unwrap_or(if asked_count.is_some() { cap } else { default.min(cap) });
    let mut size = asked_count.unwrap_or(most).min(most).max(1);
    // O25: social history stands on the first page, whatever the count.
    if world.options.personality == Personality::Oracle
        && form.get("category").is_some_and(|text| text.ends_with("social-history"))
    {
        size = size.max(found.len());
    }
    let search = Arc::new(Search {
        resource_type: resource_type.to_owned(),
        query: query.to_owned(),
        identifier_search: form.get("identifier").is_some(),
        asked_count: asked_count.is_some(),
        found,
        size,
    });
    Ok(bundle::page(world, &search, None, 0, met))
}

fn count(form: &Form) -> Result<Option<usize>, Problem> {
    match form.get("_count") {
        None => Ok(None),
        // It asks for the number of matches only.
        Some("0") => Err(Problem::not_implemented(400, "_count=0")),
        Some(text) => {
            text.parse().map(Some).map_err(|_| Problem::new(400, "invalid", "4100", "_count is not a number"))
        }
    }
}

fn inside(record: &Record, limit: Option<&str>) -> bool {
    limit.is_none_or(|patient| record.is_inside(patient))
}

/// The indexes of the resources that fit, in the order they are answered.
fn find(world: &World, resource_type: &str, form: &Form, limit: Option<&str>) -> Result<Vec<usize>, Problem> {
    let personality = world.options.personality;
    check_patient_search(world, resource_type, form)?;
    let mut criteria: Vec<(&'static Param, matching::Wanted)> = Vec::new();
    for (name, text) in &form.0 {
        if RESULT_PARAMS.contains(&name.as_str()) {
            continue;
        }
        let (name, modifier) = name.split_once(':').unwrap_or((name, ""));
        let param = params::find(world, resource_type, name)?;
        if !(modifier.is_empty() || modifier == "Patient" && param.kind == Kind::Patient) {
            return Err(Problem::not_implemented(400, &format!("the modifier :{modifier} of {name}")));
        }
        let wanted = matching::read(param, text, world.profile.date_prefixes)
            .map_err(|why| Problem::new(400, "invalid", "4100", why))?;
        criteria.push((param, wanted));
    }
    check_rules(world, resource_type, &criteria)?;
    let records = world.records();
    let mut candidates = records.of_type(resource_type);
    for (_, wanted) in &criteria {
        if let matching::Wanted::Patients(ids) = wanted {
            if let (Some(limit), true) = (limit, ids.iter().any(|id| Some(id.as_str()) != limit)) {
                return Err(Problem::new(
                    403,
                    "forbidden",
                    "4118",
                    format!("The token is limited to Patient/{limit}"),
                ));
            }
            if let [id] = ids.as_slice() {
                candidates = records.of_patient(resource_type, id);
            }
        }
    }
    let mut found: Vec<usize> = candidates
        .iter()
        .copied()
        .filter(|&at| {
            let record = records.at(at);
            inside(record, limit)
                && criteria.iter().all(|(param, wanted)| matching::fits(record, param, wanted, personality))
        })
        .collect();
    if personality == Personality::Oracle && resource_type == "Observation" {
        // O25: newest first.
        let paths = &["effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued"];
        found.sort_by_key(|&at| {
            let when = matching::when(records.at(at), paths).map_or(i64::MIN, |period| period.start);
            std::cmp::Reverse(when)
        });
    }
    Ok(found)
}

/// O23: a Patient search at Oracle needs one of these, each once.
fn check_patient_search(world: &World, resource_type: &str, form: &Form) -> Result<(), Problem> {
    if resource_type != "Patient" || world.options.personality == Personality::Smart {
        return Ok(());
    }
    const ENOUGH: &[&str] = &[
        "_id",
        "identifier",
        "name",
        "family",
        "given",
        "birthdate",
        "phone",
        "email",
        "address-postalcode",
    ];
    let enough = ENOUGH.iter().any(|name| form.get(name).is_some());
    match (world.options.personality, enough) {
        (_, true) => {}
        (Personality::Oracle, _) => {
            return Err(Problem::new(400, "invalid", "", "no supported search parameters provided"));
        }
        _ => {
            return Err(Problem::new(
                400,
                "required",
                "59159",
                "A patient search requires an _id, an identifier or demographics",
            ));
        }
    }
    let identifiers: Vec<&String> =
        form.0.iter().filter(|(name, _)| name == "identifier").map(|(_, value)| value).collect();
    if world.options.personality == Personality::Oracle
        && (identifiers.len() > 1 || identifiers.iter().any(|value| value.contains(',')))
    {
        return Err(Problem::new(400, "invalid", "", "identifier takes one value"));
    }
    Ok(())
}

/// Mandatory and exclusive parameters of the personality.
fn check_rules(
    world: &World,
    resource_type: &str,
    criteria: &[(&'static Param, matching::Wanted)],
) -> Result<(), Problem> {
    let personality = world.options.personality;
    let has = |name: &str| criteria.iter().any(|(param, _)| param.name == name);
    let by_patient = has("patient") || has("subject");
    let clinical = resource_type != "Patient" && !is_shared(resource_type);
    if world.profile.patient_required && clinical && !by_patient && !has("_id") {
        return Err(Problem::new(
            400,
            "business-rule",
            "59159",
            "The request requires a patient or _id parameter",
        ));
    }
    if resource_type != "Observation" {
        return Ok(());
    }
    match personality {
        Personality::Epic if !has("category") && !has("code") && !has("_id") => {
            Err(Problem::new(400, "required", "59108", "An Observation search requires category or code"))
        }
        // O25
        Personality::Oracle if has("_id") && (by_patient || criteria.len() > 1) => {
            Err(Problem::new(400, "invalid", "", "_id cannot be combined with other parameters"))
        }
        Personality::Oracle if has("date") && has("_lastUpdated") => {
            Err(Problem::new(400, "invalid", "", "date and _lastUpdated cannot be combined"))
        }
        Personality::Oracle if world.options.fhir == FhirRelease::Dstu2 => {
            let bare = criteria.iter().any(|(param, wanted)| {
                param.name == "code"
                    && matches!(wanted, matching::Wanted::Tokens(tokens)
                        if tokens.iter().any(|(system, _)| system.as_deref().unwrap_or("").is_empty()))
            });
            if bare {
                return Err(Problem::new(400, "invalid", "", "code requires a system"));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}
