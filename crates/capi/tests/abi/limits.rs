//! Every call ends within its limits, whatever a server does, and freeing a handle does not wait (pitfall 20).

use crate::support::{Program, config, patient, simulator};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Duration,
};

/// A server on the loopback interface that handles each connection with `treat`.
fn server(treat: fn(TcpStream)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || treat(stream));
        }
    });
    address
}

fn read_request(stream: &mut TcpStream) {
    let mut bytes = [0; 4096];
    let _ = stream.read(&mut bytes);
}

fn never_answers(mut stream: TcpStream) {
    read_request(&mut stream);
    thread::sleep(Duration::from_secs(60));
}

fn drips(mut stream: TcpStream) {
    read_request(&mut stream);
    let _ = stream.write_all(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: 99999\r\n\r\n",
    );
    while stream.write_all(b" ").is_ok() {
        thread::sleep(Duration::from_millis(50));
    }
}

fn never_ends(mut stream: TcpStream) {
    read_request(&mut stream);
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\n\r\n");
    while stream.write_all(&[b' '; 65536]).is_ok() {}
}

#[test]
fn a_call_returns_within_its_limits_and_freeing_waits_for_nothing() {
    let sim = simulator(vec![patient("p1", "M-1")]);
    let program = Program::compile("limits");
    let runs: Vec<_> = [
        ("never answers", never_answers as fn(TcpStream), ["network_timeout", "network_timeout"]),
        ("drips", drips, ["network_timeout", "network_timeout"]),
        // A fast machine reaches the size limit, a slow one the time limit.
        ("never ends", never_ends, ["response_too_large", "network_timeout"]),
    ]
    .into_iter()
    .flat_map(|(name, treat, errors)| {
        let bad = server(treat);
        [("FHIR", false), ("token", true)].map(|(which, token)| {
            let document = config(&sim, |document| {
                let source = &mut document["sources"][0];
                if token {
                    source["token_endpoint"] = format!("{bad}/token").into();
                } else {
                    source["iss"] = format!("{bad}/fhir").into();
                }
                document["limits"] = serde_json::json!({
                    "connect_seconds": 1, "request_seconds": 1, "pull_seconds": 2, "retries": 0,
                    "response_bytes": 50_000_000,
                });
            });
            let file = program.write(&format!("{}-{which}.json", name.replace(' ', "-")), &document);
            // The limits are 1 s for a request and 2 s for a pull. The rest allows for a busy machine.
            let mut command = program.command();
            command.arg(file).args(["6000", "1000"]);
            let run = thread::spawn(move || command.output().unwrap());
            (format!("{name}, {which}"), token, errors, run)
        })
    })
    .collect();
    for (name, token, errors, run) in runs {
        let printed = crate::support::stdout_of(&run.join().unwrap(), &name);
        println!("{name}: {}", printed.trim());
        let expected = errors.iter().any(|error| printed.starts_with(error));
        assert!(expected || (token && printed.starts_with("token_unavailable")), "{name}: {printed}");
    }
}
