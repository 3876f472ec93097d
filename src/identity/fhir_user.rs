//! The FHIR resource of the EHR user that `fhirUser` names (#202): a reference, read only where the source says so.

use crate::{
    config::Policy,
    context::Context,
    error::{Code, Error, Result},
    fhir::{
        Json,
        reference::{self, Target},
        token,
    },
    log::Event,
    net::{Authorization, Request, TlsIdentity, charset},
    secret::Secret,
    source::{Phase, Source},
};
use serde::{Deserialize, Serialize};

/// The types of resource that can represent a user.
const TYPES: [&str; 5] = ["Practitioner", "PractitionerRole", "Patient", "RelatedPerson", "Person"];
/// Maximum bytes of the resource. A photo may be part of it.
const RESOURCE_BYTES: usize = 4 * 1024 * 1024;
/// The most characters of a name that is taken from the resource.
const MAX_NAME_CHARACTERS: usize = 200;

/// The FHIR resource of the EHR user.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FhirUser {
    /// `Type/id` for a resource of the source; otherwise the URL as the EHR sent it, which nothing is sent to.
    pub reference: String,
    /// The type: `Practitioner`, `PractitionerRole`, `Patient`, `RelatedPerson` or `Person`; null for a resource of another server.
    pub resource_type: Option<String>,
    /// The FHIR id; null for a resource of another server.
    pub id: Option<String>,
    /// Whether the resource was read (`read_fhir_user`).
    pub was_read: bool,
    /// The user's name in the resource, for people. Two users can have one name.
    pub name: Option<String>,
}

/// `Debug` does not print the user.
impl std::fmt::Debug for FhirUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FhirUser").field("resource_type", &self.resource_type).finish_non_exhaustive()
    }
}

/// Reads a reference to a user: `Type/id`, or a URL. `None` if it is neither.
pub(super) fn read_reference(source: &Source, text: &str) -> Option<FhirUser> {
    let user = |reference: String, found: Option<(String, String)>| {
        let (resource_type, id) = found.unzip();
        FhirUser { reference, resource_type, id, was_read: false, name: None }
    };
    match reference::target(source, text) {
        Target::Here { kind, id } => {
            TYPES.contains(&kind.as_str()).then(|| user(format!("{kind}/{id}"), Some((kind, id))))
        }
        Target::Elsewhere(_) => {
            let named = |name: &&str| text.contains(&format!("/{name}/"));
            TYPES.iter().any(named).then(|| user(text.trim().to_owned(), None))
        }
        Target::Contained(_) | Target::Unknown => None,
    }
}

/// What was read of the user's resource.
#[derive(Default)]
pub(super) struct UserResource {
    pub(super) name: Option<String>,
    pub(super) identifier: Option<String>,
}

/// Reads the resource with the access token. A resource of another server is not read. If it cannot be read, the sign-in continues.
pub(super) fn read_resource(
    context: &Context<'_>,
    source: &Source,
    access_token: &Secret,
    user: &mut FhirUser,
) -> UserResource {
    let (Some(resource_type), Some(id)) = (&user.resource_type, &user.id) else {
        return UserResource::default();
    };
    match request(context, source, access_token, resource_type, id) {
        Ok(resource) => {
            user.was_read = true;
            user.name = name_of(&resource);
            UserResource { name: user.name.clone(), identifier: identifier_of(&resource, &source.policy) }
        }
        Err(error) => {
            let error = error.code().name();
            context.events.log(Event::FhirUserNotRead { source: &source.id, error });
            UserResource::default()
        }
    }
}

fn request(
    context: &Context<'_>,
    source: &Source,
    access_token: &Secret,
    resource_type: &str,
    id: &str,
) -> Result<Json> {
    let mut url = source.base.clone();
    url.path_segments_mut()
        .map_err(|()| Error::new(Code::Internal))?
        .pop_if_empty()
        .extend([resource_type, id]);
    let certificate = source.fhir_certificate(&source.registration, context.secrets)?;
    let request = Request {
        authorization: Authorization::Bearer(access_token.clone(), source.base.origin()),
        headers: source.headers(Phase::Fhir, context.secrets)?,
        tls_identity: TlsIdentity::of_registration(certificate, &source.registration.id)?,
        ..Request::get(url, source.policy.accept.clone()).limit_bytes(RESOURCE_BYTES)
    };
    let answer = context.network.discovery_document(request)?;
    let refused = || Error::new(Code::FhirError).status(answer.status);
    if answer.status != 200 {
        return Err(refused());
    }
    let text = charset::text(&answer).map_err(|_| refused())?;
    let resource = Json::read(&text).map_err(|_| refused())?;
    // An answer about another user must not give this one a name.
    let is_requested =
        resource.get("resourceType").text() == Some(resource_type) && resource.get("id").text() == Some(id);
    if is_requested { Ok(resource) } else { Err(refused()) }
}

/// The name for people: the text, or prefix, given and family names. DSTU2 has one name, R4 a list.
fn name_of(resource: &Json) -> Option<String> {
    const NOT_USED: [&str; 4] = ["old", "maiden", "nickname", "anonymous"];
    let names = resource.get("name").items().iter();
    let name = names.filter(|name| !NOT_USED.contains(&token(name.get("use")).as_str())).find_map(|name| {
        let parts = ["prefix", "given", "family"].into_iter().flat_map(|part| name.get(part).items());
        let joined = parts.filter_map(Json::text).map(str::trim).collect::<Vec<_>>().join(" ");
        let text = name.get("text").text().map(str::trim).filter(|text| !text.is_empty());
        text.map(str::to_owned).or(Some(joined)).filter(|name| !name.is_empty())
    });
    let display = || resource.get("practitioner").get("display").text().map(|text| text.trim().to_owned());
    let is_short = |name: &String| name.chars().count() <= MAX_NAME_CHARACTERS;
    name.or_else(display).filter(|name| !name.chars().any(char::is_control)).filter(is_short)
}

/// The identifier of the system that the site names, if the resource has exactly one.
fn identifier_of(resource: &Json, policy: &Policy) -> Option<String> {
    let system = policy.user_identifier_system.as_deref()?;
    let all = resource.get("identifier").items().iter();
    let mut values = all
        .filter(|one| one.get("system").text() == Some(system) && token(one.get("use")) != "old")
        .filter_map(|one| one.get("value").text())
        .map(str::trim)
        .filter(|value| !value.is_empty());
    let value = values.next()?;
    values.all(|other| other == value).then(|| value.to_owned())
}
