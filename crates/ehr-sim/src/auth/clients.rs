//! The three registered clients and how they prove who they are.

use base64::{Engine, engine::general_purpose::STANDARD};
use url::{Url, form_urlencoded};

use crate::{
    http::{Form, Request},
    options::Options,
    world::random_token,
};

/// The confidential client of users.
pub(crate) const USER: &str = "app-user";
/// The public client of users.
pub(crate) const PUBLIC: &str = "app-public";
/// The system account.
pub(crate) const SYSTEM: &str = "app-system";

/// The registrations.
#[derive(Debug)]
pub(crate) struct Clients {
    pub(crate) user_secret: String,
    pub(crate) system_secret: String,
    pub(crate) redirect_uris: Vec<String>,
}

impl Clients {
    pub(crate) fn new(options: &Options) -> Self {
        let secret = |given: &Option<String>| given.clone().unwrap_or_else(|| random_token(24));
        let mut redirect_uris = vec!["http://127.0.0.1/callback".to_owned()];
        for uri in &options.redirect_uris {
            if !redirect_uris.contains(uri) {
                redirect_uris.push(uri.clone());
            }
        }
        Self {
            user_secret: secret(&options.client_secret),
            system_secret: secret(&options.system_secret),
            redirect_uris,
        }
    }

    /// Whether users may sign in for this client.
    pub(crate) fn is_user_client(&self, client: &str) -> bool {
        client == USER || client == PUBLIC
    }

    /// Whether a redirect URI is registered: exactly, or on a loopback address with any port (RFC 8252, 7.3).
    pub(crate) fn accepts_redirect(&self, asked: &str) -> bool {
        self.redirect_uris.iter().any(|registered| registered == asked || same_but_port(registered, asked))
    }

    /// The client of a token request.
    pub(crate) fn authenticate(
        &self,
        request: &Request,
        form: &Form,
        secret_in_body: bool,
    ) -> Result<&'static str, Refusal> {
        if let Some(header) = request.header("authorization") {
            let (client, secret) = header
                .strip_prefix("Basic ")
                .and_then(|encoded| STANDARD.decode(encoded.trim()).ok())
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .and_then(|text| text.split_once(':').map(|(id, secret)| (id.to_owned(), secret.to_owned())))
                .ok_or(Refusal::Header)?;
            // Raw first (E9); RFC 6749 form-encodes both, which is taken too.
            return self
                .with_secret(&client, &secret)
                .or_else(|| self.with_secret(&form_decode(&client), &form_decode(&secret)))
                .ok_or(Refusal::Credentials);
        }
        let client = form.get("client_id").ok_or(Refusal::Credentials)?;
        match form.get("client_secret") {
            Some(_) if !secret_in_body => Err(Refusal::Credentials),
            Some(secret) => self.with_secret(client, secret).ok_or(Refusal::Credentials),
            None if client == PUBLIC => Ok(PUBLIC),
            None => Err(Refusal::Credentials),
        }
    }

    fn with_secret(&self, client: &str, secret: &str) -> Option<&'static str> {
        match client {
            USER if secret == self.user_secret => Some(USER),
            SYSTEM if secret == self.system_secret => Some(SYSTEM),
            _ => None,
        }
    }
}

/// Why a client is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The Authorization header is not Basic (O17 invalid_authorization_header).
    Header,
    Credentials,
}

fn form_decode(text: &str) -> String {
    form_urlencoded::parse(format!("x={text}").as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

fn same_but_port(registered: &str, asked: &str) -> bool {
    let (Ok(registered), Ok(mut asked)) = (Url::parse(registered), Url::parse(asked)) else {
        return false;
    };
    let loopback = matches!(registered.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    loopback
        && registered.scheme() == "http"
        && registered.port().is_none()
        && asked.set_port(None).is_ok()
        && registered == asked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loopback_redirect_may_have_any_port() {
        let clients = Clients::new(&Options {
            redirect_uris: vec!["https://app.example/cb".to_owned()],
            ..Options::default()
        });
        assert!(clients.accepts_redirect("http://127.0.0.1:4711/callback"));
        assert!(clients.accepts_redirect("https://app.example/cb"));
        assert!(!clients.accepts_redirect("https://app.example:8443/cb"));
        assert!(!clients.accepts_redirect("https://app.example/cb/"));
        assert!(!clients.accepts_redirect("http://127.0.0.1:4711/callback/x"));
        assert!(!clients.accepts_redirect("http://127.0.0.1.evil.example/callback"));
    }
}
