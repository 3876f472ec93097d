//! Several tenants on one simulator.

use ehr_sim::{
    DataSource, FhirRelease, LaunchOptions, Options, Personality, Registration, Simulator, Tenant,
};
use serde_json::{Value, json};

use crate::support::{Answer, REDIRECT, SECRET, get, options, parameter, query, resources, send};

/// The tenants `north`, with R4 and DSTU2, and `south`, with R4. Both have a patient `a` with the same MRN.
fn hospitals(personality: Personality, options_with: impl FnOnce(&mut Options)) -> Simulator {
    let patient = |family: &str| {
        let text = resources()[0].replace("Ängström", family);
        Some(DataSource::Resources(vec![text]))
    };
    let tenant = |id: &str, dstu2| Tenant { id: id.to_owned(), r4: patient(id), dstu2 };
    let mut options = Options {
        tenants: vec![tenant("north", patient("old-north")), tenant("south", None)],
        ..options(personality)
    };
    options_with(&mut options);
    Simulator::start(options).expect("it starts")
}

fn iss(sim: &Simulator, tenant: &str) -> String {
    sim.iss_of(tenant, FhirRelease::R4).expect("a base URL")
}

fn code(sim: &Simulator, authorize: &str, iss: &str, launch: &str) -> Result<String, String> {
    let pairs = [
        ("response_type", "code"),
        ("client_id", "app-user"),
        ("redirect_uri", REDIRECT),
        ("state", "s"),
        ("aud", iss),
        ("scope", "launch online_access user/Patient.read"),
        ("launch", launch),
    ];
    let callback = sim.approve(&format!("{authorize}?{}", query(&pairs)))?;
    parameter(&callback, "code").ok_or(callback)
}

fn exchange(sim: &Simulator, endpoint: &str, form: &[(&str, &str)]) -> Answer {
    let body = query(&[form, &[("client_id", "app-user"), ("client_secret", SECRET)]].concat());
    send(sim, "POST", endpoint, &[("Content-Type", "application/x-www-form-urlencoded")], &body)
}

fn sign_in(sim: &Simulator, iss: &str) -> Value {
    let options = LaunchOptions { patient: "a".to_owned(), ..LaunchOptions::default() };
    let launch = sim.launch_at(iss, &options).expect("a launch");
    let token = sim.token_endpoint(iss).expect("an endpoint");
    let code = code(sim, &token.replace("/token", "/authorize"), iss, &launch).expect("a code");
    exchange(
        sim,
        &token,
        &[("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", REDIRECT)],
    )
    .json()
}

fn token(answer: &Value, name: &str) -> String {
    answer[name].as_str().expect("a token").to_owned()
}

#[test]
fn a_token_is_valid_in_its_tenant_only() {
    let sim = hospitals(Personality::Generic, |options| options.pkce = Some(ehr_sim::PkcePolicy::Supported));
    let bases = sim.bases();
    assert_eq!(bases.len(), 4);
    let signed_in = sign_in(&sim, &iss(&sim, "north"));
    assert_eq!(signed_in["tenant"], "north");
    let access = token(&signed_in, "access_token");
    for base in &bases {
        let answer = get(&sim, &format!("{base}/Patient/a"), &access);
        match base.contains("/north/") {
            true => {
                assert!(answer.body.contains(if base.ends_with("r4") { "\"north\"" } else { "old-north" }))
            }
            false => assert_eq!(answer.status, 401, "{base}"),
        }
    }
    let old = sim.iss_of("north", FhirRelease::Dstu2).expect("a base URL");
    let access = token(&sign_in(&sim, &old), "access_token");
    assert!(get(&sim, &format!("{old}/Patient/a"), &access).body.contains("old-north"));
    let refresh = token(&signed_in, "refresh_token");
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    for (tenant, status) in [("south", 400), ("north", 200)] {
        let endpoint = sim.token_endpoint(&iss(&sim, tenant)).expect("an endpoint");
        assert_eq!(exchange(&sim, &endpoint, &form).status, status, "{tenant}");
    }
}

#[test]
fn launches_and_codes_belong_to_their_tenant() {
    let sim = hospitals(Personality::Smart, |_| {});
    let (north, south) = (iss(&sim, "north"), iss(&sim, "south"));
    let options = LaunchOptions { patient: "a".to_owned(), ..LaunchOptions::default() };
    let launch = sim.launch_at(&north, &options).expect("a launch");
    let authorize = |iss: &str| sim.token_endpoint(iss).expect("an endpoint").replace("/token", "/authorize");
    assert!(code(&sim, &authorize(&south), &south, &launch).is_err_and(|url| url.contains("error=")));
    assert!(code(&sim, &authorize(&south), &north, &launch).is_err_and(|url| url.contains("error=")));
    let code = code(&sim, &authorize(&north), &north, &launch).expect("a code");
    let form = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", REDIRECT)];
    let answer = exchange(&sim, &sim.token_endpoint(&south).expect("an endpoint"), &form);
    assert!(answer.body.contains("another tenant"), "{}", answer.body);
}

#[test]
fn a_tenant_enables_clients() {
    for personality in [Personality::Smart, Personality::Oracle, Personality::Epic] {
        let sim = hospitals(personality, |options| {
            options.registrations = vec![Registration {
                client_id: "app-user".to_owned(),
                secrets: vec![SECRET.to_owned()],
                redirect_uris: vec![REDIRECT.to_owned()],
                tenants: Some(vec!["north".to_owned()]),
                ..Registration::default()
            }];
        });
        let result = |tenant: &str| {
            let iss = iss(&sim, tenant);
            let options = LaunchOptions { patient: "a".to_owned(), ..LaunchOptions::default() };
            let launch = sim.launch_at(&iss, &options).expect("a launch");
            let endpoint = sim.token_endpoint(&iss).expect("an endpoint");
            let code = code(&sim, &endpoint.replace("/token", "/authorize"), &iss, &launch);
            let form = [("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", REDIRECT)];
            (code, send_basic(&sim, &endpoint, &form))
        };
        let (code, token) = result("north");
        assert!(code.is_ok() && token.json()["error"] == "invalid_grant");
        let (code, token) = result("south");
        let refusal = code.expect_err("no code");
        match personality {
            Personality::Epic => {
                assert!(refusal.contains("Invalid OAuth 2.0 request"));
                assert_eq!(token.body, r#"{"error":"invalid_client","error_description":null}"#);
            }
            _ => {
                assert!(refusal.starts_with(REDIRECT) && refusal.contains("error=unauthorized_client"));
                assert_eq!(token.json()["error"], "unauthorized_client");
            }
        }
        if personality == Personality::Oracle {
            assert!(refusal.contains("unauthorized-client-for-tenant") && refusal.contains("tenant%3Dsouth"));
        }
    }
}

fn send_basic(sim: &Simulator, endpoint: &str, form: &[(&str, &str)]) -> Answer {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let basic = format!("Basic {}", STANDARD.encode(format!("app-user:{SECRET}")));
    let headers = [("Authorization", basic.as_str()), ("Content-Type", "application/x-www-form-urlencoded")];
    send(sim, "POST", endpoint, &headers, &query(form))
}

/// A search of one tenant has an index into its resources, so its next link works there only.
#[test]
fn a_next_link_works_at_its_own_base_url_only() {
    let sim = hospitals(Personality::Smart, |options| options.page_size = Some(1));
    let north = iss(&sim, "north");
    sim.put_resource_at(&north, r#"{"resourceType":"Patient","id":"b"}"#).expect("it is stored");
    assert_eq!(sim.patient_ids_at(&north), ["a", "b"]);
    let access = token(&sign_in(&sim, &north), "access_token");
    let page = get(&sim, &format!("{north}/Patient"), &access).json();
    let next = crate::support::link(&page, "next").expect("a next link");
    assert_eq!(get(&sim, &next, &access).status, 200);
    let old = next.replace("/r4", "/dstu2");
    assert_eq!(get(&sim, &old, &access).status, 400);
}

#[test]
fn each_tenant_has_its_own_pages_and_documents() {
    let sim = hospitals(Personality::Oracle, |options| {
        options.app_launch_urls = vec!["https://app.example/launch".to_owned()];
    });
    let list = send(&sim, "GET", "/south/", &[], "").body;
    assert!(list.contains("action=\"/south/launch\"") && list.contains("south"));
    let launch = send(&sim, "GET", "/south/launch?patient=a&app=0", &[], "");
    let target = launch.header("location").expect("a redirect");
    assert_eq!(parameter(target, "iss"), Some(iss(&sim, "south")));
    let document =
        send(&sim, "GET", &format!("{}/.well-known/smart-configuration", iss(&sim, "south")), &[], "").json();
    assert_eq!(document["token_endpoint"], format!("{}/south/auth/token", sim.base_url()));
    let url = format!(
        "{}?{}",
        document["authorization_endpoint"].as_str().expect("an endpoint"),
        query(&[
            ("response_type", "code"),
            ("client_id", "app-user"),
            ("redirect_uri", REDIRECT),
            ("state", "s"),
            ("aud", &iss(&sim, "south")),
            ("scope", "user/Patient.read"),
        ])
    );
    assert!(send(&sim, "GET", &url, &[], "").body.contains("action=\"/south/auth/authorize\""));
    let config: Value = serde_json::from_str(&sim.config_json()).expect("JSON");
    let sources = config["sources"].as_array().expect("sources");
    let ids: Vec<&str> = sources.iter().filter_map(|source| source["id"].as_str()).collect();
    assert_eq!(ids, ["sim", "north-r4", "north-dstu2", "south-r4"]);
    let body = json!({ "patient": "a", "iss": iss(&sim, "north") }).to_string();
    assert_eq!(send(&sim, "POST", "/_sim/launch", &[], &body).json()["iss"], iss(&sim, "north"));
}

#[test]
fn a_tenant_id_must_be_usable_in_a_path() {
    for ids in [&["fhir"][..], &["a/b"], &[""], &["one", "one"], &["ehr-sim"]] {
        let tenants =
            ids.iter().map(|id| Tenant { id: (*id).to_owned(), r4: Some(DataSource::Embedded), dstu2: None });
        let options = Options { tenants: tenants.collect(), ..options(Personality::Smart) };
        assert!(Simulator::start(options).is_err(), "{ids:?}");
    }
}
