//! The proxy of requests: the configured one, the one of the environment, or none. Loopback addresses never use one.

mod common;

use common::{Fixture, fixture};
use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::Command,
    thread::{self, JoinHandle},
};

/// A proxy that records the first line of one connection and closes it.
struct ProxyServer {
    address: String,
    first_line: JoinHandle<String>,
}

fn proxy() -> ProxyServer {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let first_line = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    });
    ProxyServer { address, first_line }
}

/// A proxy address where nothing listens, so a request through it fails.
const NOWHERE: &str = "http://127.0.0.1:9";

/// Writes the fixture's configuration with a proxy, and with its source at another base URL.
fn configure(fixture: &Fixture, proxy: Option<&str>, iss: Option<&str>) {
    let mut document: serde_json::Value = serde_json::from_str(&fixture.sim.config_json()).unwrap();
    if let Some(proxy) = proxy {
        document["proxy"] = proxy.into();
    }
    if let Some(iss) = iss {
        let source = &mut document["sources"][0];
        source["iss"] = iss.into();
        source["token_endpoint"] = format!("{iss}/token").into();
    }
    document["limits"] = serde_json::json!({"retries": 0});
    fixture.write("config.json", &document.to_string());
}

fn pull(fixture: &Fixture, environment: &[(&str, &str)]) -> common::Run {
    let mapping = fixture.mapping("name-family,,last_name,,,\n");
    let fixed = ["--source", "sim", "--mrn", common::SCRIPT_MRN, "--mapping", &mapping, "--system"];
    let mut command: Command = fixture.command("pull", &fixed);
    for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"]
    {
        command.env_remove(name);
    }
    command.envs(environment.iter().copied());
    common::run(command)
}

const FAR: &str = "https://ehr.example.org/fhir";

#[test]
fn loopback_is_never_reached_through_a_proxy() {
    let fixture = fixture();
    configure(&fixture, None, None);
    let names = ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    pull(&fixture, &names.map(|name| (name, NOWHERE))).good();
    configure(&fixture, Some(NOWHERE), None);
    pull(&fixture, &[]).good();
}

#[test]
fn the_configured_proxy_and_the_one_of_the_environment_are_used() {
    let fixture = fixture();
    let server = proxy();
    configure(&fixture, Some(&server.address), Some(FAR));
    pull(&fixture, &[]).failed("network_unreachable");
    assert_eq!(server.first_line.join().unwrap(), "CONNECT ehr.example.org:443 HTTP/1.1");

    for name in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        let server = proxy();
        configure(&fixture, None, Some(FAR));
        pull(&fixture, &[(name, &server.address)]).failed("network_unreachable");
        assert_eq!(server.first_line.join().unwrap(), "CONNECT ehr.example.org:443 HTTP/1.1", "{name}");
    }
    // The configured proxy overrides the one of the environment.
    let server = proxy();
    configure(&fixture, Some(&server.address), Some(FAR));
    pull(&fixture, &[("https_proxy", NOWHERE)]).failed("network_unreachable");
    assert_eq!(server.first_line.join().unwrap(), "CONNECT ehr.example.org:443 HTTP/1.1");
}

#[test]
fn a_proxy_with_a_password_is_refused_and_the_password_is_not_printed() {
    let fixture = fixture();
    configure(&fixture, Some("http://user:geheim@proxy.example:3128"), None);
    let run = pull(&fixture, &[]);
    run.failed("config_invalid");
    assert!(run.stderr.contains("proxy") && !run.stderr.contains("geheim"), "{run:?}");
}
