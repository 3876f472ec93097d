//! Search sets: pages put together as text, so that resources keep their bytes; and the faults that live in them.

use std::{fmt::Write as _, sync::Arc};

use crate::{
    faults::Met,
    http::Reply,
    options::{FhirRelease, Personality},
    personality::media_type,
    records::{Record, change_id},
    world::{World, random_uuid},
};

use super::{
    paging::{self, Search},
    problem::outcome_resource,
};

/// One page of a search, from an offset.
pub(crate) fn page(
    world: &World,
    search: &Arc<Search>,
    token: Option<&str>,
    offset: usize,
    met: &Met,
) -> Reply {
    let end = offset.saturating_add(search.size).min(search.found.len());
    let mut entries = Entries::new(world);
    let records = world.records();
    if offset > 0 && met.has("page-repeats") {
        entries.add(records.at(search.found[offset - 1]));
    }
    for &at in &search.found[offset..end] {
        entries.add(records.at(at));
    }
    if let Some(&first) = search.found.get(offset) {
        let first = records.at(first);
        if met.has("other-patient") {
            entries.add_other_patient(search, first);
        }
        if search.identifier_search && met.has("two-patients") {
            let text = change_id(&first.text, &first.id, &format!("{}-2", first.id));
            entries.add_text("Patient", &format!("{}-2", first.id), &text);
        }
    }
    if met.has("outcome-in-searchset") {
        entries.add_outcome("warning", "59204", "Some data are not shown");
    }
    if world.options.personality == Personality::Epic {
        epic_outcomes(search, offset, &mut entries);
    }
    let self_link = match (token, search.query.as_str()) {
        (Some(token), _) => join(world, &paging::address(world, search, token, offset)),
        (None, "") => join(world, &search.resource_type),
        (None, query) => join(world, &format!("{}?{query}", search.resource_type)),
    };
    let next_link = (end < search.found.len()).then(|| {
        let token = match token {
            Some(token) => token.to_owned(),
            None => world.state().pages.remember(search),
        };
        if met.has("next-loop") {
            return join(world, &paging::address(world, search, &token, offset));
        }
        let relative = paging::address(world, search, &token, end);
        if met.has("next-relative") {
            return relative;
        }
        let absolute = join(world, &relative);
        if met.has("next-foreign-origin") {
            let foreign = format!("http://localhost:{}", world.port);
            return absolute.replacen(&world.base, &foreign, 1);
        }
        absolute
    });
    let kind = met.argument("bundle-type").unwrap_or("searchset");
    let mut body =
        format!("{{\"resourceType\":\"Bundle\",\"id\":\"{}\",\"type\":{}", random_uuid(), quoted(kind));
    let more = met.number("total-plus").and_then(|more| usize::try_from(more).ok());
    if let Some(total) = total(world, search, end - offset).or(more.map(|_| search.found.len())) {
        let total = total + more.unwrap_or(0);
        let _ = write!(body, ",\"total\":{total}");
    }
    let _ = write!(body, ",\"link\":[{}", link("self", &self_link));
    if let Some(next) = &next_link {
        let _ = write!(body, ",{}", link("next", next));
    }
    body.push(']');
    if !entries.text.is_empty() {
        let _ = write!(body, ",\"entry\":[{}]", entries.text);
    }
    body.push('}');
    let reply = Reply::new(200, media_type(world.options.fhir), body);
    match next_link {
        // Oracle's DSTU2 server tells the next page in a header too.
        Some(next)
            if world.options.personality == Personality::Oracle
                && world.options.fhir == FhirRelease::Dstu2 =>
        {
            reply.with("link", format!("<{next}>; rel=\"next\""))
        }
        _ => reply,
    }
}

fn join(world: &World, relative: &str) -> String {
    if relative.starts_with('?') {
        return format!("{}{relative}", world.iss());
    }
    format!("{}/{relative}", world.iss())
}

fn link(relation: &str, url: &str) -> String {
    format!("{{\"relation\":\"{relation}\",\"url\":{}}}", quoted(url))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// What Bundle.total says: at Epic the page size when a count was asked; at Oracle in R4 nothing when there are pages.
fn total(world: &World, search: &Search, on_page: usize) -> Option<usize> {
    let all = search.found.len();
    match (world.options.personality, world.options.fhir) {
        (Personality::Epic, _) if search.asked_count => Some(on_page),
        (Personality::Oracle, FhirRelease::R4) if all > search.size => None,
        _ => Some(all),
    }
}

/// E17: what Epic puts beside the matches.
fn epic_outcomes(search: &Search, offset: usize, entries: &mut Entries<'_>) {
    if search.found.is_empty() {
        entries.add_outcome("warning", "4101", "Resource request returns no results.");
    } else if search.resource_type == "Patient" && offset == 0 {
        entries.add_outcome(
            "warning",
            "4119",
            "This response includes information available to the authorized user at the time of the request. \
             It may not contain the entire record available in the system.",
        );
    }
}

struct Entries<'a> {
    world: &'a World,
    text: String,
}

impl<'a> Entries<'a> {
    fn new(world: &'a World) -> Self {
        Self { world, text: String::new() }
    }

    fn add(&mut self, record: &Record) {
        self.add_text(&record.resource_type, &record.id, &record.text);
    }

    fn add_text(&mut self, resource_type: &str, id: &str, text: &str) {
        let url = quoted(&format!("{}/{resource_type}/{id}", self.world.iss()));
        self.push(&format!("{{\"fullUrl\":{url},\"resource\":{text},\"search\":{{\"mode\":\"match\"}}}}"));
    }

    fn add_outcome(&mut self, severity: &str, code: &str, text: &str) {
        let resource = outcome_resource(severity, "informational", code, text);
        self.push(&format!("{{\"resource\":{resource},\"search\":{{\"mode\":\"outcome\"}}}}"));
    }

    fn push(&mut self, entry: &str) {
        if !self.text.is_empty() {
            self.text.push(',');
        }
        self.text.push_str(entry);
    }

    /// A real resource of someone else, or the first match with another patient's id in it.
    fn add_other_patient(&mut self, search: &Search, first: &Record) {
        let records = self.world.records();
        let other = records
            .of_type(&search.resource_type)
            .iter()
            .map(|&at| records.at(at))
            .find(|record| record.patient.is_some() && record.patient != first.patient);
        match (other, &first.patient) {
            (Some(other), _) => self.add(other),
            (None, Some(patient)) => {
                let id = format!("{}-other", first.id);
                let text = change_id(&first.text, &first.id, &id)
                    .replace(&format!("Patient/{patient}\""), "Patient/someone-else\"");
                self.add_text(&search.resource_type, &id, &text);
            }
            (None, None) => {}
        }
    }
}
