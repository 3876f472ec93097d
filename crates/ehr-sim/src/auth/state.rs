//! What the authorization server remembers: launches, sign-ins, codes, tokens and grants.
//!
//! Times are milliseconds since 1970, as in [`crate::clock`].

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    auth::scope::{self, Scope},
    options::LaunchOptions,
    random::random_token,
};

/// How long a launch token is accepted. It may be used more than once, because users reload pages.
const LAUNCH_MS: i64 = 300_000;
/// How long a code is accepted. It may be used once.
const CODE_MS: i64 = 60_000;
/// How long a sign-in may take.
pub(crate) const SESSION_MS: i64 = 600_000;

/// The context that a token belongs to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Context {
    pub(crate) patient: Option<String>,
    pub(crate) encounter: Option<String>,
    pub(crate) user: Option<String>,
    /// Only an EHR launch says whether the application must show a patient banner.
    pub(crate) need_patient_banner: Option<bool>,
    pub(crate) fhir_context: Vec<String>,
    pub(crate) intent: Option<String>,
    /// The nonce of the authorize request.
    pub(crate) nonce: Option<String>,
}

/// The context behind a launch token.
#[derive(Debug)]
pub(crate) struct Launch {
    pub(crate) options: LaunchOptions,
    tenant: String,
    expires: i64,
}

/// A valid authorize request, and the page its user is at.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) client: String,
    /// The name of the client on pages.
    pub(crate) client_name: String,
    /// The client has no credentials.
    pub(crate) public: bool,
    /// The FHIR base URL that the request named.
    pub(crate) iss: String,
    pub(crate) tenant: String,
    pub(crate) redirect_uri: String,
    pub(crate) state: String,
    pub(crate) scopes: Vec<Scope>,
    /// The S256 `code_challenge`.
    pub(crate) challenge: Option<String>,
    pub(crate) context: Context,
    /// The user must choose a patient (standalone launch).
    pub(crate) needs_patient: bool,
    pub(crate) step: Step,
    pub(crate) second_factor: String,
    pub(crate) expires: i64,
}

/// The page of a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Login,
    SecondFactor,
    Patient,
    Consent,
}

/// What a user or the system client was granted. All tokens that come from one code share one grant.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) client: String,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) context: Context,
    /// The tenant whose data the tokens give access to.
    pub(crate) tenant: String,
    /// It is a grant of a system account.
    pub(crate) system: bool,
    /// The system account's user has no access (E5).
    pub(crate) denied: bool,
    pub(crate) revoked: bool,
}

/// An authorization code.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) grant: Grant,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    expires: i64,
}

#[derive(Debug)]
struct AccessToken {
    grant: u64,
    expires: i64,
    /// Set after a refresh that requested fewer scopes than the grant has.
    scopes: Option<Vec<Scope>>,
}

/// A refresh token. With rotation it may be used once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RefreshToken {
    pub(crate) grant: u64,
    pub(crate) used: bool,
}

/// All that the authorization server remembers.
#[derive(Debug, Default)]
pub(crate) struct AuthState {
    launches: HashMap<String, Launch>,
    sessions: HashMap<String, Session>,
    codes: HashMap<String, Code>,
    access_tokens: HashMap<String, AccessToken>,
    refresh_tokens: HashMap<String, RefreshToken>,
    grants: HashMap<u64, Grant>,
    last_grant: u64,
}

impl AuthState {
    /// Stores the context of a launch and returns its token.
    pub(crate) fn add_launch(&mut self, options: LaunchOptions, tenant: &str, now: i64) -> String {
        self.remove_expired(now);
        let token = random_token::<16>();
        self.launches
            .insert(token.clone(), Launch { options, tenant: tenant.to_owned(), expires: now + LAUNCH_MS });
        token
    }

    /// The launch of a token that the same tenant made.
    pub(crate) fn launch(&self, token: &str, tenant: &str, now: i64) -> Option<&Launch> {
        self.launches.get(token).filter(|launch| launch.expires > now && launch.tenant == tenant)
    }

    pub(crate) fn put_session(&mut self, id: String, session: Session) {
        self.sessions.insert(id, session);
    }

    pub(crate) fn session(&self, id: &str, now: i64) -> Option<Session> {
        self.sessions.get(id).filter(|session| session.expires > now).cloned()
    }

    pub(crate) fn remove_session(&mut self, id: &str) {
        self.sessions.remove(id);
    }

    /// Ends a sign-in with a code for what was granted.
    pub(crate) fn add_code(&mut self, session: Session, now: i64) -> String {
        self.remove_expired(now);
        let code = random_token::<24>();
        let grant = Grant {
            client: session.client,
            scopes: session.scopes,
            context: session.context,
            tenant: session.tenant,
            system: false,
            denied: false,
            revoked: false,
        };
        let entry = Code {
            grant,
            redirect_uri: session.redirect_uri,
            challenge: session.challenge,
            expires: now + CODE_MS,
        };
        self.codes.insert(code.clone(), entry);
        code
    }

    pub(crate) fn has_code(&self, code: &str) -> bool {
        self.codes.contains_key(code)
    }

    /// Removes a code and returns it if it has not expired.
    pub(crate) fn take_code(&mut self, code: &str, now: i64) -> Option<Code> {
        self.codes.remove(code).filter(|code| code.expires > now)
    }

    /// Stores a grant and returns its id.
    pub(crate) fn add_grant(&mut self, grant: Grant) -> u64 {
        self.last_grant += 1;
        self.grants.insert(self.last_grant, grant);
        self.last_grant
    }

    pub(crate) fn grant(&self, id: u64) -> Option<&Grant> {
        self.grants.get(&id)
    }

    /// The grant of an access token that has not expired, with the scopes of that token.
    pub(crate) fn grant_of(&self, access_token: &str, now: i64) -> Option<Grant> {
        let token = self.access_tokens.get(access_token).filter(|token| token.expires > now)?;
        let mut grant = self.grants.get(&token.grant)?.clone();
        if let Some(scopes) = &token.scopes {
            grant.scopes.clone_from(scopes);
        }
        Some(grant)
    }

    /// The end of an access token, in milliseconds since 1970.
    pub(crate) fn access_token_end(&self, access_token: &str) -> Option<i64> {
        self.access_tokens.get(access_token).map(|token| token.expires)
    }

    pub(crate) fn remove_access_token(&mut self, access_token: &str) {
        self.access_tokens.remove(access_token);
    }

    /// The clients and scopes of the grants that are not revoked.
    pub(crate) fn active_grants(&self) -> impl Iterator<Item = &Grant> {
        self.grants.values().filter(|grant| !grant.revoked)
    }

    /// Revokes the refresh tokens of a grant. Its access tokens remain valid until they expire (O5).
    pub(crate) fn revoke_refresh_of(&mut self, id: u64) {
        if let Some(grant) = self.grants.get_mut(&id) {
            grant.revoked = true;
        }
    }

    /// Revokes a grant and its access tokens.
    pub(crate) fn revoke_grant(&mut self, id: u64) {
        if let Some(grant) = self.grants.get_mut(&id) {
            grant.revoked = true;
        }
        self.access_tokens.retain(|_, token| token.grant != id);
    }

    pub(crate) fn add_access_token(
        &mut self,
        grant: u64,
        scopes: Option<Vec<Scope>>,
        expires: i64,
        scopes_in_token: bool,
    ) -> String {
        let mut token = random_token::<32>();
        let granted = self.grants.get(&grant).map_or(&[][..], |grant| grant.scopes.as_slice());
        if scopes_in_token {
            let text = scope::join(scopes.as_deref().unwrap_or(granted));
            token = format!("{token}.{}", URL_SAFE_NO_PAD.encode(text));
        }
        self.access_tokens.insert(token.clone(), AccessToken { grant, expires, scopes });
        token
    }

    pub(crate) fn add_refresh_token(&mut self, grant: u64) -> String {
        let token = random_token::<32>();
        self.refresh_tokens.insert(token.clone(), RefreshToken { grant, used: false });
        token
    }

    pub(crate) fn refresh_token(&self, token: &str) -> Option<RefreshToken> {
        self.refresh_tokens.get(token).copied()
    }

    pub(crate) fn mark_refresh_token_used(&mut self, token: &str) {
        if let Some(token) = self.refresh_tokens.get_mut(token) {
            token.used = true;
        }
    }

    pub(crate) fn expire_access_tokens(&mut self) {
        self.access_tokens.clear();
    }

    pub(crate) fn revoke_refresh_tokens(&mut self) {
        self.refresh_tokens.clear();
    }

    /// Removes what has expired, so that the memory of a long demo does not grow.
    pub(crate) fn remove_expired(&mut self, now: i64) {
        self.launches.retain(|_, launch| launch.expires > now);
        self.sessions.retain(|_, session| session.expires > now);
        self.codes.retain(|_, code| code.expires > now);
        self.access_tokens.retain(|_, token| token.expires > now);
    }
}
