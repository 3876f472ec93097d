//! What an error of the authorization server adds for the administrator: a hint about a new registration, and a text for a ticket.

use crate::{
    clock::UnixSeconds,
    config::Vendor,
    error::{Code, Error, Retry, escape_for_display},
};

/// The application that an authorization server refused.
pub struct Application<'a> {
    /// The client id that was sent.
    pub client_id: &'a str,
    /// The FHIR base URL of the source.
    pub iss: &'a str,
    /// The vendor of the source.
    pub vendor: Vendor,
    /// Whether it is the system account.
    pub is_system: bool,
    /// When the server answered.
    pub now: UnixSeconds,
}

/// Adds a hint to an error without one if the server does not accept the client (E1, E5, O14), and a ticket to an error that a
/// person at the EHR must look up.
pub fn advise(error: Error, application: &Application<'_>) -> Error {
    // Other causes of authorization_rejected have a hint already.
    let refuses_client = matches!(error.code(), Code::InvalidClient | Code::AuthorizationRejected);
    let is_refused = refuses_client || (application.is_system && error.http_status() == Some(403));
    // Epic's answer to wrong credentials is the same as to some temporary failures (E1, E24).
    let is_bare = error.http_status() == Some(400) && error.vendor_error().code.is_none();
    let error = if error.hint_text().is_some() {
        error
    } else if is_refused {
        error.hint(client_hint(application))
    } else if is_bare && application.vendor == Vendor::Epic {
        error.hint(BARE_400_HINT)
    } else {
        error
    };
    let is_for_ehr_team = error.retry() == Retry::Never && error.vendor_error().code.is_some();
    if is_for_ehr_team {
        let ticket = ticket(&error, application);
        return error.with_ticket(ticket);
    }
    error
}

const BARE_400_HINT: &str = "Epic gives this answer to an unknown client, to wrong credentials and to some temporary failures. Retry in a few \
     minutes. If it stays, compare the client id, and its secret or public key, with the vendor's console.";

/// What to check when a client is refused, and how long the server refuses a new registration.
fn client_hint(application: &Application<'_>) -> String {
    let maps_user = application.is_system && application.vendor != Vendor::Oracle;
    let user =
        if maps_user { "; at Epic, the customer must also map the client to a background user" } else { "" };
    let delay = match application.vendor {
        Vendor::Oracle => "about 20 minutes at Oracle Health",
        Vendor::Epic => "up to 12 hours at Epic",
        Vendor::Generic | Vendor::Smart => "up to 12 hours at Epic, about 20 minutes at Oracle Health",
    };
    format!(
        "Compare the client id, and its secret or public key, with the vendor's console{user}. A new client is refused until it is active: \
         {delay}."
    )
}

/// A text to paste into a ticket. It names the client id, which is not a secret, and no token, code, state or user.
fn ticket(error: &Error, application: &Application<'_>) -> String {
    let vendor = error.vendor_error();
    let shown = |text: &str| escape_for_display(text);
    let time = jiff::Timestamp::from_second(application.now).unwrap_or_default().to_string();
    let status = error.http_status().map(|status| status.to_string());
    let named = vendor.client_id.as_deref().filter(|named| *named != application.client_id);
    let lines = [
        ("Error", vendor.code.as_deref().map(shown)),
        ("Meaning", error.cause().map(str::to_owned)),
        ("HTTP status", status),
        ("Time", Some(time)),
        ("Client id", Some(shown(application.client_id))),
        ("Client id in the answer", named.map(shown)),
        ("FHIR base URL", Some(shown(application.iss))),
        ("Tenant", vendor.tenant.as_deref().map(shown)),
        ("Correlation id", vendor.correlation_id.as_deref().map(shown)),
        ("Link", vendor.link.as_deref().map(|link| link.to_owned())),
    ];
    let mut text = "Your authorization server refused a request of our application.".to_owned();
    for (name, value) in lines {
        if let Some(value) = value {
            text.push_str(&format!("\n{name}: {value}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{
        super::token_errors::{ServerError, of_token_request},
        *,
    };

    const URI: &str = "https://authorization.cerner.com/errors/urn%3Acerner%3Aerror%3Aauthorization-server%3Aoauth2%3Agrant%3Aunauthorized-client-for-tenant/instances/4a2e-1?client=c-1&tenant=t-1";

    fn application(vendor: Vendor, is_system: bool) -> Application<'static> {
        Application {
            client_id: "c-1",
            iss: "https://fhir.example/r4/t-1",
            vendor,
            is_system,
            now: 784_111_777,
        }
    }

    fn refused(word: &str, uri: Option<&str>, vendor: Vendor, is_system: bool) -> Error {
        let server_error = ServerError::new(word, uri, None, &[], "https://auth.example/token");
        let grant_type = if is_system { "client_credentials" } else { "authorization_code" };
        advise(of_token_request(server_error, grant_type, 400, None), &application(vendor, is_system))
    }

    #[test]
    fn a_client_that_is_not_authorized_for_the_tenant_has_a_text_for_a_ticket() {
        let error = refused("unauthorized_client", Some(URI), Vendor::Oracle, false);
        assert_eq!(
            error.ticket().unwrap(),
            format!(
                "Your authorization server refused a request of our application.\n\
                 Error: oauth2:grant:unauthorized-client-for-tenant\n\
                 Meaning: This client is not authorized for this tenant. The hospital must approve the application.\n\
                 HTTP status: 400\n\
                 Time: 1994-11-06T08:49:37Z\n\
                 Client id: c-1\n\
                 FHIR base URL: https://fhir.example/r4/t-1\n\
                 Tenant: t-1\n\
                 Correlation id: 4a2e-1\n\
                 Link: {URI}"
            )
        );
        let other = refused("unauthorized_client", Some(&URI.replace("c-1", "c-2")), Vendor::Oracle, false);
        assert!(other.ticket().unwrap().contains("Client id: c-1\nClient id in the answer: c-2\n"));
    }

    #[test]
    fn an_error_that_the_user_solves_has_no_ticket() {
        assert_eq!(refused("invalid_grant", None, Vendor::Oracle, false).ticket(), None);
        assert_eq!(refused("server_error", None, Vendor::Oracle, false).ticket(), None);
    }

    #[test]
    fn epics_bare_400_says_that_it_has_several_causes() {
        let hint = |vendor, status| {
            let error = Error::new(Code::TokenRejected).status(status);
            advise(error, &application(vendor, false)).hint_text().map(str::to_owned)
        };
        assert_eq!(hint(Vendor::Epic, 400).as_deref(), Some(BARE_400_HINT));
        assert_eq!(hint(Vendor::Epic, 404), None);
        assert_eq!(hint(Vendor::Oracle, 400), None);
    }

    #[test]
    fn a_refused_client_gets_the_time_that_a_new_registration_takes() {
        for (vendor, is_system, expected) in [
            (Vendor::Oracle, false, "until it is active: about 20 minutes at Oracle Health."),
            (Vendor::Epic, false, "until it is active: up to 12 hours at Epic."),
            (Vendor::Generic, false, "up to 12 hours at Epic, about 20 minutes at Oracle Health."),
            (Vendor::Epic, true, "map the client to a background user. A new client is refused until"),
        ] {
            let error = refused("invalid_client", None, vendor, is_system);
            assert!(error.hint_text().unwrap().contains(expected), "{error:?}");
        }
        assert!(
            !refused("invalid_client", None, Vendor::Epic, false).hint_text().unwrap().contains("background")
        );
    }
}
