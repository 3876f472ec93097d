//! The built-in client registrations, and the comparison of redirect URIs.

use url::Url;

use crate::{
    options::Options,
    random::random_token,
    registration::{AuthMethod, Registration},
};

/// The confidential client, for users.
const USER: &str = "app-user";
/// The public client, for users.
const PUBLIC: &str = "app-public";
/// The system account (client credentials).
pub(crate) const SYSTEM: &str = "app-system";

#[derive(Debug)]
pub(crate) struct Clients {
    pub(crate) user_secret: String,
    user_secret_next: Option<String>,
    pub(crate) system_secret: String,
    pub(crate) redirect_uris: Vec<String>,
}

impl Clients {
    pub(crate) fn new(options: &Options) -> Self {
        let secret = |option: &Option<String>| option.clone().unwrap_or_else(random_token::<24>);
        let mut redirect_uris = vec!["http://127.0.0.1/callback".to_owned()];
        for uri in &options.redirect_uris {
            if !redirect_uris.contains(uri) {
                redirect_uris.push(uri.clone());
            }
        }
        Self {
            user_secret: secret(&options.client_secret),
            user_secret_next: options.client_secret_next.clone(),
            system_secret: secret(&options.system_secret),
            redirect_uris,
        }
    }

    /// The registrations of the built-in clients.
    pub(crate) fn registrations(&self) -> Vec<Registration> {
        let user = Registration {
            client_id: USER.to_owned(),
            secrets: [self.user_secret.clone()].into_iter().chain(self.user_secret_next.clone()).collect(),
            redirect_uris: self.redirect_uris.clone(),
            loopback_any_port: true,
            ..Registration::default()
        };
        let public = Registration {
            client_id: PUBLIC.to_owned(),
            secrets: Vec::new(),
            auth_methods: vec![AuthMethod::None],
            ..user.clone()
        };
        let system = Registration {
            client_id: SYSTEM.to_owned(),
            secrets: vec![self.system_secret.clone()],
            system: true,
            ..Registration::default()
        };
        vec![user, public, system]
    }
}

/// Whether a redirect URI is registered.
pub(crate) fn accepts_redirect(registration: &Registration, requested: &str) -> bool {
    registration.redirect_uris.iter().any(|registered| {
        registered == requested
            || registration.loopback_any_port && differs_in_port_only(registered, requested)
    })
}

fn differs_in_port_only(registered: &str, requested: &str) -> bool {
    let (Ok(registered), Ok(mut requested)) = (Url::parse(registered), Url::parse(requested)) else {
        return false;
    };
    let loopback = matches!(registered.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    loopback
        && registered.scheme() == "http"
        && registered.port().is_none()
        && requested.set_port(None).is_ok()
        && registered == requested
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loopback_redirect_uri_of_a_built_in_client_may_have_any_port() {
        let clients = Clients::new(&Options {
            redirect_uris: vec!["https://app.example/cb".to_owned()],
            ..Options::default()
        });
        let user = &clients.registrations()[0];
        for accepted in ["http://127.0.0.1:4711/callback", "https://app.example/cb"] {
            assert!(accepts_redirect(user, accepted), "{accepted}");
        }
        for refused in [
            "https://app.example:8443/cb",
            "https://app.example/cb/",
            "http://127.0.0.1:4711/callback/x",
            "http://127.0.0.1.evil.example/callback",
        ] {
            assert!(!accepts_redirect(user, refused), "{refused}");
        }
        let exact = Registration { loopback_any_port: false, ..user.clone() };
        assert!(!accepts_redirect(&exact, "http://127.0.0.1:4711/callback"));
    }
}
