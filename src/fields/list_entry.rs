//! List entries: which resources give none, whatever their list, and how an entry is made from a concept.

use super::{
    DiscardReason, Value, refuse_modified,
    text::{Text, concept_text},
};
use crate::fhir::{
    Json,
    coding::{CodedValue, System, coded_value, mentions},
    time::FhirTime,
};
use std::collections::BTreeSet;

/// The verification codes of a Condition or an allergy, without `refuted` and `entered-in-error`: [`refuse_negated`] refuses those
/// first.
const VERIFICATIONS: &[&str] =
    &["unconfirmed", "presumed", "provisional", "differential", "confirmed", "unknown"];

/// Refuses a resource that was entered in error, refuted or not done, or that is an order not to do something. Any of its status
/// elements can say so. Also refuses a resource with a modifier extension.
pub(super) fn refuse_negated(resource: &Json) -> Result<(), DiscardReason> {
    let elements = ["verificationStatus", "status", "clinicalStatus"].map(|name| resource.get(name));
    let has_code = |code: &str| elements.iter().any(|element| mentions(element, code));
    if has_code("entered-in-error") {
        return Err(DiscardReason::EnteredInError);
    }
    if has_code("refuted") || has_code("not-done") {
        return Err(DiscardReason::Status);
    }
    // The names in DSTU2, STU3 and R4.
    for (name, why) in [
        ("wasNotGiven", DiscardReason::Status),
        ("notGiven", DiscardReason::Status),
        ("doNotPerform", DiscardReason::DoNotPerform),
    ] {
        refuse_flag(resource, name, why)?;
    }
    refuse_modified(resource)
}

/// Refuses a resource whose `verificationStatus` cannot be read, because it may be refuted or entered in error.
pub(super) fn refuse_unreadable_verification(resource: &Json, system: System) -> Result<(), DiscardReason> {
    match coded_value(resource, "verificationStatus", system, VERIFICATIONS) {
        CodedValue::Unrecognized => Err(DiscardReason::UnknownStatus),
        CodedValue::Absent | CodedValue::Codes(_) => Ok(()),
    }
}

/// Whether the codes of a status are among the states. If only some of them are, the codes contradict each other.
///
/// # Errors
/// [`DiscardReason::UnknownStatus`] for codes that contradict each other.
pub(super) fn is_in_states(codes: &BTreeSet<&str>, states: &[String]) -> Result<bool, DiscardReason> {
    let inside = codes.iter().filter(|code| states.iter().any(|state| state == *code)).count();
    if inside > 0 && inside < codes.len() { Err(DiscardReason::UnknownStatus) } else { Ok(inside > 0) }
}

/// Refuses a resource that has a flag such as `wasNotGiven` set, or whose flag cannot be read.
fn refuse_flag(resource: &Json, name: &str, why: DiscardReason) -> Result<(), DiscardReason> {
    let flag = resource.get(name);
    let absent = flag.is_null() && resource.get(&format!("_{name}")).is_null();
    match flag.truth() {
        Some(true) => Err(why),
        Some(false) => Ok(()),
        None if absent => Ok(()),
        None => Err(DiscardReason::UnknownStatus),
    }
}

/// The date of an element, or the start of its period.
fn date(element: &Json) -> Option<FhirTime> {
    FhirTime::parse(element.text().or_else(|| element.get("start").text())?)
}

/// The list entry for a concept. Its time is the first of these elements that contains a date.
pub(super) fn entry(resource: &Json, concept: &Json, dates: &[&str]) -> Result<Option<Value>, DiscardReason> {
    let text = concept_text(concept).ok_or(DiscardReason::NoValue)?;
    let coding = concept.get("coding").first();
    let owned = |json: &Json| json.text().map(str::to_owned);
    Ok(Some(Value {
        time: dates.iter().find_map(|name| date(resource.get(name))),
        code: owned(coding.get("code")),
        code_system: owned(coding.get("system")),
        display: owned(coding.get("display")).or_else(|| Some(text.to_owned())),
        ..Value::new(resource, Text::plain(text))
    }))
}
