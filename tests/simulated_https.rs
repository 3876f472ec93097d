//! The simulator behind a TLS server, as behind a hospital's gateway: an `https` base URL whose documents name `http` endpoints.

mod common;

use common::{
    Fixture, REDIRECT, SESSION, gateway::Gateway, launch_query, patient, query_of, request, resources, weight,
};
use ehr_sim::{DiscoveryOptions, LaunchOptions, Options, Personality, Simulator};
use fhir_ehr::{AllowAll, Client, LaunchResult};
use serde_json::{Value, json};
fn sign_in(sim: &Simulator, client: &Client) {
    let launch = LaunchOptions { patient: "p1".to_owned(), ..LaunchOptions::default() };
    let query = launch_query(sim.iss(), &sim.launch(&launch));
    let LaunchResult::Redirect(url) = client.handle_launch(&query, SESSION, REDIRECT).unwrap() else {
        panic!("a redirect was expected")
    };
    assert!(url.starts_with("https://localhost:"), "{url}");
    let callback = query_of(&sim.approve(&url).expect("the EHR sends the browser back"));
    let result = client.handle_launch(&callback, SESSION, REDIRECT).unwrap();
    let LaunchResult::LoginRequired { handover, .. } = result else { panic!("{result:?}") };
    client.finish_login(&handover, SESSION, "alice").unwrap();
}

#[test]
fn http_endpoints_of_an_https_server_are_used_with_https() {
    for without in [vec![], vec!["smart-configuration".to_owned()]] {
        let gateway = Gateway::start();
        let options = Options {
            personality: Personality::Oracle,
            public_url: Some(gateway.url()),
            discovery: DiscoveryOptions { http_endpoints: true, without, ..DiscoveryOptions::default() },
            ..resources(&[&patient("p1", "M-1"), &weight("w1", "p1", "2024-01-05", "52")])
        };
        let folder = tempfile::tempdir().unwrap();
        let change = |document: &mut Value| {
            for name in ["authorization_endpoint", "token_endpoint"] {
                document["sources"][0].as_object_mut().unwrap().remove(name);
            }
            let file = folder.path().join("ca.pem");
            std::fs::write(&file, &gateway.ca).unwrap();
            document["tls"] = json!({"ca_file": file});
        };
        let fixture = Fixture::with(options, change, Box::new(AllowAll));
        gateway.simulator.set(fixture.sim.address()).unwrap();
        sign_in(&fixture.sim, &fixture.client);
        let pulled = fixture.client.pull(&request("alice", "M-1", "29463-7,,weight,,,\n")).unwrap();
        assert_eq!(pulled.rows.len(), 1);
    }
}
