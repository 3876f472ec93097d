//! Handoffs: another application gets the context of a launch once, with its secret.

use super::{STUDY_URL, code, fixture, launched, logged_client, with_handoffs};
use crate::common::AllowOnly;
use fhir_ehr::{Action, Client, Code, Config, Hooks, SqliteStore};
use serde_json::json;

/// The handle in a URL of a handoff to `STUDY_URL`.
fn handle(url: &str) -> String {
    let handle = url.strip_prefix(&format!("{STUDY_URL}&handoff=")).expect("the URL of the configuration");
    assert!(handle.len() >= 43, "a handle has at least 256 bits");
    handle.to_owned()
}

#[test]
fn a_handoff_gives_another_application_the_context_once_and_is_remembered() {
    let fixture = fixture();
    let sign_in = launched(&fixture);
    let create = || fixture.client.create_handoff("alice", &sign_in.launch_id, STUDY_URL).unwrap();
    let first = create();
    fixture.clock.0.advance(1);
    assert_ne!(handle(&first), handle(&create()));
    fixture.clock.0.advance(1);
    let redeemed = fixture.client.redeem_handoff(&handle(&first), "secret-of-study").unwrap();
    assert_eq!((redeemed.user.as_str(), redeemed.source.as_str()), ("alice", "sim"));
    assert_eq!(redeemed.context.patient, sign_in.context.patient);
    assert_eq!(redeemed.context.ehr_user, sign_in.context.ehr_user);
    assert!(fixture.client.launch_view("alice", &redeemed.launch_id).unwrap().open);
    let replay = fixture.client.redeem_handoff(&handle(&first), "secret-of-study");
    assert_eq!(code(replay), Some(Code::HandoffUnknown));
    let handoffs = &fixture.client.launches("admin").unwrap()[0].handoffs;
    let seen: Vec<_> = handoffs
        .iter()
        .map(|one| (one.url.as_str(), one.redeemed_at.map(|at| at - one.created_at)))
        .collect();
    assert_eq!(seen, [(STUDY_URL, Some(2)), (STUDY_URL, None)]);
}

#[test]
fn a_handoff_is_refused_when_it_is_late_foreign_or_invented() {
    let fixture = fixture();
    let sign_in = launched(&fixture);
    let (client, log) = logged_client(&fixture);
    let create = || handle(&client.create_handoff("alice", &sign_in.launch_id, STUDY_URL).unwrap());
    let redeem = |handle: &str, secret: &str| code(client.redeem_handoff(handle, secret));
    let first = create();
    for secret in ["secret-of-other", "", "secret"] {
        assert_eq!(redeem(&first, secret), Some(Code::HandoffForeign), "{secret:?}");
    }
    assert_eq!(redeem(&first, "secret-of-study"), None, "a foreign application does not use the handle up");
    let late = create();
    fixture.clock.0.advance(60);
    assert_eq!(redeem(&late, "secret-of-study"), Some(Code::HandoffExpired));
    assert_eq!(redeem(&late, "secret-of-study"), Some(Code::HandoffUnknown));
    for invented in ["", "x", &sign_in.launch_id] {
        assert_eq!(redeem(invented, "secret-of-study"), Some(Code::HandoffUnknown), "{invented}");
    }
    // A handle opens nothing after the user has left the view.
    let left = create();
    client.end_launch_view("alice", &sign_in.launch_id).unwrap();
    assert_eq!(redeem(&left, "secret-of-study"), Some(Code::ViewEnded));
    let events = log.0.lock().unwrap().join("\n");
    assert!(events.contains(r#"Warning handoff_refused [("error", "handoff_foreign")]"#), "{events}");
    assert!(events.contains("Info handoff_created") && events.contains("Info handoff_redeemed"), "{events}");
    for secret in [&first, &late, "secret-of-study", "secret-of-other"] {
        assert!(!events.contains(secret), "{events}");
    }
}

#[test]
fn a_handoff_goes_to_a_url_of_the_configuration_and_from_an_open_view_only() {
    let fixture = fixture();
    let sign_in = launched(&fixture);
    let create = |user: &str, id: &str, url: &str| code(fixture.client.create_handoff(user, id, url));
    for url in [
        "https://evil.example/",
        "https://study.example/start.php",
        "https://study.example/start.php?from=ehr&next=https://evil.example/",
        "https://study.example.evil.example/start.php?from=ehr",
        "HTTPS://study.example/start.php?from=ehr",
        "//study.example/start.php?from=ehr",
        "",
    ] {
        assert_eq!(create("alice", &sign_in.launch_id, url), Some(Code::HandoffUrlNotAllowed), "{url}");
    }
    assert_eq!(create("bob", &sign_in.launch_id, STUDY_URL), Some(Code::ViewEnded), "another user");
    assert_eq!(create("alice", "invented", STUDY_URL), Some(Code::ViewEnded));
    fixture.clock.0.advance(3600);
    assert_eq!(create("alice", &sign_in.launch_id, STUDY_URL), Some(Code::ViewEnded));
}

#[test]
fn a_handoff_url_must_be_safe_and_have_a_secret() {
    let fixture = fixture();
    for (urls, expected) in [
        (json!([{"url": "http://study.example/", "secret": "s"}]), Code::UrlNotAllowed),
        (json!([{"url": "javascript:alert(1)", "secret": "s"}]), Code::UrlNotAllowed),
        (json!([{"url": STUDY_URL, "secret": " "}]), Code::ConfigInvalid),
        (json!([{"url": STUDY_URL, "secret": "s"}, {"url": STUDY_URL, "secret": "t"}]), Code::ConfigInvalid),
        (json!([{"url": STUDY_URL}]), Code::ConfigInvalid),
    ] {
        let mut document = fixture.document();
        document["handoff_urls"] = urls.clone();
        let core = Config::from_json(&document.to_string()).and_then(fhir_ehr::Core::new);
        assert_eq!(code(core), Some(expected), "{urls}");
    }
}

#[test]
fn an_access_hook_that_refuses_keeps_a_handle_unredeemed() {
    let fixture = fixture();
    let sign_in = launched(&fixture);
    let handle = handle(&fixture.client.create_handoff("alice", &sign_in.launch_id, STUDY_URL).unwrap());
    let mut document = fixture.document();
    with_handoffs(&mut document);
    let store = SqliteStore::new(fixture.folder.path().join("store"));
    let hooks = Hooks {
        clock: Box::new(fixture.clock.clone()),
        ..Hooks::new(Box::new(store), Box::new(AllowOnly(vec![Action::Configure])))
    };
    let refusing = Client::new(Config::from_json(&document.to_string()).unwrap(), hooks).unwrap();
    assert_eq!(code(refusing.redeem_handoff(&handle, "secret-of-study")), Some(Code::AccessRefused));
    assert_eq!(code(fixture.client.redeem_handoff(&handle, "secret-of-study")), None);
}
