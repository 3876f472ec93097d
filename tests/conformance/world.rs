//! One simulator and one client for each check, and what the simulator received.

use crate::common::{
    REDIRECT, SESSION, SharedClock, client_and_store, gateway::Gateway, launch_query, patient, query_of,
    request, resources, stub::Reply, stub::StubServer, weight,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ehr_sim::{LaunchOptions, Options, Personality, ReceivedRequest, Registration, Simulator};
use fhir_ehr::{AllowAll, Client, Clock, LaunchResult, ManualClock, PullRequest, SignIn, SystemClock};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// The result of a check: an error says in a sentence which part of the rule is not followed.
pub type Checked = Result<(), String>;
/// A check. The argument is the number of the switch that is on, if any.
pub type Check = fn(Switch) -> Checked;
/// The switch that is on.
pub type Switch = Option<u16>;

/// Defines the tests of requirements: `shall` rows have a switch, `other` rows have none.
macro_rules! requirements {
    ($($name:ident = $number:literal $verb:ident $check:expr;)*) => {
        $(mod $name {
            #[allow(unused_imports, reason = "some checks are paths")]
            use super::*;

            #[test]
            fn holds() {
                let check: $crate::world::Check = $check;
                check(None).unwrap_or_else(|why| panic!("#{}: {why}", $number));
            }

            requirements!(@$verb $number $check);
        })*
    };
    (@shall $number:literal $check:expr) => {
        #[test]
        fn fails_with_its_switch() {
            let check: $crate::world::Check = $check;
            let answer = check(Some($number)).expect_err("the check passes although the rule is broken");
            let reason = $crate::world::reason($number);
            assert!(answer.contains(reason), "#{}: the check fails, but for this reason: {answer}", $number);
        }
    };
    (@other $number:literal $check:expr) => {};
}

/// A part of the sentence with which a check fails when its switch is on.
pub fn reason(number: u16) -> &'static str {
    let lines = include_str!("reasons.tsv").lines().filter_map(|line| line.split_once('\t'));
    let mut found = lines.filter(|(one, _)| one.parse() == Ok(number)).map(|(_, reason)| reason);
    found.next().unwrap_or_else(|| panic!("tests/conformance/reasons.tsv has no line for {number}"))
}

pub const MRN: &str = "M-1";
pub const RSA_PEM: &str = include_str!("../../src/jose/test_keys/rsa.pem");
pub const EC_PEM: &str = include_str!("../../src/jose/test_keys/ec.pem");

/// How the client authenticates.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Credentials {
    Secret,
    Public,
    /// A key with this algorithm.
    Key(&'static str),
}

/// What a world begins with.
pub struct Setup {
    pub credentials: Credentials,
    pub options: Options,
    /// `policy` of the source.
    pub policy: Value,
    /// More resources.
    pub resources: Vec<String>,
    /// A gateway with TLS is in front of the simulator. False: the client does not trust its certificate.
    pub tls: Option<bool>,
}

impl Default for Setup {
    fn default() -> Self {
        let options = Options { personality: Personality::Generic, ..Options::default() };
        Setup {
            credentials: Credentials::Secret,
            options,
            policy: json!({}),
            resources: Vec::new(),
            tls: None,
        }
    }
}

pub fn with_policy(policy: Value) -> Setup {
    Setup { policy, ..Setup::default() }
}

pub fn with_scopes(scopes: &[&str]) -> Setup {
    with_policy(json!({"scopes": scopes}))
}

pub fn with_credentials(credentials: Credentials) -> Setup {
    Setup { credentials, ..Setup::default() }
}

pub struct World {
    pub sim: Simulator,
    pub client: Client,
    pub clock: SharedClock,
    pub folder: tempfile::TempDir,
    pub jwks_url: String,
    /// The configuration document.
    pub document: Value,
    _jwks: StubServer,
    _gateway: Option<Gateway>,
}

/// The document at the JWKS URL of the application.
fn jwks_server() -> (StubServer, Arc<Mutex<String>>) {
    let document = Arc::<Mutex<String>>::default();
    let published = document.clone();
    (StubServer::start(move |_| Reply::json(published.lock().unwrap().clone())), document)
}

fn registrations(jwks_url: &str) -> Vec<Registration> {
    let user = Registration {
        client_id: "study".to_owned(),
        jwks_url: Some(jwks_url.to_owned()),
        redirect_uris: vec![REDIRECT.to_owned()],
        ..Registration::default()
    };
    let system = Registration {
        client_id: "backend".to_owned(),
        redirect_uris: Vec::new(),
        system: true,
        ..user.clone()
    };
    vec![user, system]
}

fn use_credentials(document: &mut Value, credentials: Credentials, jwks_url: &str) {
    let ids = match credentials {
        Credentials::Secret => return,
        Credentials::Public => ["app-public", "app-system"],
        Credentials::Key(algorithm) => {
            let key = if algorithm == "RS384" { RSA_PEM } else { EC_PEM };
            document["key_rings"] = json!([{"name": "main", "jwks_url": jwks_url,
                "keys": [{"kid": "k1", "key": key, "algorithm": algorithm, "state": "current"}]}]);
            ["study", "backend"]
        }
    };
    for (registration, id) in document["registrations"].as_array_mut().unwrap().iter_mut().zip(ids) {
        registration["client_id"] = id.into();
        if id != "app-system" {
            registration.as_object_mut().unwrap().remove("client_secret");
        }
        if matches!(credentials, Credentials::Key(_)) {
            registration["key_ring"] = "main".into();
        }
    }
}

impl World {
    /// A simulator with the switch, and a client that discovers its endpoints.
    pub fn start(switch: Switch, setup: Setup) -> World {
        let (jwks, published) = jwks_server();
        let jwks_url = format!("{}/jwks", jwks.origin());
        let gateway = setup.tls.map(|_| Gateway::start());
        let mut texts = vec![patient("p1", MRN), weight("w1", "p1", "2024-01-05", "52")];
        texts.extend(setup.resources);
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut known = registrations(&jwks_url);
        known.extend(setup.options.registrations);
        let sim = Simulator::start(Options {
            auto_approve: true,
            redirect_uris: vec![REDIRECT.to_owned()],
            data: resources(&texts).data,
            registrations: known,
            public_url: gateway.as_ref().map(Gateway::url),
            broken_rules: switch.into_iter().collect(),
            keep_requests: true,
            ..setup.options
        })
        .expect("a simulator");
        let folder = tempfile::tempdir().expect("a folder");
        let mut document: Value = serde_json::from_str(&sim.config_json()).expect("a configuration");
        document["registrations"][0]["redirect_uris"] = json!([REDIRECT]);
        use_credentials(&mut document, setup.credentials, &jwks_url);
        let source = document["sources"][0].as_object_mut().expect("a source");
        source.remove("authorization_endpoint");
        source.remove("token_endpoint");
        source.remove("endpoints");
        source.insert("policy".to_owned(), setup.policy);
        if let Some(gateway) = &gateway {
            gateway.simulator.set(sim.address()).expect("it is not set yet");
            let other;
            let ca = if setup.tls == Some(true) {
                &gateway.ca
            } else {
                other = Gateway::start().ca;
                &other
            };
            let file = folder.path().join("ca.pem");
            std::fs::write(&file, ca).expect("a file");
            document["tls"] = json!({"ca_file": file});
        }
        let clock = SharedClock(Arc::new(ManualClock::at(SystemClock.now())));
        let client =
            client_and_store(&document, folder.path().join("store"), Box::new(AllowAll), clock.clone()).0;
        if matches!(setup.credentials, Credentials::Key(_)) {
            *published.lock().unwrap() = client.jwks("main").expect("a document").json;
        }
        World { sim, client, clock, folder, jwks_url, document, _jwks: jwks, _gateway: gateway }
    }

    /// The same simulator with another client.
    pub fn with_client(self, client: Client) -> World {
        World { client, ..self }
    }

    /// The URL that a launch of `p1` leads the browser to.
    pub fn start_launch(&self, session: &str, options: LaunchOptions) -> Result<String, String> {
        let launch = self.sim.launch(&LaunchOptions { patient: "p1".to_owned(), ..options });
        let started = self.client.handle_launch(&launch_query(self.sim.iss(), &launch), session, REDIRECT);
        match said(started)? {
            LaunchResult::Redirect(url) => Ok(url),
            other => Err(format!("the launch led to {}", other.name())),
        }
    }

    /// The callback URL of a user who approves.
    pub fn approve(&self, url: &str) -> Result<String, String> {
        self.sim.approve(url).map_err(|_| "the EHR shows an error page".to_owned())
    }

    pub fn finish(&self, callback: &str, session: &str) -> Result<SignIn, String> {
        match said(self.client.handle_launch(&query_of(callback), session, REDIRECT))? {
            LaunchResult::SignedIn(signed_in) => Ok(signed_in),
            LaunchResult::LoginRequired { handover, .. } => {
                said(self.client.finish_login(&handover, session, "alice"))
            }
            other => Err(format!("the callback led to {}", other.name())),
        }
    }

    pub fn launch_with(&self, options: LaunchOptions) -> Result<SignIn, String> {
        let url = self.start_launch(SESSION, options)?;
        self.finish(&self.approve(&url)?, SESSION)
    }

    /// An EHR launch of the patient `p1`.
    pub fn launch(&self) -> Result<SignIn, String> {
        self.launch_with(LaunchOptions::default())
    }

    /// A sign-in that starts in the application.
    pub fn standalone(&self) -> Result<SignIn, String> {
        let url = said(self.client.sign_in("sim", "alice", SESSION, REDIRECT))?;
        self.finish(&self.approve(&url)?, SESSION)
    }

    /// A pull of the signed-in user: the number of rows.
    pub fn pull(&self) -> Result<usize, String> {
        said(self.client.pull(&user_pull())).map(|pulled| pulled.rows.len())
    }

    /// A pull of the system account.
    pub fn system_pull(&self) -> Result<usize, String> {
        let request = PullRequest { system: true, ..user_pull() };
        said(self.client.pull(&request)).map(|pulled| pulled.rows.len())
    }

    /// What the simulator received at a path that ends like this.
    pub fn received(&self, end: &str) -> Vec<ReceivedRequest> {
        self.sim.received().into_iter().filter(|one| one.path.ends_with(end)).collect()
    }

    /// The first request at such a path.
    pub fn first(&self, end: &str) -> Result<ReceivedRequest, String> {
        self.received(end).into_iter().next().ok_or_else(|| format!("no request to {end}"))
    }

    pub fn authorize_request(&self) -> Result<ReceivedRequest, String> {
        self.first("/auth/authorize")
    }

    pub fn token_request(&self) -> Result<ReceivedRequest, String> {
        self.first("/auth/token")
    }

    /// FHIR reads and searches.
    pub fn fhir_requests(&self) -> Vec<ReceivedRequest> {
        let is_fhir = |one: &ReceivedRequest| {
            one.path.starts_with("/fhir/")
                && !one.path.contains("/.well-known/")
                && !one.path.ends_with("/metadata")
        };
        self.sim.received().into_iter().filter(is_fhir).collect()
    }
}

fn user_pull() -> PullRequest {
    request("alice", MRN, "29463-7,,weight,,,\n")
}

/// A result of the library as the result of a check: the error has its name.
pub fn said<T>(result: fhir_ehr::Result<T>) -> Result<T, String> {
    result.map_err(|error| format!("the library answered {}", error.code().name()))
}

pub fn expect(holds: bool, otherwise: &str) -> Checked {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}

pub fn equal<T: PartialEq + std::fmt::Debug>(name: &str, found: T, expected: T) -> Checked {
    if found == expected { Ok(()) } else { Err(format!("{name} is {found:?}, not {expected:?}")) }
}

/// A parameter of a request.
pub fn parameter(request: &ReceivedRequest, name: &str) -> Result<String, String> {
    request.parameter(name).ok_or_else(|| format!("the request has no {name}"))
}

/// Parameters that a failed test must not print.
const SECRET_PARAMETERS: [&str; 4] = ["launch", "state", "code", "code_verifier"];

pub fn parameter_is(request: &ReceivedRequest, name: &str, expected: &str) -> Checked {
    let found = parameter(request, name)?;
    if SECRET_PARAMETERS.contains(&name) {
        return expect(found == expected, &format!("{name} is not the expected one"));
    }
    equal(name, found.as_str(), expected)
}

pub fn header_is(request: &ReceivedRequest, name: &str, expected: &str) -> Checked {
    equal(name, request.header(name), Some(expected))
}

/// The scopes of a request.
pub fn scopes(request: &ReceivedRequest) -> Result<Vec<String>, String> {
    Ok(parameter(request, "scope")?.split(' ').map(str::to_owned).collect())
}

/// The header and the claims of the assertion in a token request.
pub fn assertion(request: &ReceivedRequest) -> Result<(Value, Value), String> {
    let text = parameter(request, "client_assertion")?;
    let part = |number: usize| -> Option<Value> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text.split('.').nth(number)?).ok()?).ok()
    };
    part(0).zip(part(1)).ok_or_else(|| "the assertion cannot be read".to_owned())
}
