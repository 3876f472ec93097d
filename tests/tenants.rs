//! Several tenants with one registration: launch URLs of organizations, and no token, link or row of one tenant at another.

mod common;

use common::{Fixture, REDIRECT, SESSION, launch_query, patient, query_of, request, weight};
use ehr_sim::{DataSource, FhirRelease, LaunchOptions, Options, Tenant};
use fhir_ehr::{AllowAll, Code, Environment, LaunchResult, Project, PullRequest};

const MRN: &str = "M-1";

fn patients() -> DataSource {
    DataSource::Resources(vec![patient("p1", MRN), weight("w1", "p1", "2024-01-05", "52")])
}

/// Two hospitals with one registration. Both have a patient with the same MRN and the same identifier system.
fn two_tenants() -> Fixture {
    let tenant = |id: &str| Tenant { id: id.to_owned(), r4: Some(patients()), dstu2: None };
    let tenants = vec![tenant("north"), tenant("south")];
    Fixture::with(Options { data: patients(), tenants, ..Options::default() }, |_| {}, Box::new(AllowAll))
}

fn query_of_launch(fixture: &Fixture, tenant: &str) -> String {
    let iss = fixture.sim.iss_of(tenant, FhirRelease::R4).expect("the tenant");
    let options = LaunchOptions { patient: "p1".to_owned(), ..LaunchOptions::default() };
    launch_query(&iss, &fixture.sim.launch_at(&iss, &options).expect("a launch"))
}

/// The result of the callback of a launch from a tenant.
fn callback(fixture: &Fixture, tenant: &str) -> LaunchResult {
    let address = fixture.redirect(&query_of_launch(fixture, tenant));
    let callback = fixture.sim.approve(&address).expect("a callback");
    fixture.client.handle_launch(&query_of(&callback), SESSION, REDIRECT).expect("a sign-in")
}

fn sign_in(fixture: &Fixture, tenant: &str) {
    if let LaunchResult::LoginRequired { handover, .. } = callback(fixture, tenant) {
        fixture.client.finish_login(&handover, SESSION, "alice").expect("a login");
    }
}

fn pull_from(fixture: &Fixture, source: &str) -> Result<usize, Code> {
    let request = PullRequest { source: source.to_owned(), ..request("alice", MRN, "29463-7,,weight,,,\n") };
    fixture.client.pull(&request).map(|pulled| pulled.rows.len()).map_err(|error| error.code())
}

#[test]
fn the_launch_url_of_an_organization_refuses_an_iss_of_another_one_before_anything_is_sent() {
    let fixture = two_tenants();
    let client = &fixture.client;
    let (north, connections) = (query_of_launch(&fixture, "north"), fixture.sim.connections());
    for (organization, fits) in [("north", true), ("south", false), ("demo", false), ("", false)] {
        let result = client.handle_organization_launch(organization, &north, SESSION, REDIRECT);
        let code = result.as_ref().err().map(fhir_ehr::Error::code);
        assert_eq!(code, (!fits).then_some(Code::SourceOfOtherOrganization), "{organization}");
    }
    assert_eq!(fixture.sim.connections(), connections);
    // The browser returns to the launch URL of the organization.
    let address = fixture.redirect(&north);
    let callback = query_of(&fixture.sim.approve(&address).expect("a callback"));
    let result = client.handle_organization_launch("north", &callback, SESSION, REDIRECT);
    assert!(matches!(result, Ok(LaunchResult::LoginRequired { .. })), "{result:?}");
}

#[test]
fn no_token_link_or_row_crosses_between_two_tenants() {
    let fixture = two_tenants();
    sign_in(&fixture, "north");
    assert_eq!(pull_from(&fixture, "north-r4"), Ok(1));
    assert_eq!(pull_from(&fixture, "south-r4"), Err(Code::GrantNotFound), "tokens of north");
    assert!(matches!(callback(&fixture, "north"), LaunchResult::SignedIn(_)), "the user is linked at north");
    assert!(matches!(callback(&fixture, "south"), LaunchResult::LoginRequired { .. }), "but not at south");
    sign_in(&fixture, "south");
    // The same MRN in the same identifier system, and another person.
    assert_eq!(pull_from(&fixture, "south-r4"), Err(Code::RecordBound));
    assert_eq!(fixture.client.record_sources("alice", "p1", MRN).expect("sources"), ["north-r4"]);
    assert_eq!(fixture.client.record_sources("alice", "p1", "another").expect("none"), Vec::<String>::new());
}

#[test]
fn a_project_pulls_from_its_own_sources_only() {
    let fixture = two_tenants();
    sign_in(&fixture, "north");
    fixture.sim.reset_requests();
    for (sources, fits) in [
        (None, true),
        (Some(vec!["north-r4"]), true),
        (Some(vec!["south-r4"]), false),
        (Some(Vec::new()), false),
    ] {
        let sources = sources.map(|ids: Vec<&str>| ids.into_iter().map(str::to_owned).collect());
        let project = Project {
            id: "p1".to_owned(),
            environment: Environment::Sandbox,
            sources,
            system_account: false,
        };
        let request = request("alice", MRN, "29463-7,,weight,,,\n");
        let request = PullRequest { source: "north-r4".to_owned(), project, ..request };
        let before = fixture.sim.requests().len();
        let code = fixture.client.pull(&request).err().map(|error| error.code());
        assert_eq!(code, (!fits).then_some(Code::SourceNotOfProject), "{:?}", request.project);
        assert_eq!(fixture.sim.requests().len() > before, fits, "{:?}", request.project);
    }
}

#[test]
fn without_a_redirect_uri_the_library_uses_the_registered_one_of_the_environment() {
    let live = "https://app.example/live";
    let change = |document: &mut serde_json::Value| {
        document["registrations"][0]["redirect_uris"] = serde_json::json!([
            {"uri": live, "environment": "sandbox"}, REDIRECT,
        ]);
    };
    let fixture = Fixture::with(
        Options { redirect_uris: vec![live.to_owned()], ..Options::default() },
        change,
        Box::new(AllowAll),
    );
    let launch = fixture.sim.launch(&LaunchOptions::default());
    let query = launch_query(fixture.sim.iss(), &launch);
    let Ok(LaunchResult::Redirect(address)) = fixture.client.handle_launch(&query, SESSION, None) else {
        panic!("a redirect was expected")
    };
    let used = url::Url::parse(&address).expect("a URL");
    let used =
        used.query_pairs().find(|(name, _)| name == "redirect_uri").expect("a redirect URI").1.into_owned();
    assert_eq!(used, live);
}

#[test]
fn the_system_account_is_refused_unless_the_project_allows_it() {
    let fixture = two_tenants();
    let before = fixture.sim.connections();
    let request = request("alice", MRN, "29463-7,,weight,,,\n");
    let project = |system_account| Project { system_account, ..request.project.clone() };
    let system = PullRequest { system: true, project: project(false), ..request.clone() };
    assert_eq!(
        fixture.client.pull(&system).err().map(|error| error.code()),
        Some(Code::SystemAccountNotEnabled)
    );
    assert_eq!(fixture.sim.connections(), before, "nothing was sent");
    let allowed = PullRequest { project: project(true), ..system };
    let pulled = fixture.client.pull(&allowed).expect("rows");
    assert!(pulled.rows.iter().all(|row| row.pulled_by == "system account"), "each row is marked");
    // A user without a sign-in gets an error, and never the data of the system account.
    let user = PullRequest { system: false, ..allowed };
    assert_eq!(fixture.client.pull(&user).err().map(|error| error.code()), Some(Code::GrantNotFound));
}
