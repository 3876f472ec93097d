//! Tokens that the EHR refuses or does not renew: which errors end a sign-in, and which keep it.

mod common;
#[path = "common/grant_fixture.rs"]
mod grant_fixture;
#[path = "common/scripted_store.rs"]
mod scripted_store;

use common::{Fixture, patient, request, resources};
use ehr_sim::{FhirRelease, Options};
use fhir_ehr::{Code, PullRequest, RecordKind, RecordQuery, RecordWrite, Result, Retry, Store, StoredRecord};
use grant_fixture::{GrantFixture, LINES, MRN, client, grants};
use scripted_store::Call;
use serde_json::json;
use std::time::Duration;

#[test]
fn a_refused_token_that_cannot_be_refreshed_is_kept_until_it_expires() {
    // For DSTU2, no refresh token is requested.
    let fixture = GrantFixture::new(Options { fhir: FhirRelease::Dstu2, ..Options::default() });
    fixture.ehr.sim.expire_access_tokens();
    for _ in 0..2 {
        assert_eq!(fixture.pull().unwrap_err().code(), Code::FhirUnauthorized);
        assert_eq!(grants(&fixture.ehr).len(), 1, "the grant is kept");
    }
    assert_eq!(fixture.pull_later().unwrap_err().code(), Code::GrantExpired);
    assert_eq!(grants(&fixture.ehr).len(), 0, "it has expired");
}

#[test]
fn a_token_that_cannot_be_refreshed_is_used_until_it_expires() {
    let fixture = Fixture::new(Options { fhir: FhirRelease::Dstu2, ..resources(&[&patient("p1", MRN)]) });
    let signed_in = fixture.launch("p1", "alice");
    let left = signed_in.context.expires_at - fhir_ehr::Clock::now(&fixture.clock);
    fixture.clock.0.advance(left - 1);
    assert!(fixture.client.pull(&request("alice", MRN, LINES)).is_ok());
    fixture.clock.0.advance(1);
    let error = fixture.client.pull(&request("alice", MRN, LINES)).unwrap_err();
    assert_eq!(error.code(), Code::GrantExpired);
}

fn pull_with_answer(fixture: &GrantFixture, answer: &str) -> Result<()> {
    fixture.ehr.sim.set_fault(&format!("token-answer:{answer}")).unwrap();
    fixture.pull_later()
}

#[test]
fn a_refresh_that_is_refused_with_another_error_code_requires_a_sign_in_and_keeps_the_grant() {
    for word in ["invalid_request", "bad_refresh_token"] {
        let fixture = GrantFixture::rotating();
        fixture.ehr.sim.set_fault("token-status:401").unwrap();
        let answer = json!({"error": word, "error_description": "The refresh token is invalid."});
        let error = pull_with_answer(&fixture, &answer.to_string()).unwrap_err();
        assert_eq!((error.code(), error.code().retry()), (Code::GrantRejected, Retry::AfterSignIn), "{word}");
        assert!(error.message().contains("The refresh token is invalid."), "{error}");
        assert!(error.hint_text().unwrap().contains("from the EHR again"));
        assert_eq!(grants(&fixture.ehr).len(), 1, "{word} is not certain, so nothing is deleted");
        fixture.ehr.sim.clear_faults();
        fixture.pull().unwrap();
    }
}

#[test]
fn an_oauth_error_with_status_200_ends_the_sign_in_like_any_other() {
    let fixture = GrantFixture::rotating();
    let error =
        pull_with_answer(&fixture, r#"{"error": "invalid_grant", "error_description": "Token expired"}"#)
            .unwrap_err();
    assert_eq!((error.code(), error.http_status()), (Code::InvalidGrant, Some(200)));
    assert!(error.message().contains("invalid_grant: Token expired"), "{error}");
    fixture.ehr.sim.clear_faults();
    assert_eq!(
        fixture.pull().unwrap_err().code(),
        Code::InvalidGrant,
        "invalid_grant from the server is certain"
    );
    assert_eq!(fixture.token_requests("refresh_token"), 1, "the tokens are erased");
}

#[test]
fn a_registration_error_or_a_temporary_error_keeps_the_sign_in() {
    for (word, code) in [
        ("unauthorized_client", Code::TokenRejected),
        ("invalid_client", Code::InvalidClient),
        ("temporarily_unavailable", Code::TokenUnavailable),
    ] {
        let fixture = GrantFixture::rotating();
        fixture.ehr.sim.set_fault("token-status:400").unwrap();
        let error = pull_with_answer(&fixture, &json!({ "error": word }).to_string()).unwrap_err();
        assert_eq!(error.code(), code, "{word}");
        assert_ne!(error.code().retry(), Retry::AfterSignIn, "{word}");
        assert_eq!(grants(&fixture.ehr).len(), 1, "{word}");
    }
}

#[test]
fn a_403_with_invalid_token_refreshes_the_token_once_like_a_401() {
    for status in [401, 403] {
        let fixture = GrantFixture::rotating();
        fixture.ehr.sim.set_fault(&format!("refused-token-status:{status}")).unwrap();
        fixture.ehr.sim.expire_access_tokens();
        fixture.pull().unwrap();
        assert_eq!(fixture.token_requests("refresh_token"), 1, "{status}");
    }
    let fixture = GrantFixture::rotating();
    fixture.ehr.sim.set_fault("fhir-status:403").unwrap();
    assert_eq!(fixture.pull().unwrap_err().code(), Code::FhirDenied);
    assert_eq!(
        fixture.token_requests("refresh_token"),
        0,
        "a refusal of the data is not a refusal of the token"
    );
}

#[test]
fn the_errors_of_a_system_account_do_not_ask_a_user_to_sign_in() {
    let system = || PullRequest { system: true, ..request("alice", MRN, LINES) };
    for (faults, code) in [
        (vec!["fhir-status:401"], Code::SystemAccountRejected),
        (vec!["token-status:400", r#"token-answer:{"error": "invalid_grant"}"#], Code::TokenRejected),
        (
            vec!["token-status:401", r#"token-answer:{"error": "login_required"}"#],
            Code::SystemAccountRejected,
        ),
    ] {
        let fixture = GrantFixture::new(Options::default());
        for fault in faults {
            fixture.ehr.sim.set_fault(fault).unwrap();
        }
        let error = fixture.client.pull(&system()).map(drop).unwrap_err();
        assert_eq!(error.code(), code);
        assert_ne!(error.code().retry(), Retry::AfterSignIn);
        let text = format!("{} {}", error.message(), error.hint_text().unwrap_or_default());
        assert!(!text.contains("sign in") && !text.contains("launch"), "{text}");
    }
    let fixture = GrantFixture::new(Options::default());
    let mut document = fixture.ehr.document();
    document["sources"][0].as_object_mut().unwrap().remove("system_registration");
    let error = client(&fixture.ehr, &document, fixture.store.clone(), None).pull(&system()).unwrap_err();
    assert_eq!((error.code(), error.code().retry()), (Code::SystemAccountMissing, Retry::Never));
}

#[test]
fn a_system_account_whose_stored_token_was_deleted_gets_a_new_one() {
    let fixture = GrantFixture::new(Options::default());
    let system = PullRequest { system: true, ..request("alice", MRN, LINES) };
    fixture.client.pull(&system).unwrap();
    fixture.ehr.sim.expire_access_tokens();
    // The stored token is deleted between the refusal and the new request.
    fixture.store.set_script(|store, call| {
        if let Call::Acquire(..) = call {
            let query = RecordQuery { organization: "demo".into(), ..RecordQuery::default() };
            for StoredRecord { kind, key, version, .. } in
                store.scan(RecordKind::Grant, &query, None, 10).unwrap()
            {
                store.write(&[RecordWrite::Delete { kind, key, expected: version }]).unwrap();
            }
        }
        None
    });
    fixture.client.pull(&system).unwrap();
    assert_eq!(fixture.token_requests("client_credentials"), 2);
}

#[test]
fn a_retry_after_longer_than_the_time_left_returns_the_servers_error() {
    let limits = json!({"request_seconds": 2, "retries": 1, "retry_wait_seconds": 60});
    let fixture = GrantFixture::with(Options::default(), limits);
    fixture.ehr.sim.set_fault("token-status:503").unwrap();
    fixture.ehr.sim.set_fault("retry-after:30").unwrap();
    let error = fixture.pull_later().unwrap_err();
    assert_eq!(error.code(), Code::TokenUnavailable);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    let sent = fixture.ehr.sim.requests().iter().filter(|one| one.path.ends_with("/token")).count();
    assert_eq!(sent, 1, "it is not retried, and nothing waits for 30 seconds");
}
