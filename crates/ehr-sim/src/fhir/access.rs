//! What the access token of a request may read.

use crate::{
    auth::{
        scope::{self, Level},
        state::Grant,
    },
    ehr::Ehr,
    faults::RequestFaults,
    http::Request,
    options::Personality,
    resources::Resource,
    users,
};

use super::{
    matching, params,
    problem::Problem,
    search_value::{Criterion, SearchValue},
};

/// The access that a valid token gives.
#[derive(Debug)]
pub(crate) struct Access {
    grant: Grant,
    personality: Personality,
}

impl Access {
    /// The access of the request's token, or the personality's 401.
    pub(crate) fn of_request(ehr: &Ehr, request: &Request) -> Result<Self, Problem> {
        let token = request
            .header("authorization")
            .and_then(|header| header.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim());
        let now = ehr.clock.now_ms();
        let grant = token.and_then(|token| ehr.state().auth.grant_of(token, now));
        // A token is valid in its own tenant only.
        match grant.filter(|grant| grant.tenant == ehr.tenant) {
            Some(grant) => Ok(Self { grant, personality: ehr.options.personality }),
            None => Err(unauthorized(ehr, token.is_some())),
        }
    }

    pub(crate) fn client(&self) -> &str {
        &self.grant.client
    }

    /// Checks that the scopes allow a read of a type.
    pub(crate) fn check_read(&self, resource_type: &str) -> Result<(), Problem> {
        self.level(resource_type, false).map(drop)
    }

    /// The name of the token's user, if a read is for the user's own Practitioner and the token may read it. The data does not have
    /// this resource.
    pub(crate) fn own_user(&self, ehr: &Ehr, resource_type: &str, id: &str) -> Option<&str> {
        let user = self.grant.context.user.as_deref()?;
        let is_own = resource_type == "Practitioner"
            && id == users::practitioner_id(user)
            && ehr.resources().get(resource_type, id).is_none();
        let by_scope = ehr.profile.fhir_user_scope_reads
            && ["fhirUser", "profile"].iter().any(|name| scope::contains(&self.grant.scopes, name));
        (is_own && (by_scope || self.check_read(resource_type).is_ok())).then_some(user)
    }

    /// The level at which the scopes allow a search of a type.
    pub(crate) fn search_level(&self, resource_type: &str) -> Result<Level, Problem> {
        self.level(resource_type, true)
    }

    fn level(&self, resource_type: &str, search: bool) -> Result<Level, Problem> {
        if self.grant.denied {
            return Err(self.forbidden("The background user has no access"));
        }
        match scope::level_for(&self.grant.scopes, resource_type, search) {
            Some(Level::Patient) if self.grant.context.patient.is_none() => {
                Err(self.forbidden("The token has patient scopes but no patient"))
            }
            Some(level) => Ok(level),
            None => Err(self.forbidden(&format!("The scopes do not include {resource_type}"))),
        }
    }

    fn forbidden(&self, reason: &str) -> Problem {
        let text = match self.personality {
            Personality::Oracle => "Insufficient scope".to_owned(),
            Personality::Epic => {
                "User not authorized for request. Verify permissions in your system's security configuration."
                    .to_owned()
            }
            Personality::Smart | Personality::Generic => reason.to_owned(),
        };
        let problem = Problem::new(403, "forbidden", "4118", text);
        if self.personality == Personality::Epic {
            return problem;
        }
        problem.challenge("Bearer error=\"insufficient_scope\"")
    }

    /// The patient that a level limits the token to; none if it may read every patient.
    pub(crate) fn patient_limit(&self, level: Level) -> Option<&str> {
        (level == Level::Patient).then_some(self.grant.context.patient.as_deref()).flatten()
    }

    /// Whether the granular scopes of the token select a resource. `search`: for a search, not a read.
    pub(crate) fn selects(&self, ehr: &Ehr, resource: &Resource, search: bool) -> bool {
        let resource_type = resource.resource_type.as_str();
        let Some(queries) = scope::queries_for(&self.grant.scopes, resource_type, search) else {
            return true;
        };
        let has = |(name, text): &(String, String)| {
            let param = params::find(ehr, resource_type, name).ok()?;
            let value = SearchValue::parse(param, text, ehr.profile.date_prefixes).ok()?;
            Some(matching::matches(resource, &Criterion { param, value }, self.personality))
        };
        queries.iter().any(|query| query.iter().all(|pair| has(pair) == Some(true)))
    }

    /// Whether the token may read or search a resource. Types that belong to no patient are not limited.
    pub(crate) fn covers(&self, resource: &Resource) -> bool {
        let Some(level) = scope::level_for(&self.grant.scopes, &resource.resource_type, false)
            .or_else(|| scope::level_for(&self.grant.scopes, &resource.resource_type, true))
        else {
            return false;
        };
        self.patient_limit(level).is_none_or(|patient| resource.is_visible_to(patient))
    }
}

/// Refuses the type of the fault `deny-type`. At Oracle a user can lack a privilege although the scope was
/// granted (O34).
pub(crate) fn check_deny_type(faults: &RequestFaults, resource_type: &str) -> Result<(), Problem> {
    if faults.contains("deny-type") {
        return Err(Problem::new(
            403,
            "forbidden",
            "4118",
            format!("The user is not allowed to read {resource_type}"),
        ));
    }
    Ok(())
}

/// The 401 of the personality. `has_token` says whether the request had a token.
fn unauthorized(ehr: &Ehr, has_token: bool) -> Problem {
    match ehr.options.personality {
        // Oracle's body is empty if there is no token (O18).
        Personality::Oracle => {
            let text = if has_token { "Token has expired or signature is invalid" } else { "" };
            Problem::new(401, "login", "", text)
                .with_outcome()
                .challenge(format!(
                    "Bearer realm=\"{}\", error=\"invalid_token\", error_description=\"Token has expired or signature is invalid\"",
                    ehr.iss()
                ))
        }
        Personality::Epic => Problem::new(401, "login", "", "").challenge(
            "Bearer error=\"invalid_token\", error_description=\"The access token provided is invalid\"",
        ),
        Personality::Smart | Personality::Generic => {
            let text = if has_token { "Token expired or invalid" } else { "Unauthorized: no token" };
            Problem::new(401, "login", "", text).challenge("Bearer error=\"invalid_token\"")
        }
    }
}
