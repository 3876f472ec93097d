//! The authorization server: launches, sign-in, codes and tokens.

pub(crate) mod authorize;
pub(crate) mod clients;
mod oauth_error;
mod pages;
pub(crate) mod scope;
pub(crate) mod token;

use std::collections::HashMap;

use crate::{
    options::LaunchOptions,
    world::{World, random_token},
};

use self::scope::Scope;

/// A launch token is taken for five minutes; it may open more than one authorization (a reloaded page).
const LAUNCH_MS: i64 = 300_000;
/// Codes are taken once, for a minute.
pub(crate) const CODE_MS: i64 = 60_000;
/// A sign-in may take ten minutes.
pub(crate) const SESSION_MS: i64 = 600_000;

/// What the user does at the consent page.
#[derive(Debug, Clone)]
pub(crate) enum Decision {
    Approve {
        /// Chosen in a standalone launch; else the default patient.
        patient: Option<String>,
    },
    Deny,
}

/// The context a token is given in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Context {
    pub(crate) patient: Option<String>,
    pub(crate) encounter: Option<String>,
    pub(crate) user: Option<String>,
    /// Only an EHR launch says whether a banner is wanted.
    pub(crate) need_patient_banner: Option<bool>,
}

#[derive(Debug)]
struct Launch {
    options: LaunchOptions,
    expires: i64,
}

/// What was granted by a user, or to the system client: the family all its tokens belong to.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) client: String,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) context: Context,
    pub(crate) revoked: bool,
}

#[derive(Debug)]
struct Code {
    grant: Grant,
    redirect_uri: String,
    challenge: Option<String>,
    expires: i64,
}

#[derive(Debug)]
struct AccessToken {
    grant: u64,
    expires: i64,
    /// Less than the grant, after a refresh that asked for less.
    scopes: Option<Vec<Scope>>,
}

#[derive(Debug)]
struct RefreshToken {
    grant: u64,
    spent: bool,
}

/// All that the authorization server remembers.
#[derive(Debug, Default)]
pub(crate) struct AuthState {
    launches: HashMap<String, Launch>,
    sessions: HashMap<String, authorize::Session>,
    codes: HashMap<String, Code>,
    access: HashMap<String, AccessToken>,
    refresh: HashMap<String, RefreshToken>,
    grants: HashMap<u64, Grant>,
    next_grant: u64,
}

impl AuthState {
    /// The grant behind an access token that is still good.
    pub(crate) fn grant_of(&self, token: &str, now: i64) -> Option<Grant> {
        let token = self.access.get(token).filter(|token| token.expires > now)?;
        let mut grant = self.grants.get(&token.grant)?.clone();
        if let Some(scopes) = &token.scopes {
            grant.scopes.clone_from(scopes);
        }
        Some(grant)
    }

    pub(crate) fn expire_access_tokens(&mut self) {
        self.access.clear();
    }

    pub(crate) fn revoke_refresh_tokens(&mut self) {
        self.refresh.clear();
    }

    fn add_grant(&mut self, grant: Grant) -> u64 {
        self.next_grant += 1;
        self.grants.insert(self.next_grant, grant);
        self.next_grant
    }

    /// Forgets what has expired, so that a long demo does not grow.
    fn sweep(&mut self, now: i64) {
        self.launches.retain(|_, launch| launch.expires > now);
        self.sessions.retain(|_, session| session.expires > now);
        self.codes.retain(|_, code| code.expires > now);
        self.access.retain(|_, token| token.expires > now);
    }
}

/// Makes a launch token for a context.
pub(crate) fn new_launch(world: &World, options: &LaunchOptions) -> String {
    let token = random_token(16);
    let now = world.clock.now_ms();
    let mut state = world.state();
    state.auth.sweep(now);
    state.auth.launches.insert(token.clone(), Launch { options: options.clone(), expires: now + LAUNCH_MS });
    token
}
