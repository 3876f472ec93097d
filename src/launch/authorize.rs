//! The authorize request as a plain function: the address to send the browser to.

use crate::{
    error::{Code, Error, Result},
    scope::ScopeSet,
    secret::{ExposeSecret, Secret},
};
use oauth2::{
    AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, basic::BasicClient,
};
use std::borrow::Cow;
use url::Url;

/// What goes into the request.
#[derive(Debug)]
pub struct AuthorizeRequest<'a> {
    /// The authorization endpoint; a query of its own is kept (D3).
    pub endpoint: &'a Url,
    /// The client id, always the configured one.
    pub client_id: &'a str,
    /// A registered redirect URI.
    pub redirect_uri: &'a str,
    /// The scopes.
    pub scopes: &'a ScopeSet,
    /// 256 random bits.
    pub state: &'a Secret,
    /// 256 random bits; only their SHA-256 goes out.
    pub verifier: &'a Secret,
    /// Bound into the id_token, where one is asked for.
    pub nonce: &'a str,
    /// The FHIR server, as the EHR wrote it (O8).
    pub aud: &'a str,
    /// The launch token, in an EHR launch.
    pub launch: Option<&'a Secret>,
}

/// The address. PKCE is S256 always; a server that does not know it ignores it (X1).
///
/// # Errors
/// [`Code::RequestInvalid`] when the redirect URI is no URL.
pub fn address(request: &AuthorizeRequest<'_>) -> Result<Url> {
    let redirect = RedirectUrl::new(request.redirect_uri.to_owned())
        .map_err(|_| Error::new(Code::RequestInvalid).detail("the redirect URI is not a URL"))?;
    let verifier = PkceCodeVerifier::new(request.verifier.expose_secret().to_owned());
    let client = BasicClient::new(ClientId::new(request.client_id.to_owned()))
        .set_auth_uri(AuthUrl::from_url(request.endpoint.clone()));
    let mut asked = client
        .authorize_url(|| CsrfToken::new(request.state.expose_secret().to_owned()))
        .set_redirect_uri(Cow::Owned(redirect))
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
        .add_scopes(request.scopes.iter().map(|scope| Scope::new(scope.to_owned())))
        .add_extra_param("aud", request.aud);
    if let Some(launch) = request.launch {
        asked = asked.add_extra_param("launch", launch.expose_secret());
    }
    if request.scopes.contains("openid") {
        asked = asked.add_extra_param("nonce", request.nonce);
    }
    Ok(asked.url().0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn the_request_holds_what_smart_asks_for() {
        let endpoint = Url::parse("https://auth.example/authorize?tenant=1").unwrap();
        let scopes = ScopeSet::parse("openid launch patient/Patient.read");
        let (state, verifier, launch) =
            (Secret::from("st"), Secret::from("v".repeat(43)), Secret::from("la&unch"));
        let url = address(&AuthorizeRequest {
            endpoint: &endpoint,
            client_id: "client",
            redirect_uri: "https://app.example/ehr.php",
            scopes: &scopes,
            state: &state,
            verifier: &verifier,
            nonce: "no",
            aud: "https://FHIR.example/r4/",
            launch: Some(&launch),
        })
        .unwrap();
        let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
        for (name, value) in [
            ("tenant", "1"),
            ("response_type", "code"),
            ("client_id", "client"),
            ("redirect_uri", "https://app.example/ehr.php"),
            ("scope", "openid launch patient/Patient.read"),
            ("state", "st"),
            ("nonce", "no"),
            ("aud", "https://FHIR.example/r4/"),
            ("launch", "la&unch"),
            ("code_challenge_method", "S256"),
        ] {
            assert_eq!(query.get(name).map(String::as_str), Some(value), "{name}");
        }
        assert_eq!(query["code_challenge"].len(), 43);
        assert!(!url.as_str().contains(verifier.expose_secret()));
    }
}
