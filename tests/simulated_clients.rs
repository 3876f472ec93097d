//! Client authentication against the simulator, which verifies signatures and secrets itself: signed assertions, rotation of keys and
//! secrets, clocks, system accounts, and clients that an EHR does not know yet.

mod common;

use common::{Fixture, REDIRECT, patient, request, stub::Reply, stub::StubServer, weight};
use ehr_sim::{
    AuthMethod, BackgroundUser, DataSource, DiscoveryOptions, LaunchOptions, Options, Personality,
    Registration, ScopeVersion, Tenant,
};
use fhir_ehr::{AllowAll, Client, Code, ExposeSecret, PrivateKey, PullRequest, RegisterRequest};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

const RSA_PEM: &str = include_str!("../src/jose/test_keys/rsa.pem");
const MRN: &str = "M-1";

fn es384() -> String {
    PrivateKey::generate_es384().unwrap().expose_secret().to_owned()
}

/// The web server of the application, which publishes the JWKS document of the key ring `main`.
struct JwksServer {
    stub: StubServer,
    document: Arc<Mutex<String>>,
}

impl JwksServer {
    fn start() -> Self {
        let document = Arc::<Mutex<String>>::default();
        let published = document.clone();
        let stub = StubServer::start(move |_| Reply::json(published.lock().unwrap().clone()));
        JwksServer { stub, document }
    }

    fn url(&self) -> String {
        format!("{}/jwks", self.stub.origin())
    }

    fn publish(&self, client: &Client) {
        *self.document.lock().unwrap() = client.jwks("main").unwrap().json;
    }

    /// How often the EHR fetched the document.
    fn fetches(&self) -> usize {
        self.stub.requests().len()
    }
}

fn patients() -> DataSource {
    DataSource::Resources(vec![patient("p1", MRN), weight("w1", "p1", "2024-01-05", "52")])
}

/// A registration for users and one for the system account, both with keys at the URL.
fn registrations(url: &str, change: impl Fn(&mut Registration)) -> Vec<Registration> {
    let user = Registration {
        client_id: "study".to_owned(),
        jwks_url: Some(url.to_owned()),
        redirect_uris: vec![REDIRECT.to_owned()],
        ..Registration::default()
    };
    let system = Registration {
        client_id: "backend".to_owned(),
        redirect_uris: Vec::new(),
        system: true,
        ..user.clone()
    };
    [user, system]
        .map(|mut one| {
            change(&mut one);
            one
        })
        .to_vec()
}

/// Both registrations of the document use the key ring `main` with these keys: `(kid, key, algorithm, state)`.
fn use_keys(document: &mut Value, keys: &[(&str, &str, &str, &str)]) {
    let keys: Vec<Value> = keys
        .iter()
        .map(|(kid, key, algorithm, state)| json!({"kid": kid, "key": key, "algorithm": algorithm, "state": state}))
        .collect();
    document["key_rings"] = json!([{"name": "main", "keys": keys}]);
    for (number, client_id) in [(0, "study"), (1, "backend")] {
        let registration = &mut document["registrations"][number];
        registration["client_id"] = client_id.into();
        registration["key_ring"] = "main".into();
        registration.as_object_mut().unwrap().remove("client_secret");
    }
    document["registrations"][0]["redirect_uris"] = json!([REDIRECT]);
}

/// A simulator that knows both registrations, and a client with one key that is published.
fn with_key(
    jwks: &JwksServer,
    options: Options,
    (key, algorithm): (&str, &str),
    change: impl Fn(&mut Registration),
    document: impl FnOnce(&mut Value),
) -> Fixture {
    let registrations = registrations(&jwks.url(), change);
    let options = Options { registrations, data: patients(), ..options };
    let edit = |value: &mut Value| {
        use_keys(value, &[("k1", key, algorithm, "current")]);
        document(value);
    };
    let fixture = Fixture::with(options, edit, Box::new(AllowAll));
    jwks.publish(&fixture.client);
    fixture
}

fn at(personality: Personality) -> Options {
    Options { personality, ..Options::default() }
}

fn pull(client: &Client) -> fhir_ehr::Result<usize> {
    client.pull(&request("alice", MRN, "29463-7,,weight,,,\n")).map(|pulled| pulled.rows.len())
}

fn system_pull(client: &Client, source: &str) -> fhir_ehr::Result<usize> {
    let user = request("alice", MRN, "29463-7,,weight,,,\n");
    let request = PullRequest { system: true, source: source.to_owned(), ..user };
    client.pull(&request).map(|pulled| pulled.rows.len())
}

fn code<T>(result: fhir_ehr::Result<T>) -> Option<Code> {
    result.err().map(|error| error.code())
}

/// The token requests since the last reset, each as its grant type and its status.
fn token_requests(fixture: &Fixture) -> Vec<(String, u16)> {
    let requests = fixture.sim.requests();
    let token = requests.iter().filter(|one| one.path.ends_with("/token"));
    token.map(|one| (one.grant_type.clone().unwrap_or_default(), one.status)).collect()
}

fn advance(fixture: &Fixture, seconds: u32) {
    fixture.sim.advance(Duration::from_secs(seconds.into()));
    fixture.clock.0.advance(seconds.into());
}

#[test]
fn each_vendor_accepts_signed_assertions_for_a_code_a_refresh_and_a_system_account() {
    let ec = es384();
    for personality in [Personality::Oracle, Personality::Epic, Personality::Generic] {
        for key in [(ec.as_str(), "ES384"), (RSA_PEM, "RS384")] {
            let jwks = JwksServer::start();
            let only = |it: &mut Registration| it.algs = vec![key.1.to_owned()];
            let fixture = with_key(&jwks, at(personality), key, only, |_| {});
            fixture.launch("p1", "alice");
            assert_eq!(pull(&fixture.client).unwrap(), 1, "{personality:?} {}", key.1);
            fixture.sim.expire_access_tokens();
            assert_eq!(pull(&fixture.client).unwrap(), 1);
            assert_eq!(system_pull(&fixture.client, "sim").unwrap(), 1);
            let grants: Vec<_> = token_requests(&fixture);
            let expected = ["authorization_code", "refresh_token", "client_credentials"];
            assert_eq!(grants, expected.map(|grant| (grant.to_owned(), 200)), "{personality:?} {}", key.1);
        }
    }
}

#[test]
fn keys_rotate_at_the_jwks_url_without_a_refused_request() {
    let jwks = JwksServer::start();
    let (k1, k2, k3) = (es384(), es384(), es384());
    let fixture = with_key(&jwks, at(Personality::Epic), (&k1, "ES384"), |_| {}, |_| {});
    let step = |keys: &[(&str, &str, &str, &str)], publish: bool| {
        let mut document = fixture.document();
        use_keys(&mut document, keys);
        let client = fixture.other_client(&document);
        if publish {
            jwks.publish(&client);
        }
        // The stored token of the system account is refused, so the pull makes a token request.
        fixture.sim.expire_access_tokens();
        fixture.sim.reset_requests();
        (system_pull(&client, "sim"), token_requests(&fixture))
    };
    let accepted = vec![("client_credentials".to_owned(), 200)];
    for keys in [
        vec![("k1", k1.as_str(), "ES384", "current"), ("k2", &k2, "ES384", "next")],
        vec![("k1", &k1, "ES384", "retired"), ("k2", &k2, "ES384", "current")],
        vec![("k2", &k2, "ES384", "current")],
    ] {
        let (pulled, sent) = step(&keys, true);
        assert_eq!((pulled.unwrap(), sent), (1, accepted.clone()), "{}", keys[0].3);
        assert_eq!(jwks.fetches(), 1, "the EHR fetches the document only for a key that it does not know");
    }
    // A key that was never published is refused, so `next` must come first.
    let (pulled, _) = step(&[("k3", &k3, "ES384", "current")], false);
    assert_eq!(code(pulled), Some(Code::InvalidClient));
    assert_eq!(jwks.fetches(), 3, "Epic's 400 is repeated once (E24)");
}

#[test]
fn a_secret_in_the_body_is_used_where_the_vendor_accepts_it() {
    for (personality, expected) in [
        (Personality::Epic, None),
        (Personality::Generic, None),
        // O13: a secret in the body is not offered.
        (Personality::Oracle, Some(Code::InvalidClient)),
    ] {
        let post = |document: &mut Value| {
            document["registrations"][0]["authentication"] = "client_secret_post".into();
        };
        let options = Options { data: patients(), ..at(personality) };
        let fixture = Fixture::with(options, post, Box::new(AllowAll));
        let launch = LaunchOptions { patient: "p1".to_owned(), ..LaunchOptions::default() };
        let callback = common::query_of(&fixture.launch_to_callback(&launch));
        let result = fixture.client.handle_launch(&callback, common::SESSION, REDIRECT);
        assert_eq!(code(result), expected, "{personality:?}");
    }
}

#[test]
fn a_client_secret_changes_at_the_vendor_without_a_failed_pull() {
    let next = |document: &mut Value| document["registrations"][0]["client_secret_next"] = "new".into();
    let options = Options {
        client_secret: Some("old".to_owned()),
        client_secret_next: Some("new".to_owned()),
        data: patients(),
        ..at(Personality::Oracle)
    };
    let fixture = Fixture::with(options, next, Box::new(AllowAll));
    fixture.launch("p1", "alice");
    // The vendor's console removes the old secret.
    fixture.sim.put_registration(Registration {
        client_id: "app-user".to_owned(),
        secrets: vec!["new".to_owned()],
        redirect_uris: vec![REDIRECT.to_owned()],
        auth_methods: vec![AuthMethod::ClientSecretBasic],
        ..Registration::default()
    });
    let mut sent = Vec::new();
    for _ in 0..2 {
        // Oracle allows one refresh in a minute (O1).
        fixture.clock.0.advance(60);
        fixture.sim.expire_access_tokens();
        fixture.sim.reset_requests();
        assert_eq!(pull(&fixture.client).unwrap(), 1);
        sent.push(token_requests(&fixture).len());
    }
    assert_eq!(sent, [2, 1], "the old secret is tried once");
}

#[test]
fn assertions_are_accepted_by_a_server_whose_clock_is_wrong() {
    for skew in [-1800, -400, 400, 1800] {
        let jwks = JwksServer::start();
        let options = Options { faults: vec![format!("clock-skew:{skew}")], ..at(Personality::Epic) };
        let fixture = with_key(&jwks, options, (RSA_PEM, "RS384"), |_| {}, |_| {});
        assert_eq!(system_pull(&fixture.client, "sim").unwrap(), 1, "{skew}");
        fixture.sim.expire_access_tokens();
        fixture.sim.reset_requests();
        assert_eq!(system_pull(&fixture.client, "sim").unwrap(), 1, "{skew}");
        assert_eq!(token_requests(&fixture).len(), 1, "the clock of the server is known");
    }
}

/// A server for system accounts only needs no authorization endpoint.
#[test]
fn a_server_that_publishes_a_token_endpoint_only_serves_a_system_account() {
    let jwks = JwksServer::start();
    let without = vec!["authorization_endpoint".to_owned()];
    let options = Options {
        discovery: DiscoveryOptions { without, ..DiscoveryOptions::default() },
        ..at(Personality::Epic)
    };
    let discovered = |document: &mut Value| {
        for name in ["authorization_endpoint", "token_endpoint"] {
            document["sources"][0].as_object_mut().unwrap().remove(name);
        }
    };
    let fixture = with_key(&jwks, options, (RSA_PEM, "RS384"), |_| {}, discovered);
    assert_eq!(system_pull(&fixture.client, "sim").unwrap(), 1);
    let refused = fixture.client.sign_in("sim", "alice", common::SESSION, REDIRECT);
    assert_eq!(code(refused), Some(Code::DiscoveryFailed));
}

/// O11: the server drops scopes of the other version without an error, and the library names them.
#[test]
fn a_sign_in_with_scopes_of_the_other_version_names_the_missing_ones() {
    for (version, scopes, is_granted) in [
        (ScopeVersion::V1, "user/{resource}.read", true),
        (ScopeVersion::V2, "user/{resource}.rs", true),
        (ScopeVersion::V1, "user/{resource}.rs", false),
        (ScopeVersion::V2, "user/{resource}.read", false),
    ] {
        let jwks = JwksServer::start();
        let registered = |it: &mut Registration| it.scope_version = Some(version);
        let policy = |document: &mut Value| {
            document["sources"][0]["policy"] = json!({"scopes": ["launch", scopes]});
        };
        let fixture = with_key(&jwks, at(Personality::Oracle), (RSA_PEM, "RS384"), registered, policy);
        let context = fixture.launch("p1", "alice").context;
        assert_eq!(context.missing_scopes.is_empty(), is_granted, "{version:?} {scopes}: {context:?}");
        assert_eq!(pull(&fixture.client).is_ok(), is_granted, "{version:?} {scopes}");
    }
}

#[test]
fn a_system_account_requests_the_scopes_of_its_registration() {
    for (version, scopes, expected) in [
        (ScopeVersion::V1, "system/{resource}.read", None),
        (ScopeVersion::V2, "system/{resource}.rs", None),
        (ScopeVersion::V1, "system/{resource}.rs", Some(Code::TokenRejected)),
        (ScopeVersion::V2, "system/{resource}.read", Some(Code::TokenRejected)),
    ] {
        let jwks = JwksServer::start();
        let registered = |it: &mut Registration| it.scope_version = Some(version);
        let policy = |document: &mut Value| {
            document["sources"][0]["policy"] = json!({"system_scopes": [scopes]});
        };
        let fixture = with_key(&jwks, at(Personality::Oracle), (RSA_PEM, "RS384"), registered, policy);
        assert_eq!(code(system_pull(&fixture.client, "sim")), expected, "{version:?} {scopes}");
    }
}

/// E5
#[test]
fn an_epic_system_account_without_a_background_user_says_what_the_hospital_must_do() {
    for (background_user, expected) in
        [(BackgroundUser::Missing, Code::InvalidClient), (BackgroundUser::Denied, Code::FhirDenied)]
    {
        let jwks = JwksServer::start();
        let unmapped = |it: &mut Registration| it.background_user = background_user;
        let fixture = with_key(&jwks, at(Personality::Epic), (RSA_PEM, "RS384"), unmapped, |_| {});
        let error = system_pull(&fixture.client, "sim").unwrap_err();
        assert_eq!(error.code(), expected);
        assert!(error.hint_text().is_some_and(|hint| hint.contains("background user")), "{error:?}");
    }
}

/// E1, O14
#[test]
fn a_client_that_is_not_active_yet_is_refused_and_works_after_the_delay() {
    for personality in [Personality::Epic, Personality::Oracle] {
        let jwks = JwksServer::start();
        let delayed = |it: &mut Registration| it.active_after_seconds = 900;
        let fixture = with_key(&jwks, at(personality), (RSA_PEM, "RS384"), delayed, |_| {});
        let error = system_pull(&fixture.client, "sim").unwrap_err();
        assert_eq!(error.code(), Code::InvalidClient, "{error:?}");
        assert!(error.hint_text().is_some_and(|hint| hint.contains("until it is active")), "{error:?}");
        let launch = LaunchOptions { patient: "p1".to_owned(), ..LaunchOptions::default() };
        let launch = common::launch_query(fixture.sim.iss(), &fixture.sim.launch(&launch));
        assert!(fixture.sim.approve(&fixture.redirect(&launch)).is_err(), "the EHR shows its own error page");
        advance(&fixture, 901);
        assert_eq!(system_pull(&fixture.client, "sim").unwrap(), 1);
        fixture.launch("p1", "alice");
        assert_eq!(pull(&fixture.client).unwrap(), 1);
    }
}

#[test]
fn a_tenant_that_did_not_enable_the_client_refuses_it_and_another_one_does_not() {
    for personality in [Personality::Epic, Personality::Oracle] {
        let jwks = JwksServer::start();
        let north_only = |it: &mut Registration| it.tenants = Some(vec!["north".to_owned()]);
        let tenant = |id: &str| Tenant { id: id.to_owned(), r4: Some(patients()), dstu2: None };
        let options = Options { tenants: vec![tenant("north"), tenant("south")], ..at(personality) };
        let fixture = with_key(&jwks, options, (RSA_PEM, "RS384"), north_only, |_| {});
        assert_eq!(system_pull(&fixture.client, "north-r4").unwrap(), 1);
        let error = system_pull(&fixture.client, "south-r4").unwrap_err();
        assert!(matches!(error.code(), Code::InvalidClient | Code::TokenRejected), "{error:?}");
        assert!(error.hint_text().is_some(), "{error:?}");
    }
}

#[test]
fn a_client_that_registers_itself_can_sign_in() {
    for (personality, uses_key) in
        [(Personality::Smart, false), (Personality::Generic, false), (Personality::Generic, true)]
    {
        let jwks = JwksServer::start();
        let key = es384();
        let options =
            Options { redirect_uris: vec![REDIRECT.to_owned()], data: patients(), ..at(personality) };
        let mut fixture = with_key(&jwks, options, (&key, "ES384"), |_| {}, |_| {});
        let issued = fixture.client.register_client("admin", &registration_of(&jwks, uses_key)).unwrap();
        assert_eq!(issued.client_secret.is_none(), uses_key);
        let mut document = fixture.document();
        use_keys(&mut document, &[("k1", &key, "ES384", "current")]);
        let registration = &mut document["registrations"][0];
        registration["client_id"] = issued.client_id.into();
        registration["authentication"] = issued.authentication.into();
        if let Some(secret) = issued.client_secret {
            registration["client_secret"] = secret.expose_secret().into();
        }
        fixture.client = fixture.other_client(&document);
        fixture.launch("p1", "alice");
        assert_eq!(pull(&fixture.client).unwrap(), 1, "{personality:?} {uses_key}");
    }
    // Epic and Oracle do not offer it.
    let jwks = JwksServer::start();
    let fixture = with_key(&jwks, at(Personality::Epic), (RSA_PEM, "RS384"), |_| {}, |_| {});
    let error = fixture.client.register_client("admin", &registration_of(&jwks, true)).unwrap_err();
    assert_eq!(error.code(), Code::ClientRegistrationFailed);
    assert!(error.hint_text().is_some_and(|hint| hint.contains("console")), "{error:?}");
}

fn registration_of(jwks: &JwksServer, uses_key: bool) -> RegisterRequest {
    RegisterRequest {
        source: "sim".to_owned(),
        client_name: "Research".to_owned(),
        launch_url: "https://app.example/launch.php".to_owned(),
        jwks_url: uses_key.then(|| jwks.url()),
        initial_access_token: None,
    }
}

/// O6: Oracle's console ignores `offline_access` for an application of the type "Online", without an error.
#[test]
fn an_application_of_the_type_online_gets_no_refresh_token_and_the_launch_says_so() {
    let offline = |document: &mut Value| document["sources"][0]["policy"] = json!({"access": "offline"});
    let options = Options {
        client_secret: Some("issued-s3cret".to_owned()),
        data: patients(),
        ..at(Personality::Oracle)
    };
    let fixture = Fixture::with(options, offline, Box::new(AllowAll));
    let requested = fixture.client.sources().by_id("sim").unwrap().launch_scopes().to_string();
    let granted =
        requested.split(' ').filter(|scope| *scope != "offline_access").map(str::to_owned).collect();
    fixture.sim.put_registration(Registration {
        client_id: "app-user".to_owned(),
        secrets: vec!["issued-s3cret".to_owned()],
        redirect_uris: vec![REDIRECT.to_owned()],
        scopes: granted,
        ..Registration::default()
    });
    let signed_in = fixture.launch("p1", "alice");
    assert_eq!(signed_in.context.missing_scopes, ["offline_access"], "of {requested}");
    assert!(fixture.client.launches("admin").unwrap()[0].refresh_token_missing);
}
