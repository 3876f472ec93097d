//! A search: from its parameters to its first page.

use std::{cmp::Reverse, sync::Arc};

use crate::{
    ehr::Ehr,
    faults::RequestFaults,
    http::Form,
    options::Personality,
    resources::{Resource, Resources},
};

use super::{
    access::{self, Access},
    bundle, matching,
    pages::Search,
    params::{self, Kind},
    problem::{Answer, Problem},
    search_rules,
    search_value::{Criterion, SearchValue},
};

/// Parameters that change the answer but not the matches.
const RESULT_PARAMS: &[&str] = &["_count", "_format", "_pretty"];

pub(crate) fn answer(
    ehr: &Ehr,
    access: &Access,
    resource_type: &str,
    form: &Form,
    query: &str,
    faults: &RequestFaults,
) -> Answer {
    params::check_type(ehr, resource_type)?;
    access::check_deny_type(faults, resource_type)?;
    let level = access.search_level(resource_type)?;
    let patient_limit = access.patient_limit(level);
    if faults.contains("required-missing") {
        // Oracle answers a whole search with an error if one stored resource lacks a required element (O22).
        return Err(Problem::new(
            500,
            "required",
            "",
            format!("{resource_type} has a stored resource without a required element"),
        )
        .with_outcome());
    }
    let mut matches: Vec<usize> = if faults.contains("ignore-search-params") {
        let resources = ehr.resources();
        let all = resources.of_type(resource_type).iter().copied();
        all.filter(|&index| is_visible(resources.at(index), patient_limit)).collect()
    } else {
        find(ehr, resource_type, form, patient_limit)?
    };
    // Granular scopes select what a search finds; it is not an error.
    let resources = ehr.resources();
    matches.retain(|&index| access.selects(ehr, resources.at(index), true));
    drop(resources);
    let count = read_count(form)?;
    let search = Arc::new(Search {
        resource_type: resource_type.to_owned(),
        query: query.to_owned(),
        by_identifier: form.get("identifier").is_some(),
        has_count: count.is_some(),
        page_size: page_size(ehr, resource_type, form, count, matches.len()),
        matches,
    });
    Ok(bundle::page(ehr, &search, None, 0, faults))
}

fn read_count(form: &Form) -> Result<Option<usize>, Problem> {
    match form.get("_count") {
        None => Ok(None),
        // It requests only the number of matches.
        Some("0") => Err(Problem::not_implemented(400, "_count=0")),
        Some(text) => {
            text.parse().map(Some).map_err(|_| Problem::new(400, "invalid", "4100", "_count is not a number"))
        }
    }
}

/// How many matches are on a page: never more than `_count`.
fn page_size(ehr: &Ehr, resource_type: &str, form: &Form, count: Option<usize>, matches: usize) -> usize {
    let (default, cap) = ehr.profile.count(ehr.options.fhir, resource_type);
    let most = ehr.options.page_size.unwrap_or(if count.is_some() { cap } else { default.min(cap) });
    let size = count.unwrap_or(most).min(most).max(1);
    // Oracle puts all social history on the first page, even if `_count` is smaller (O25).
    if ehr.options.personality == Personality::Oracle
        && form.get("category").is_some_and(|text| text.ends_with("social-history"))
    {
        return size.max(matches);
    }
    size
}

fn is_visible(resource: &Resource, patient_limit: Option<&str>) -> bool {
    patient_limit.is_none_or(|patient| resource.is_visible_to(patient))
}

/// The indexes of the matching resources, in the order of the answer.
fn find(
    ehr: &Ehr,
    resource_type: &str,
    form: &Form,
    patient_limit: Option<&str>,
) -> Result<Vec<usize>, Problem> {
    let personality = ehr.options.personality;
    search_rules::check_patient_search(ehr, resource_type, form)?;
    let criteria = read_criteria(ehr, resource_type, form)?;
    search_rules::check(ehr, resource_type, &criteria)?;
    let resources = ehr.resources();
    let candidates = candidates(&resources, resource_type, &criteria, patient_limit)?;
    let mut matches: Vec<usize> = candidates
        .iter()
        .copied()
        .filter(|&index| {
            let resource = resources.at(index);
            is_visible(resource, patient_limit)
                && criteria.iter().all(|criterion| matching::matches(resource, criterion, personality))
        })
        .collect();
    if personality == Personality::Oracle && resource_type == "Observation" {
        // Oracle sorts observations, the newest first (O25).
        let paths = &["effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued"];
        matches.sort_by_key(|&index| {
            Reverse(matching::first_date(resources.at(index), paths).map_or(i64::MIN, |period| period.start))
        });
    }
    Ok(matches)
}

fn read_criteria(ehr: &Ehr, resource_type: &str, form: &Form) -> Result<Vec<Criterion>, Problem> {
    let mut criteria = Vec::new();
    for (name, text) in &form.0 {
        if RESULT_PARAMS.contains(&name.as_str()) {
            continue;
        }
        let (name, modifier) = name.split_once(':').unwrap_or((name, ""));
        let param = params::find(ehr, resource_type, name)?;
        if !(modifier.is_empty() || modifier == "Patient" && param.kind == Kind::Patient) {
            return Err(Problem::not_implemented(400, &format!("the modifier :{modifier} of {name}")));
        }
        let value = SearchValue::parse(param, text, ehr.profile.date_prefixes)
            .map_err(|reason| Problem::new(400, "invalid", "4100", reason))?;
        criteria.push(Criterion { param, value });
    }
    Ok(criteria)
}

/// The resources that can match: those of one patient if the search names one, else all of the type.
fn candidates<'a>(
    resources: &'a Resources,
    resource_type: &str,
    criteria: &[Criterion],
    patient_limit: Option<&str>,
) -> Result<&'a [usize], Problem> {
    let mut candidates = resources.of_type(resource_type);
    for criterion in criteria {
        let SearchValue::Patients(ids) = &criterion.value else {
            continue;
        };
        if let Some(limit) = patient_limit
            && ids.iter().any(|id| id != limit)
        {
            return Err(Problem::new(
                403,
                "forbidden",
                "4118",
                format!("The token is limited to Patient/{limit}"),
            ));
        }
        if let [id] = ids.as_slice() {
            candidates = resources.of_patient(resource_type, id);
        }
    }
    Ok(candidates)
}
