//! Addresses that a server sends: next links and redirects that lead in circles, to other servers, or carry credentials.

mod common;

use common::{
    patient, request,
    stub::{Asked, Reply, Stub, searchset, token_answer},
};
use fhir_ehr::{Code, Owner, PullResult, ResourceStatus};

/// A page with one weight and a link to the next page.
fn page(next: &str) -> Reply {
    let set = searchset(&[&common::weight("w1", "p1", "2020-01-01", "50")]);
    Reply::json(set.replacen('{', &format!(r#"{{"link": [{{"relation": "next", "url": "{next}"}}], "#), 1))
}

fn redirect(status: u16, to: &str) -> Reply {
    Reply::json("").with_status(status).with_header(format!("Location: {to}"))
}

/// A pull from a server that answers so where it is not asked for a token or for the patient.
fn pull(
    answer: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static,
) -> (fhir_ehr::Result<PullResult>, Stub) {
    let stub = Stub::start(move |asked| {
        answer(asked).unwrap_or_else(|| match asked.path.split('?').next().unwrap_or_default() {
            "/token" => token_answer(),
            "/fhir/Patient" => Reply::json(searchset(&[&patient("p1", "M-1")])),
            _ => Reply::json(searchset(&[])),
        })
    });
    let folder = tempfile::tempdir().unwrap();
    let client =
        stub.client_with(folder.path(), |document| document["limits"] = serde_json::json!({"pages": 5}));
    let mut request = request("", "M-1", "29463-7,,weight,,,\n");
    request.system = true;
    (client.pull(&request), stub)
}

#[test]
fn each_address_that_is_not_used_has_its_own_error() {
    type Answer = fn(&str) -> Reply;
    let cases: [(&str, Answer, &str, &str); 9] = [
        ("user", |_| page("http://u@HOST/fhir/Observation?p=2"), "next_link_credentials", "ehr_team"),
        ("password", |_| page("//:pw@HOST/fhir/Observation?p=2"), "next_link_credentials", "ehr_team"),
        (
            "other server",
            |_| page("http://localhost:1/fhir/Observation?p=2"),
            "next_link_refused",
            "ehr_team",
        ),
        ("same page", |_| page("?"), "next_link_loop", "ehr_team"),
        (
            "two pages in a circle",
            |path| page(if path.contains("page=b") { "?page=a" } else { "?page=b" }),
            "next_link_loop",
            "ehr_team",
        ),
        ("no end", |path| page(&format!("{path}x")), "page_limit_reached", "you"),
        ("redirect to itself", |_| redirect(302, "?"), "redirect_loop", "ehr_team"),
        ("redirect elsewhere", |_| redirect(307, "http://localhost:1/x"), "redirect_refused", "ehr_team"),
        ("redirect with a user", |_| redirect(308, "http://u:p@HOST/fhir/x"), "redirect_refused", "ehr_team"),
    ];
    for (name, answer, code, owner) in cases {
        let (pulled, stub) = pull(move |asked| {
            let host = asked.host.clone();
            let reply = asked.path.starts_with("/fhir/Observation").then(|| answer(&asked.path))?;
            Some(reply.replace("HOST", &host))
        });
        let report = pulled.unwrap().report;
        let entry = &report.resources["Observation"];
        let error = entry.error.as_ref().unwrap();
        assert_eq!(error["name"], code, "{name}: {error}");
        assert_eq!(error["owner"], owner, "{name}");
        assert_ne!(entry.status, ResourceStatus::Complete, "{name}");
        assert!(stub.requests().len() < 20, "{name}");
    }
}

#[test]
fn a_redirect_of_the_token_endpoint_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let (pulled, stub) = pull(move |asked| (asked.path == "/token").then(|| redirect(status, "/token2")));
        let error = pulled.unwrap_err();
        assert_eq!(error.code(), Code::TokenEndpointRedirects, "{status}");
        assert_eq!(error.code().owner(), Owner::You);
        assert!(stub.requests().iter().all(|asked| asked.path != "/token2"), "{status}");
    }
}
