//! The pages for browsers (launch, sign-in, consent), and the control API.

use ehr_sim::{Login, Options, Personality, Simulator};
use serde_json::json;

use crate::support::{REDIRECT, authorize_url, exchange, options, parameter, query, send, start};

fn post(sim: &Simulator, form: &[(&str, &str)]) -> crate::support::Answer {
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    send(sim, "POST", "/auth/authorize", &headers, &query(form))
}

/// The text between two other texts.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before)
        .and_then(|(_, rest)| rest.split_once(after))
        .map(|(found, _)| found)
        .expect("both texts are there")
}

#[test]
fn a_sign_in_has_four_steps() {
    let login = Login { user: "nurse".to_owned(), password: Some("pw".to_owned()) };
    let sim =
        Simulator::start(Options { logins: vec![login], ..options(Personality::Oracle) }).expect("it starts");
    let url = authorize_url(&sim, &[("scope", "launch/patient patient/Patient.read")]);
    let page = send(&sim, "GET", &url, &[], "");
    assert_eq!((page.status, page.header("set-cookie")), (200, None));
    let session = between(&page.body, "name=\"session\" value=\"", "\"").to_owned();
    let step = |pairs: &[(&str, &str)]| post(&sim, &[&[("session", session.as_str())], pairs].concat());
    assert!(step(&[("username", "nurse"), ("password", "wrong")]).body.contains("role=\"alert\""));
    let page = step(&[("username", "nurse"), ("password", "pw")]);
    let factor = between(&page.body, "<code id=\"second-factor\">", "</code>").to_owned();
    assert!(step(&[("code", "x")]).body.contains("role=\"alert\""));
    let page = step(&[("code", &factor)]);
    assert!(page.body.contains("&lt;Brown&gt;") && !page.body.contains("<Brown>"), "names are escaped");
    let page = step(&[("patient", "b")]);
    assert!(page.body.contains("patient/Patient.read") && page.body.contains("Approve"));
    let done = step(&[("decision", "approve")]);
    assert_eq!(done.status, 303);
    let callback = done.header("location").expect("a callback");
    let code = parameter(callback, "code").expect("a code");
    let answer = exchange(&sim, &code).json();
    assert_eq!((&answer["username"], &answer["patient"]), (&"nurse".into(), &"b".into()));
    assert_eq!(step(&[("decision", "approve")]).status, 400, "a sign-in ends once");
}

#[test]
fn a_denied_sign_in_returns_to_the_application() {
    let sim = start(Personality::Oracle);
    let page = send(&sim, "GET", &authorize_url(&sim, &[("scope", "user/Patient.read")]), &[], "");
    let session = between(&page.body, "name=\"session\" value=\"", "\"").to_owned();
    let answer = post(&sim, &[("session", &session), ("decision", "deny")]);
    let callback = answer.header("location").expect("a callback");
    assert!(callback.starts_with(REDIRECT) && callback.contains("access_denied"));
}

#[test]
fn the_launch_page_opens_the_application() {
    let sim = Simulator::start(Options {
        app_launch_urls: vec!["https://app.example/launch?x=1".to_owned()],
        auto_approve: true,
        ..options(Personality::Oracle)
    })
    .expect("it starts");
    let page = send(&sim, "GET", "/", &[], "");
    assert!(page.body.contains("0001") && page.body.contains("&lt;Brown&gt;"));
    assert!(page.body.contains("Open in chart<span class=\"vh\"> Application 1 for Ada Ängström</span>"));
    let answer = send(&sim, "GET", "/launch?patient=a&app=0&user=X&banner=1&encounter=e1", &[], "");
    let target = answer.header("location").expect("a redirect");
    assert!(target.starts_with("https://app.example/launch?x=1&iss="));
    assert_eq!(parameter(target, "iss"), Some(sim.iss()));
    let launch = parameter(target, "launch").expect("a launch token");
    let url = authorize_url(&sim, &[("scope", "launch"), ("launch", &launch)]);
    let back = send(&sim, "GET", &url, &[], "");
    let code = parameter(back.header("location").expect("a callback"), "code").expect("a code");
    let answer = exchange(&sim, &code).json();
    assert_eq!((&answer["username"], &answer["need_patient_banner"]), (&"X".into(), &true.into()));
    let frame = send(&sim, "GET", "/launch?patient=a&app=0&frame=1", &[], "");
    assert!(frame.body.contains("<iframe") && frame.body.contains("&amp;iss="));
    assert_eq!(send(&sim, "GET", "/launch?patient=none", &[], "").status, 404);
    assert_eq!(send(&sim, "GET", "/launch?patient=a&app=7", &[], "").status, 404);
}

/// Two users and two applications, one of them named.
fn clinic() -> Simulator {
    let login = |user: &str| Login { user: user.to_owned(), password: None };
    Simulator::start(Options {
        app_launch_urls: vec!["https://one.example/".to_owned(), "https://two.example/".to_owned()],
        app_names: vec!["Pull & <save>".to_owned()],
        logins: vec![login("first"), login("second")],
        ..options(Personality::Smart)
    })
    .expect("it starts")
}

#[test]
fn the_options_above_the_list_apply_to_each_launch() {
    let sim = clinic();
    let hidden = |page: &str, pair: &str| page.matches(pair).count();
    let banner = "<input type=\"hidden\" name=\"banner\" value=\"1\"><input";
    let second = "name=\"user\" value=\"second\">";
    let list = |query: &str| send(&sim, "GET", &format!("/{query}"), &[], "").body;
    // A launch has neither option until the user sets it.
    for (query, checked) in [("", true), ("?banner=1&banner=0&user=unknown", true), ("?banner=1", false)] {
        let page = list(query);
        assert_eq!(page.contains("value=\"0\" checked"), checked, "{query}");
        assert_eq!(hidden(&page, "name=\"user\" value="), 0, "{query}");
        assert!(page.contains("Signed in as <strong>first</strong>"));
    }
    let page = list("?banner=1&user=second");
    assert!(page.contains("<option value=\"second\" selected>"));
    assert_eq!((hidden(&page, banner), hidden(&page, second)), (4, 4), "two patients, two applications");
    assert!(page.contains("Open in a window<span class=\"vh\"> Application 2 for Ben &lt;Brown&gt;</span>"));
    assert!(page.contains("<th scope=\"col\">Pull &amp; &lt;save&gt;</th>"));
    // Only the button has the field `frame`, so a form that is sent without a button opens in the whole window.
    assert_eq!(hidden(&page, "name=\"frame\""), hidden(&page, "<button class=\"primary\" name=\"frame\""));
}

#[test]
fn the_chart_shows_the_patient_only_if_the_application_need_not() {
    let sim = clinic();
    let chart = send(&sim, "GET", "/launch?patient=a&app=0&frame=1&user=second", &[], "").body;
    assert!(chart.contains("<h1>Ada Ängström</h1>") && chart.contains("<dd>0001</dd>"));
    assert!(chart.contains("<iframe title=\"Pull &amp; &lt;save&gt;\" src=\"https://one.example/?iss="));
    assert!(chart.contains("href=\"/?user=second\""));
    let anonymous = send(&sim, "GET", "/launch?patient=a&app=0&frame=1&banner=1", &[], "").body;
    assert!(!anonymous.contains("Ada") && !anonymous.contains("0001") && !anonymous.contains("1970"));
    assert!(
        anonymous.contains("<h1>Pull &amp; &lt;save&gt;</h1>") && anonymous.contains("href=\"/?banner=1\"")
    );
}

#[test]
fn every_page_has_one_heading_and_its_landmarks() {
    let sim = clinic();
    let sign_in = authorize_url(&sim, &[("scope", "user/Patient.read")]);
    let targets = ["/", "/launch?patient=a&frame=1", "/launch?patient=none", "/auth/authorize?x=1", &sign_in];
    for target in targets {
        let page = send(&sim, "GET", target, &[], "");
        assert!(page.body.contains("<html lang=\"en\">"), "{target}");
        for element in ["<title>", "<h1>", "<header", "<main>"] {
            assert_eq!(page.body.matches(element).count(), 1, "{element} of {target}");
        }
        assert!(!page.body.contains("<script") && page.body.contains("(simulated)</title>"), "{target}");
    }
}

#[test]
fn more_names_than_applications_cause_a_warning() {
    let sim = Simulator::start(Options { app_names: vec!["x".to_owned()], ..options(Personality::Smart) })
        .expect("it starts");
    assert!(sim.warnings().iter().any(|warning| warning.contains("application names")));
}

#[test]
fn the_control_api_inspects_and_changes_the_simulator() {
    let sim = start(Personality::Smart);
    let patients = send(&sim, "GET", "/_sim/patients", &[], "").json();
    assert_eq!(
        patients[0],
        json!({"id": "a", "name": "Ada Ängström", "birth_date": "1970-12-24", "mrn": "0001"})
    );
    let launch = send(&sim, "POST", "/_sim/launch", &[], r#"{"patient":"a","user":"U"}"#).json();
    let url =
        authorize_url(&sim, &[("scope", "launch"), ("launch", launch["launch"].as_str().expect("a token"))]);
    assert!(sim.approve(&url).is_ok_and(|callback| callback.contains("code=")));
    assert_eq!(send(&sim, "POST", "/_sim/launch", &[], r#"{"patient":"none"}"#).status, 400);
    assert_eq!(send(&sim, "POST", "/_sim/faults", &[], r#"{"set":["nonsense"]}"#).status, 400);
    assert_eq!(send(&sim, "POST", "/_sim/faults", &[], r#"{"set":["html-error:1"]}"#).status, 200);
    assert_eq!(send(&sim, "GET", "/fhir/Patient/a", &[], "").status, 500);
    let log = send(&sim, "GET", "/_sim/requests", &[], "").json();
    assert_eq!((&log[0]["path"], &log[0]["status"]), (&"/fhir/Patient/a".into(), &500.into()));
    assert_eq!(log[0]["has_authorization"], false);
    send(&sim, "POST", "/_sim/reset-requests", &[], "");
    assert!(sim.requests().is_empty());
    let connections = send(&sim, "GET", "/_sim/connections", &[], "").json();
    assert_eq!(connections["connections"], sim.connections());
    assert!(send(&sim, "GET", "/_sim/config", &[], "").json()["vault"]["index_key"].is_string());
}
