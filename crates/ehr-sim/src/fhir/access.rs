//! What the bearer token of a request may see.

use crate::{
    Personality,
    auth::{
        Grant,
        scope::{self, Level},
    },
    http::Request,
    records::Record,
    world::World,
};

use super::problem::Problem;

/// A token that was accepted.
#[derive(Debug)]
pub(crate) struct Access {
    grant: Grant,
    personality: Personality,
}

impl Access {
    /// The grant behind the request's token, or the 401 of the personality.
    pub(crate) fn of(world: &World, request: &Request) -> Result<Self, Problem> {
        let token = request
            .header("authorization")
            .and_then(|header| header.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim());
        let now = world.clock.now_ms();
        let grant = token.and_then(|token| world.state().auth.grant_of(token, now));
        match grant {
            Some(grant) => Ok(Self { grant, personality: world.options.personality }),
            None => Err(unauthorized(world, token.is_some())),
        }
    }

    pub(crate) fn client(&self) -> &str {
        &self.grant.client
    }

    pub(crate) fn may_read(&self, resource_type: &str) -> Result<Level, Problem> {
        self.may(resource_type, false)
    }

    pub(crate) fn may_search(&self, resource_type: &str) -> Result<Level, Problem> {
        self.may(resource_type, true)
    }

    fn may(&self, resource_type: &str, search: bool) -> Result<Level, Problem> {
        match scope::opens(&self.grant.scopes, resource_type, search) {
            Some(Level::Patient) if self.grant.context.patient.is_none() => {
                Err(self.forbidden("The token has patient scopes but no patient"))
            }
            Some(level) => Ok(level),
            None => Err(self.forbidden(&format!("The scopes do not cover {resource_type}"))),
        }
    }

    fn forbidden(&self, why: &str) -> Problem {
        let text = match self.personality {
            Personality::Oracle => "Insufficient scope".to_owned(),
            Personality::Epic => {
                "User not authorized for request. Verify permissions in your system's security configuration."
                    .to_owned()
            }
            Personality::Smart => why.to_owned(),
        };
        let problem = Problem::new(403, "forbidden", "4118", text);
        if self.personality == Personality::Epic {
            return problem;
        }
        problem.challenge("Bearer error=\"insufficient_scope\"")
    }

    /// The patient this token is limited to for a type, if it is.
    pub(crate) fn limited_to(&self, level: Level) -> Option<&str> {
        (level == Level::Patient).then_some(self.grant.context.patient.as_deref()).flatten()
    }

    /// Whether a resource is inside what the token may see; what belongs to no patient by its type is.
    pub(crate) fn sees(&self, record: &Record) -> bool {
        let Some(level) = scope::opens(&self.grant.scopes, &record.resource_type, false)
            .or_else(|| scope::opens(&self.grant.scopes, &record.resource_type, true))
        else {
            return false;
        };
        self.limited_to(level).is_none_or(|patient| record.is_inside(patient))
    }
}

fn unauthorized(world: &World, sent: bool) -> Problem {
    match world.options.personality {
        // O18; without a token the body is empty.
        Personality::Oracle => {
            let text = if sent { "Token has expired or signature is invalid" } else { "" };
            Problem::new(401, "login", "", text)
                .with_outcome()
                .challenge(format!(
                    "Bearer realm=\"{}\", error=\"invalid_token\", error_description=\"Token has expired or signature is invalid\"",
                    world.iss()
                ))
        }
        Personality::Epic => Problem::new(401, "login", "", "").challenge(
            "Bearer error=\"invalid_token\", error_description=\"The access token provided is invalid\"",
        ),
        Personality::Smart => {
            let text = if sent { "Token expired or invalid" } else { "Unauthorized: no token" };
            Problem::new(401, "login", "", text).challenge("Bearer error=\"invalid_token\"")
        }
    }
}
