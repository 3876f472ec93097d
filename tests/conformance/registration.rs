//! What the library registers at an EHR: by dynamic registration, and on the sheet for a vendor's console.

use crate::{assertion::registration_request, common::REDIRECT, world::*};
use ehr_sim::ReceivedRequest;
use fhir_ehr::{AllowAll, Client, Config, Core, Hooks, RegisterRequest, SqliteStore};
use serde_json::{Value, json};

const HTTPS_JWKS: &str = "https://app.example/jwks";

requirements! {
    requirement_020 = 20 shall |switch| registered(switch, None, |body| {
        equal("initiate_login_uri", body["initiate_login_uri"].as_str(), Some("https://app.example/launch.php"))
    });
    requirement_021 = 21 shall |switch| registered(switch, None, |body| equal("redirect_uris", &body["redirect_uris"], &json!([REDIRECT])));
    requirement_022 = 22 shall |switch| registered(switch, Some(HTTPS_JWKS), |body| equal("jwks_uri", body["jwks_uri"].as_str(), Some(HTTPS_JWKS)));
    requirement_023 = 23 shall a_secret_is_issued;
    requirement_292 = 292 other |switch| registered(switch, None, |_| Ok(()));
    requirement_298 = 298 shall |switch| registered(switch, Some(HTTPS_JWKS), |body| {
        expect(body["jwks_uri"].is_string() != body["jwks"].is_object(), "there is not exactly one way to get the keys")
    });
    requirement_299 = 299 other |switch| registered(switch, Some(HTTPS_JWKS), |body| {
        expect(body["jwks_uri"].is_string() && body.get("jwks").is_none(), "the keys are not sent by URL")
    });
    requirement_301 = 301 shall the_url_of_the_keys_has_tls;
    requirement_302 = 302 shall the_keys_need_no_login;
}

fn request(jwks_url: Option<&str>) -> RegisterRequest {
    RegisterRequest { jwks_url: jwks_url.map(str::to_owned), ..registration_request("") }
}

fn body(request: &ReceivedRequest) -> Result<Value, String> {
    serde_json::from_str(&request.body).map_err(|error| error.to_string())
}

/// Registers a client, checks the request, and then that it was accepted.
fn registered(switch: Switch, jwks_url: Option<&str>, check: impl Fn(&Value) -> Checked) -> Checked {
    let world = World::start(switch, Setup::default());
    let result = said(world.client.register_client("admin", &request(jwks_url)));
    check(&body(&world.first("/auth/register")?)?)?;
    expect(!result?.client_id.is_empty(), "no client id was issued")
}

fn a_secret_is_issued(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    let issued = said(world.client.register_client("admin", &request(None)))?;
    expect(issued.client_secret.is_some(), "no secret was issued")?;
    equal("the authentication", issued.authentication.as_str(), "client_secret_basic")
}

fn the_url_of_the_keys_has_tls(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    let refused = world.client.register_client("admin", &request(Some("http://app.example/jwks")));
    equal(
        "the error of a URL without TLS",
        refused.err().map(|error| error.code().name()),
        Some("url_not_allowed"),
    )?;
    equal("the number of requests", world.received("/auth/register").len(), 0)?;
    let result = said(world.client.register_client("admin", &request(Some(HTTPS_JWKS))));
    let sent = body(&world.first("/auth/register")?)?;
    equal("jwks_uri", sent["jwks_uri"].as_str(), Some(HTTPS_JWKS))?;
    result.map(drop)
}

/// The library makes the document without a user, and the EHR fetches it without credentials.
fn the_keys_need_no_login(switch: Switch) -> Checked {
    struct AllowNothing;
    impl fhir_ehr::Access for AllowNothing {
        fn allows(&self, _user: &str, _project: &str, _action: fhir_ehr::Action) -> fhir_ehr::Result<bool> {
            Ok(false)
        }
    }
    let world = World::start(switch, with_credentials(Credentials::Key("ES384")));
    let config = said(Config::from_json(&world.document.to_string()))?;
    let store = Box::new(SqliteStore::new(world.folder.path().join("other")));
    let hooks = Hooks { access: Box::new(AllowNothing), ..Hooks::new(store, Box::new(AllowAll)) };
    let client = said(Client::with_core(said(Core::new(config))?, hooks))?;
    said(client.jwks("main"))?;
    world.launch().map(drop)
}
