//! How a token request authenticates the client: in which part of the HTTP request its credentials are.

use crate::{
    clock::UnixSeconds,
    config::Policy,
    error::Result,
    jose::{self, AssertionRequest, SigningKey},
    net::Authorization,
    secret::{self, ExposeSecret, Secret},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use url::Url;

/// The value of `client_assertion_type` (RFC 7523 section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The credentials of one token request.
pub enum ClientAuthentication<'a> {
    /// None: the body has the client id.
    None,
    /// The client secret in HTTP Basic.
    Basic(&'a Secret),
    /// The client secret in the body.
    Post(&'a Secret),
    /// A signed assertion in the body. Servers accept it once.
    Assertion(Secret),
}

impl ClientAuthentication<'_> {
    /// A new assertion for a token endpoint. `now` is the time by the server's clock.
    ///
    /// # Errors
    /// [`crate::Code::Internal`] when no random bytes are available or signing fails.
    pub fn new_assertion(
        key: &SigningKey,
        client_id: &str,
        endpoint: &Url,
        now: UnixSeconds,
    ) -> Result<Self> {
        let jti = secret::random_text()?;
        let request = AssertionRequest { client_id, audience: endpoint.as_str(), now, jti: &jti };
        jose::assertion(key, &request).map(ClientAuthentication::Assertion)
    }

    /// The secret that the request carries.
    pub(super) fn secret(&self) -> Option<&Secret> {
        match self {
            ClientAuthentication::None => None,
            ClientAuthentication::Basic(secret) | ClientAuthentication::Post(secret) => Some(secret),
            ClientAuthentication::Assertion(assertion) => Some(assertion),
        }
    }

    /// The header `Authorization`. `form_encoded` is the header as the oauth2 crate wrote it.
    pub(super) fn authorization(
        &self,
        id: &str,
        policy: &Policy,
        form_encoded: Option<&str>,
    ) -> Authorization {
        match self {
            ClientAuthentication::Basic(_) if policy.basic_form_encoded => {
                Authorization::Header(form_encoded.unwrap_or_default().to_owned().into())
            }
            // EHRs compare the pair without the form-encoding that RFC 6749 2.3.1 requires (E9).
            ClientAuthentication::Basic(secret) => {
                let pair = zeroize::Zeroizing::new(format!("{id}:{}", secret.expose_secret()));
                Authorization::Header(format!("Basic {}", STANDARD.encode(pair.as_bytes())).into())
            }
            // Oracle answers invalid_authorization_header to an assertion in the header (O12).
            _ => Authorization::None,
        }
    }

    /// The form and the header that a request about a token carries besides its own members. The oauth2 crate is not used for it.
    pub(super) fn apply(
        &self,
        id: &str,
        policy: &Policy,
        form: &mut Vec<(&'static str, Secret)>,
    ) -> Authorization {
        match self {
            ClientAuthentication::None => form.push(("client_id", id.to_owned().into())),
            ClientAuthentication::Post(secret) => {
                form.push(("client_id", id.to_owned().into()));
                form.push(("client_secret", (*secret).clone()));
            }
            ClientAuthentication::Assertion(assertion) => {
                form.push(("client_assertion_type", ASSERTION_TYPE.into()));
                form.push(("client_assertion", assertion.clone()));
            }
            ClientAuthentication::Basic(_) => {}
        }
        self.authorization(id, policy, self.form_encoded_basic(id).as_deref())
    }

    /// The header of HTTP Basic with the id and the secret form-encoded (RFC 6749, 2.3.1).
    fn form_encoded_basic(&self, id: &str) -> Option<String> {
        let ClientAuthentication::Basic(secret) = self else { return None };
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = zeroize::Zeroizing::new(format!("{}:{}", encode(id), encode(secret.expose_secret())));
        Some(format!("Basic {}", STANDARD.encode(pair.as_bytes())))
    }

    /// Adds the assertion to a form. The assertion names the client, so the form does not: SMART leaves out `client_id` for a
    /// confidential client, and the oauth2 crate cannot.
    pub(super) fn with_assertion(&self, form: String) -> String {
        let ClientAuthentication::Assertion(assertion) = self else { return form };
        let pairs = url::form_urlencoded::parse(form.as_bytes()).filter(|(name, _)| name != "client_id");
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .append_pair("client_assertion_type", ASSERTION_TYPE)
            .append_pair("client_assertion", assertion.expose_secret())
            .finish()
    }

    /// Adds the client id to the form of a confidential client, for the servers that require it there as well (X4).
    pub(super) fn with_client_id(&self, form: String, id: &str, policy: &Policy) -> String {
        match self {
            ClientAuthentication::Basic(_) | ClientAuthentication::Assertion(_)
                if policy.client_id_in_body =>
            {
                url::form_urlencoded::Serializer::new(form).append_pair("client_id", id).finish()
            }
            // Without one of these, the form has it already.
            _ => form,
        }
    }
}
