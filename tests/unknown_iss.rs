//! A launch for an `iss` that the configuration does not have, or that belongs to another organization, sends nothing. Connections are
//! counted at the socket that the `iss` names. `crates/capi/tests/abi/launch.rs` also counts sockets and name lookups.

mod common;

use common::{Fixture, REDIRECT, SESSION, launch_query};
use ehr_sim::Options;
use fhir_ehr::{AllowAll, Code, LaunchResult};
use std::net::TcpListener;

/// A listening socket. The kernel completes each connection and keeps it until the test counts it.
struct CountingSocket(TcpListener);

impl CountingSocket {
    /// `None` if the machine has no such address.
    fn listen(address: &str) -> Option<Self> {
        let listener = TcpListener::bind(address).ok()?;
        listener.set_nonblocking(true).expect("a socket that does not wait");
        Some(CountingSocket(listener))
    }

    fn port(&self) -> u16 {
        self.0.local_addr().expect("an address").port()
    }

    /// The connections since the last call.
    fn connections(&self) -> usize {
        std::iter::from_fn(|| self.0.accept().ok()).count()
    }
}

/// A fixture whose source has this base URL and no stored endpoints. It belongs to the organization `north`.
fn fixture_at(iss: &str) -> Fixture {
    let change = |document: &mut serde_json::Value| {
        let source = document["sources"][0].as_object_mut().expect("a source");
        source.insert("iss".to_owned(), iss.into());
        source.insert("organization".to_owned(), "north".into());
        source.remove("authorization_endpoint");
        source.remove("token_endpoint");
        document["limits"] = serde_json::json!({"retries": 0, "discovery_seconds": 1});
    };
    Fixture::with(Options::default(), change, Box::new(AllowAll))
}

fn code(result: fhir_ehr::Result<LaunchResult>) -> Code {
    result.expect_err("a refused launch").code()
}

#[test]
fn no_connection_is_made_for_an_unknown_iss() {
    let known = CountingSocket::listen("127.0.0.1:0").expect("loopback");
    let unknown = CountingSocket::listen("127.0.0.1:0").expect("loopback");
    let unknown_v6 = CountingSocket::listen("[::1]:0");
    let (port, known_port) = (unknown.port(), known.port());
    let fixture = fixture_at(&format!("http://127.0.0.1:{known_port}/fhir"));
    let mut unknown_urls = vec![
        format!("http://127.0.0.1:{port}/fhir"),
        format!("http://localhost:{port}/fhir"),
        format!("http://user:password@127.0.0.1:{port}/fhir"),
        // The name and password of a URL are not the server.
        format!("http://127.0.0.1:{known_port}@127.0.0.1:{port}/fhir"),
        format!("http://127.0.0.1:{port}/fhir#http://127.0.0.1:{known_port}/fhir"),
        format!("http://127.0.0.1:{port}/?x=http://127.0.0.1:{known_port}/fhir"),
        format!("http://2130706433:{port}/fhir"),
        format!("http://[::ffff:127.0.0.1]:{port}/fhir"),
        format!("//127.0.0.1:{port}/fhir"),
        format!("127.0.0.1:{port}"),
        // The known server, but another tenant.
        format!("http://127.0.0.1:{known_port}/fhir/other"),
        format!("http://127.0.0.1:{known_port}/fhir/../other"),
    ];
    unknown_urls.extend(unknown_v6.as_ref().map(|socket| format!("http://[::1]:{}/fhir", socket.port())));
    for url in &unknown_urls {
        let query = launch_query(url, "launch-1");
        assert_eq!(
            code(fixture.client.handle_launch(&query, SESSION, REDIRECT)),
            Code::SourceNotFound,
            "{url}"
        );
        let organization_launch =
            fixture.client.handle_organization_launch("north", &query, SESSION, REDIRECT);
        assert_eq!(code(organization_launch), Code::SourceNotFound, "{url}");
        let opened = [&known, &unknown].map(CountingSocket::connections);
        assert_eq!(opened, [0, 0], "{url}");
        assert_eq!(unknown_v6.as_ref().map_or(0, CountingSocket::connections), 0, "{url}");
    }
    assert_eq!(fixture.sim.connections(), 0);
}

#[test]
fn no_connection_is_made_for_an_iss_of_another_organization() {
    let socket = CountingSocket::listen("127.0.0.1:0").expect("loopback");
    let iss = format!("http://127.0.0.1:{}/fhir", socket.port());
    let fixture = fixture_at(&iss);
    let query = launch_query(&iss, "launch-1");
    for organization in ["south", "", "NORTH"] {
        let launch = fixture.client.handle_organization_launch(organization, &query, SESSION, REDIRECT);
        assert_eq!(code(launch), Code::SourceOfOtherOrganization, "{organization}");
        assert_eq!(socket.connections(), 0, "{organization}");
    }
    // The counter works: the launch of its own organization needs the endpoints, and the socket does not answer.
    let launch = fixture.client.handle_organization_launch("north", &query, SESSION, REDIRECT);
    assert_ne!(code(launch), Code::SourceOfOtherOrganization);
    assert!(socket.connections() > 0);
}
