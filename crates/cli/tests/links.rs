//! `links` and `unlink`: an administrator sees which EHR user is which user of the application, and removes a link.

mod common;

use common::{Fixture, fixture};
use ehr_sim::LaunchOptions;
use fhir_ehr::{AllowAll, Client, Config, LaunchResult};

const REDIRECT: &str = "http://127.0.0.1:9/callback";

fn query_of(url: &str) -> String {
    url::Url::parse(url).unwrap().query().unwrap().to_owned()
}

/// Launches as an EHR user, and logs in as a user of the application.
fn link(fixture: &Fixture, ehr_user: &str, user: &str) {
    let config = Config::from_file(&fixture.folder.path().join("config.json")).unwrap();
    let client = Client::with_embedded_store(config, Box::new(AllowAll)).unwrap();
    let (patient, name) = (fixture.sim.patient_ids()[0].clone(), Some(ehr_user.to_owned()));
    let launch = fixture.sim.launch(&LaunchOptions { patient, user: name, ..LaunchOptions::default() });
    let query = format!("iss={}&launch={launch}", fixture.sim.iss());
    let LaunchResult::Redirect(url) = client.handle_launch(&query, "s", REDIRECT).unwrap() else {
        panic!("a redirect")
    };
    let callback = query_of(&fixture.sim.approve(&url).unwrap());
    let LaunchResult::LoginRequired { handover, .. } =
        client.handle_launch(&callback, "s", REDIRECT).unwrap()
    else {
        panic!("a login")
    };
    client.finish_login(&handover, "s", user).unwrap();
}

#[test]
fn links_are_listed_and_removed() {
    let fixture = fixture();
    assert_eq!(fixture.run("links", &["--json"]).good().json()["links"], serde_json::json!([]));
    link(&fixture, "jdoe", "alice");
    link(&fixture, "jdoe2", "alice");
    link(&fixture, "asmith", "bob");

    let table = fixture.run("links", &[]).good().stdout;
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("id ") && lines[0].ends_with("since"), "{table}");
    assert_eq!(lines.len(), 4, "{table}");
    // The SMART launcher sends no user name, so fhirUser identifies the EHR user.
    assert!(lines.iter().any(|line| line.contains("Practitioner/") && line.contains("bob")), "{table}");

    let listed = || fixture.run("links", &["--json"]).good().json()["links"].clone();
    let links = listed();
    let of_bob = links.as_array().unwrap().iter().find(|link| link["application_user"] == "bob").unwrap();
    assert_eq!((&of_bob["source"], &of_bob["key"]), (&"sim".into(), &"fhir_user".into()));
    let id = of_bob["id"].as_str().unwrap();
    let run = fixture.run("unlink", &[id]).good();
    assert!(run.stderr.contains("1 links were removed."), "{run:?}");
    fixture.run("unlink", &[id]).failed("user_link_not_found");
    fixture.run("unlink", &["-starts-with-a-hyphen"]).failed("user_link_not_found");
    fixture.run("unlink", &["--application-user", "alice"]).good();
    assert_eq!(listed(), serde_json::json!([]));
    assert_eq!(fixture.run("unlink", &[]).code, 2, "no id and no user");
}
