//! Redirect URIs of a registration: which one a sign-in uses, and which ones a host may name.

use super::address::allowed_url;
use crate::{
    config::{Environment, RedirectUri, Registration},
    error::{Code, Error, Result, escape_for_display},
};

/// Checks a registration for sources of one environment. The error is the place and the fault, for the configuration.
pub(super) fn check(
    registration: &Registration,
    environment: Environment,
) -> std::result::Result<(), String> {
    for uri in &registration.redirect_uris {
        allowed_url(uri.uri()).map_err(|error| error.message())?;
        if let RedirectUri::Environment { environment, .. } = uri
            && !registration.environments.contains(environment)
        {
            let name = environment.name();
            return Err(format!("a redirect URI is for {name}, which is not in its environments"));
        }
    }
    if registration.environments.contains(&environment) {
        Ok(())
    } else {
        Err(format!("{} is not in its environments", environment.name()))
    }
}

/// The redirect URI of a sign-in at a source of this environment: the one that the host names, if it is registered, or else
/// the first registered one. One that is registered for the environment comes before one for all environments. A request's
/// Host header has no part in this.
///
/// # Errors
/// [`Code::RedirectUriNotRegistered`].
pub(crate) fn redirect_uri<'a>(
    registration: &'a Registration,
    environment: Environment,
    named: Option<&'a str>,
) -> Result<&'a str> {
    let not_registered = |detail: String| {
        Error::new(Code::RedirectUriNotRegistered)
            .detail(format!("{detail} registration {}", registration.id))
    };
    let Some(uri) = named else {
        let usable = || registration.redirect_uris.iter().filter(|uri| uri.serves(environment));
        let own = usable().find(|uri| matches!(uri, RedirectUri::Environment { .. }));
        return own
            .or_else(|| usable().next())
            .map(RedirectUri::uri)
            .ok_or_else(|| not_registered(format!("no redirect URI for {} sources at", environment.name())));
    };
    if is_registered(registration, environment, uri) {
        Ok(uri)
    } else {
        Err(not_registered(format!("{} at", escape_for_display(uri))))
    }
}

/// Whether a redirect URI is registered for sources of this environment. It must be equal as text. If a loopback URI is
/// registered without a port, every port matches (RFC 8252 section 7.3).
pub(crate) fn is_registered(registration: &Registration, environment: Environment, uri: &str) -> bool {
    let usable = registration.redirect_uris.iter().filter(|known| known.serves(environment));
    usable.map(RedirectUri::uri).any(|text| {
        if text == uri {
            return true;
        }
        let (Ok(mut known), Ok(mut asked)) = (allowed_url(text), allowed_url(uri)) else { return false };
        let any_port = known.scheme() == "http" && !has_explicit_port(text);
        any_port && asked.set_port(None).is_ok() && known.set_port(None).is_ok() && known == asked
    })
}

/// Whether a URL names its port. This needs the text, because a parsed URL drops a default port.
fn has_explicit_port(text: &str) -> bool {
    let authority = text.split("//").nth(1).unwrap_or_default().split('/').next().unwrap_or_default();
    authority
        .rsplit_once(':')
        .is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::tests::{config, source};

    fn registration(redirect_uris: &str) -> Registration {
        let mut registration = source("").registration;
        registration.environments = vec![Environment::Sandbox, Environment::Production];
        registration.redirect_uris = serde_json::from_str(redirect_uris).unwrap();
        registration
    }

    #[test]
    fn redirect_uris_must_be_equal_except_for_a_loopback_port() {
        let registration = registration(
            r#"["https://app.example/ehr.php", "http://127.0.0.1/callback", "http://127.0.0.1:80/fixed"]"#,
        );
        for (uri, good) in [
            ("https://app.example/ehr.php", true),
            ("http://127.0.0.1:4711/callback", true),
            ("http://127.0.0.1:4711/fixed", false),
            ("https://app.example/ehr.php/", false),
            ("https://app.example:8443/ehr.php", false),
            ("http://127.0.0.1:4711/callback2", false),
        ] {
            let named = redirect_uri(&registration, Environment::Sandbox, Some(uri));
            let code = named.map_err(|error| error.code());
            assert_eq!(code, if good { Ok(uri) } else { Err(Code::RedirectUriNotRegistered) }, "{uri}");
        }
    }

    #[test]
    fn the_environment_of_the_source_chooses_the_redirect_uri() {
        let all = "https://app.example/all";
        let both = registration(
            r#"["https://app.example/all", {"uri": "https://app.example/live", "environment": "production"}]"#,
        );
        let only_live = registration(r#"[{"uri": "https://app.example/live", "environment": "production"}]"#);
        let live = "https://app.example/live";
        for (registration, environment, named, expected) in [
            (&both, Environment::Production, None, Some(live)),
            (&both, Environment::Sandbox, None, Some(all)),
            (&both, Environment::Production, Some(all), Some(all)),
            (&both, Environment::Sandbox, Some(live), None),
            (&only_live, Environment::Production, None, Some(live)),
            (&only_live, Environment::Sandbox, None, None),
        ] {
            let chosen = redirect_uri(registration, environment, named);
            assert_eq!(chosen.ok(), expected, "{environment:?}, {named:?}");
        }
    }

    #[test]
    fn a_source_of_an_environment_that_the_registration_does_not_have_is_refused() {
        let mut config = config(
            r#"[{"id": "s", "iss": "https://fhir.example/r4", "environment": "test", "fhir_version": "r4", "registration": "r"}]"#,
        );
        config.registrations[0].environments = vec![Environment::Sandbox, Environment::Production];
        let error = crate::Sources::build(&config).unwrap_err();
        assert_eq!(error.code(), Code::ConfigInvalid);
        assert!(error.message().contains("registration r: test is not in its environments"), "{error}");
        config.registrations[0].environments = vec![Environment::Test];
        config.registrations[0].redirect_uris =
            serde_json::from_str(r#"[{"uri": "https://app.example/live", "environment": "production"}]"#)
                .unwrap();
        let error = crate::Sources::build(&config).unwrap_err();
        assert!(error.message().contains("is for production, which is not in its environments"), "{error}");
    }
}
