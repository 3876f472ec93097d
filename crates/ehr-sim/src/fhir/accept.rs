//! What each personality does with an `Accept` header that does not name FHIR JSON (O20).

use crate::{
    ehr::Ehr,
    http::{Reply, Request},
    options::FhirRelease,
    personality::AcceptPolicy,
};

/// The reply in place of the real one; none if the request accepts JSON. `_format` overrides the header.
pub(super) fn refusal(ehr: &Ehr, request: &Request) -> Option<Reply> {
    let form = request.query_form();
    let accept = form.get("_format").or_else(|| request.header("accept")).unwrap_or_default();
    match ehr.profile.accept {
        AcceptPolicy::Tolerant => None,
        AcceptPolicy::Strict => (!names_media_type(accept, ehr.options.fhir)).then(|| Reply::empty(406)),
        AcceptPolicy::XmlByDefault => (!accept.contains("json")).then(|| {
            Reply::new(
                200,
                "application/fhir+xml",
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Bundle xmlns=\"http://hl7.org/fhir\">\
                 <!-- ehr-sim does not implement XML. This answer only shows that the request did not ask for JSON. -->\
                 <type value=\"searchset\"/><total value=\"0\"/></Bundle>\n",
            )
        }),
    }
}

/// Whether one of the media ranges is FHIR JSON of this version.
fn names_media_type(accept: &str, release: FhirRelease) -> bool {
    let names: &[&str] = match release {
        FhirRelease::R4 => &["application/fhir+json", "json"],
        FhirRelease::Dstu2 => &["application/json+fhir", "application/json", "json"],
    };
    accept.split(',').any(|range| names.contains(&range.split(';').next().unwrap_or_default().trim()))
}
