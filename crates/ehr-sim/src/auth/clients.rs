//! The three registered clients and their authentication.

use base64::{Engine, engine::general_purpose::STANDARD};
use url::{Url, form_urlencoded};

use crate::{
    http::{Form, Request},
    options::Options,
    random::random_token,
};

/// The confidential client, for users.
pub(crate) const USER: &str = "app-user";
/// The public client, for users.
pub(crate) const PUBLIC: &str = "app-public";
/// The system account (client credentials).
pub(crate) const SYSTEM: &str = "app-system";

#[derive(Debug)]
pub(crate) struct Clients {
    pub(crate) user_secret: String,
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
            system_secret: secret(&options.system_secret),
            redirect_uris,
        }
    }

    /// Whether users may sign in to this client.
    pub(crate) fn is_user_client(&self, client: &str) -> bool {
        client == USER || client == PUBLIC
    }

    /// Whether a redirect URI is registered: exactly, or on a loopback address with any port (RFC 8252, 7.3).
    pub(crate) fn accepts_redirect(&self, requested: &str) -> bool {
        self.redirect_uris
            .iter()
            .any(|registered| registered == requested || differs_in_port_only(registered, requested))
    }

    /// The client of a token request, if its credentials are right.
    pub(crate) fn authenticate(
        &self,
        request: &Request,
        form: &Form,
        secret_in_body: bool,
    ) -> Result<&'static str, ClientError> {
        if let Some(header) = request.header("authorization") {
            let (client, secret) = header
                .strip_prefix("Basic ")
                .and_then(|encoded| STANDARD.decode(encoded.trim()).ok())
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .and_then(|text| text.split_once(':').map(|(id, secret)| (id.to_owned(), secret.to_owned())))
                .ok_or(ClientError::Header)?;
            // RFC 6749, 2.3.1, form-encodes both parts. Epic takes them as they are (E9). Both forms are accepted.
            return self
                .client_with_secret(&client, &secret)
                .or_else(|| self.client_with_secret(&form_decode(&client), &form_decode(&secret)))
                .ok_or(ClientError::Credentials);
        }
        let client = form.get("client_id").ok_or(ClientError::Credentials)?;
        match form.get("client_secret") {
            Some(_) if !secret_in_body => Err(ClientError::Credentials),
            Some(secret) => self.client_with_secret(client, secret).ok_or(ClientError::Credentials),
            None if client == PUBLIC => Ok(PUBLIC),
            None => Err(ClientError::Credentials),
        }
    }

    fn client_with_secret(&self, client: &str, secret: &str) -> Option<&'static str> {
        match client {
            USER if secret == self.user_secret => Some(USER),
            SYSTEM if secret == self.system_secret => Some(SYSTEM),
            _ => None,
        }
    }
}

/// Why a client could not be authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientError {
    /// The Authorization header is not valid HTTP Basic (O17).
    Header,
    /// The client or its secret is missing, unknown or wrong.
    Credentials,
}

fn form_decode(text: &str) -> String {
    form_urlencoded::parse(format!("x={text}").as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
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
    fn a_loopback_redirect_uri_may_have_any_port() {
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
