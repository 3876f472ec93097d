//! Refreshes of a sign-in: the in-flight mark, lost answers, suspended and revoked tokens, and the spacing of refreshes.

mod common;
#[path = "common/grant_fixture.rs"]
mod grant_fixture;
#[path = "common/scripted_store.rs"]
mod scripted_store;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use common::{Fixture, patient, request, resources};
use ehr_sim::{Options, Personality};
use fhir_ehr::{AllowAll, Code, RecordKind, RecordQuery, Retry, Store};
use grant_fixture::{GrantFixture, LINES, MRN, client, grants};
use scripted_store::{Call, Reply, ScriptedStore, puts_grant};
use serde_json::json;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

fn oracle() -> GrantFixture {
    GrantFixture::new(Options { personality: Personality::Oracle, ..Options::default() })
}

/// #105, #106, #117: the server refuses every refresh token but the last one.
#[test]
fn each_refresh_sends_the_refresh_token_of_the_last_answer() {
    let fixture = GrantFixture::rotating();
    for refreshes in 1..=3 {
        fixture.pull_later().unwrap();
        assert_eq!(fixture.token_requests("refresh_token"), refreshes);
    }
}

/// #263
#[test]
fn a_system_account_requests_a_new_token_whenever_the_last_one_has_expired() {
    let fixture = oracle();
    let system = fhir_ehr::PullRequest { system: true, ..request("alice", MRN, LINES) };
    for requests in 1..=3 {
        for _ in 0..2 {
            fixture.client.pull(&system).unwrap();
        }
        assert_eq!(fixture.token_requests("client_credentials"), requests);
        fixture.ehr.clock.0.advance(600);
    }
}

/// Row 78, E7: the answer is lost after the server has rotated the refresh token.
#[test]
fn a_rotated_refresh_token_whose_answer_was_lost_is_not_sent_again() {
    for fault in ["close-early@token", "missing-access-token", "token-status:502", "token-status:504"] {
        let fixture = GrantFixture::rotating();
        fixture.ehr.sim.set_fault(fault).unwrap();
        let error = fixture.pull_later().unwrap_err();
        let lost = [Code::NetworkInterrupted, Code::TokenResponseInvalid, Code::TokenUnavailable];
        assert!(lost.contains(&error.code()), "{fault}: {error:?}");
        fixture.ehr.sim.clear_faults();
        for _ in 0..2 {
            let error = fixture.pull().unwrap_err();
            assert_eq!(error.code(), Code::GrantSuspect, "{fault}");
            assert_eq!(error.code().retry(), Retry::AfterSignIn);
            assert!(error.message().contains("must sign in again"), "{error}");
        }
        assert_eq!(fixture.token_requests("refresh_token"), 1, "{fault}");
        fixture.ehr.launch("p1", "alice");
        fixture.pull().unwrap();
        fixture.pull_later().unwrap();
    }
}

#[test]
fn an_access_token_that_still_works_is_used_after_the_answer_to_its_refresh_was_lost() {
    let fixture = GrantFixture::rotating();
    fixture.ehr.sim.set_fault("close-early@token").unwrap();
    // Fifty seconds before it expires.
    fixture.ehr.clock.0.advance(3550);
    for _ in 0..3 {
        fixture.pull().unwrap();
    }
    assert_eq!(fixture.token_requests("refresh_token"), 1, "the refresh token is sent once");
    fixture.ehr.clock.0.advance(60);
    assert_eq!(fixture.pull().unwrap_err().code(), Code::GrantSuspect);
    assert_eq!(fixture.token_requests("refresh_token"), 1);
}

/// O3: a server that answers without a new refresh token accepts the old one again.
#[test]
fn a_refresh_token_that_is_not_rotated_is_sent_again_after_a_lost_answer() {
    let known_by_policy = oracle();
    let known_by_an_answer =
        GrantFixture::new(Options { personality: Personality::Epic, ..Options::default() });
    known_by_an_answer.pull_later().unwrap();
    for (fixture, refreshes) in [(known_by_policy, 2), (known_by_an_answer, 3)] {
        fixture.ehr.sim.set_fault("close-early@token").unwrap();
        assert_eq!(fixture.pull_later().unwrap_err().code(), Code::NetworkInterrupted);
        fixture.ehr.sim.clear_faults();
        fixture.pull().unwrap();
        assert_eq!(fixture.token_requests("refresh_token"), refreshes);
    }
}

/// Some servers repeat the refresh token, and rotate it only near the end of its lifetime (node oidc-provider).
#[test]
fn a_refresh_token_that_was_repeated_once_is_not_sent_again_after_a_lost_answer() {
    let fixture = GrantFixture::new(Options { personality: Personality::Smart, ..Options::default() });
    fixture.pull_later().unwrap();
    fixture.ehr.sim.set_fault("close-early@token").unwrap();
    assert_eq!(fixture.pull_later().unwrap_err().code(), Code::NetworkInterrupted);
    fixture.ehr.sim.clear_faults();
    assert_eq!(fixture.pull().unwrap_err().code(), Code::GrantSuspect);
    assert_eq!(fixture.token_requests("refresh_token"), 2);
}

/// The lease ends after the mark was stored and before the request.
#[test]
fn a_mark_is_removed_when_the_lease_ended_before_the_request() {
    let fixture = GrantFixture::rotating();
    let (mut name, mut is_marked) = (String::new(), false);
    let other_lease = Arc::new(Mutex::new(None));
    let taken = other_lease.clone();
    fixture.store.set_script(move |inner, call| {
        match call {
            Call::Acquire(lease, ..) => lease.clone_into(&mut name),
            Call::Write(batch) => is_marked |= puts_grant(batch),
            Call::Get(RecordKind::SourceEndpoints, _) if is_marked => {
                let mut taken = taken.lock().unwrap();
                while taken.is_none() {
                    *taken = Store::acquire_lease(inner, &name, "another process", 60).unwrap();
                }
            }
            _ => {}
        }
        None
    });
    assert_eq!(fixture.pull_later().unwrap_err().code(), Code::RefreshBusy);
    assert_eq!(fixture.token_requests("refresh_token"), 0);
    fixture.store.clear_script();
    fixture.store.release_lease(other_lease.lock().unwrap().as_ref().unwrap()).unwrap();
    fixture.pull().unwrap();
    assert_eq!(fixture.token_requests("refresh_token"), 1);
}

/// Row 82: these answers prove that the refresh token was not used up.
#[test]
fn a_failure_that_did_not_use_the_refresh_token_keeps_a_rotating_sign_in() {
    for fault in ["token-status:429", "token-status:503", "token-status:500", "token-status:400"] {
        let fixture = GrantFixture::rotating();
        fixture.ehr.sim.set_fault(fault).unwrap();
        fixture.pull_later().unwrap_err();
        fixture.ehr.sim.clear_faults();
        fixture.pull().unwrap_or_else(|error| panic!("{fault}: {error:?}"));
    }
}

#[test]
fn no_refresh_token_is_sent_before_the_mark_is_stored() {
    let fixture = GrantFixture::rotating();
    fixture.store.set_script(|_, call| match call {
        Call::Write(batch) if puts_grant(batch) => Some(Reply::Fails),
        _ => None,
    });
    assert_eq!(fixture.pull_later().unwrap_err().code(), Code::StoreUnavailable);
    assert_eq!(fixture.token_requests("refresh_token"), 0);
    fixture.store.clear_script();
    fixture.pull().unwrap();
}

/// A store that reports success although it rolled the write back, as a node of a cluster may do.
#[test]
fn no_refresh_token_is_sent_after_a_mark_that_the_store_lost() {
    let fixture = GrantFixture::rotating();
    fixture.store.set_script(|_, call| match call {
        Call::Write(batch) if puts_grant(batch) => Some(Reply::Written(fhir_ehr::WriteOutcome::Done)),
        _ => None,
    });
    assert_eq!(fixture.pull_later().unwrap_err().code(), Code::StoreInconsistent);
    assert_eq!(fixture.token_requests("refresh_token"), 0);
    fixture.store.clear_script();
    fixture.pull().unwrap();
}

/// The store has written the mark, but reports an error.
#[test]
fn a_mark_without_a_request_is_removed() {
    let fixture = GrantFixture::rotating();
    let mut is_first = true;
    fixture.store.set_script(move |inner, call| match call {
        Call::Write(batch) if puts_grant(batch) && is_first => {
            is_first = false;
            fhir_ehr::Store::write(inner, batch).unwrap();
            Some(Reply::Fails)
        }
        _ => None,
    });
    assert_eq!(fixture.pull_later().unwrap_err().code(), Code::StoreUnavailable);
    assert_eq!(fixture.token_requests("refresh_token"), 0);
    fixture.pull().unwrap();
    assert_eq!(fixture.token_requests("refresh_token"), 1);
}

/// O1: at most one refresh in a minute.
#[test]
fn a_token_that_is_refused_right_after_its_refresh_is_not_refreshed_again_within_a_minute() {
    let fixture = oracle();
    fixture.ehr.sim.expire_access_tokens();
    fixture.pull().unwrap();
    for (advance, refreshes, wait) in [(0, 1, Some(60)), (59, 1, Some(1)), (1, 2, None)] {
        fixture.ehr.clock.0.advance(advance);
        fixture.ehr.sim.expire_access_tokens();
        let error = fixture.pull().err();
        assert_eq!(error.as_ref().map(|error| error.code()), wait.map(|_| Code::FhirUnauthorized));
        let asked = error.as_ref().and_then(|error| error.retry_after());
        assert_eq!(asked, wait.map(Duration::from_secs));
        assert_eq!(fixture.token_requests("refresh_token"), refreshes);
    }
}

#[test]
fn a_refresh_that_fails_before_the_token_expires_is_not_repeated_within_a_minute() {
    let fixture = oracle();
    fixture.ehr.sim.set_fault("token-status:503").unwrap();
    // Oracle's tokens last 570 seconds, and are refreshed 57 seconds before they expire.
    fixture.ehr.clock.0.advance(520);
    for _ in 0..3 {
        fixture.pull().unwrap();
    }
    assert_eq!(fixture.token_requests("refresh_token"), 1, "the token still works");
    fixture.ehr.clock.0.advance(50);
    assert_eq!(fixture.pull().unwrap_err().code(), Code::TokenUnavailable);
    assert_eq!(fixture.token_requests("refresh_token"), 2);
}

/// O4: the same answer as for a revoked token.
#[test]
fn a_suspended_sign_in_is_kept_until_the_ehr_team_has_approved_the_application_again() {
    let fixture = oracle();
    fixture.ehr.sim.set_fault("suspended-refresh-token").unwrap();
    let error = fixture.pull_later().unwrap_err();
    assert_eq!(error.code(), Code::GrantSuspended);
    assert!(error.hint_text().unwrap().contains("approve the application again"), "{error:?}");
    let page = error.vendor_error().link.clone().expect("the link to the EHR's error page");
    assert!(page.contains("refresh-token"), "{page}");
    assert_eq!(grants(&fixture.ehr).len(), 1);
    // The refresh token is not sent in a tight loop.
    let error = fixture.pull().unwrap_err();
    assert_eq!((error.code(), error.retry_after()), (Code::GrantSuspended, Some(Duration::from_secs(60))));
    assert_eq!(error.vendor_error().link.as_ref(), Some(&page));
    assert_eq!(fixture.token_requests("refresh_token"), 1);
    fixture.ehr.sim.clear_faults();
    fixture.ehr.clock.0.advance(60);
    fixture.pull().unwrap();
}

/// Oracle ends `online_access` with the user's session. That is not a suspension.
#[test]
fn a_sign_in_whose_session_ended_at_oracle_is_revoked() {
    let fixture = oracle();
    fixture.ehr.sim.set_fault("ended-user-session").unwrap();
    for _ in 0..2 {
        assert_eq!(fixture.pull_later().unwrap_err().code(), Code::InvalidGrant);
    }
    assert_eq!(fixture.token_requests("refresh_token"), 1);
    fixture.ehr.launch("p1", "alice");
    fixture.pull().unwrap();
}

/// The user signs out, which deletes the grant, while the answer to a refresh is on its way.
#[test]
fn a_refresh_does_not_bring_back_a_sign_in_that_was_deleted_meanwhile() {
    let fixture = GrantFixture::rotating();
    let mut writes = 0;
    fixture.store.set_script(move |inner, call| {
        if let Call::Write(batch) = call
            && puts_grant(batch)
        {
            writes += 1;
            let fhir_ehr::RecordWrite::Put { record, expected } = &batch[0] else { panic!("a put") };
            if writes == 2 {
                let (kind, key) = (RecordKind::Grant, record.key.clone());
                let delete = fhir_ehr::RecordWrite::Delete { kind, key, expected: *expected };
                fhir_ehr::Store::write(inner, &[delete]).unwrap();
            }
        }
        None
    });
    assert_eq!(fixture.pull_later().unwrap_err().code(), Code::GrantNotFound);
    fixture.store.clear_script();
    // What is left of the sign-in are new tokens that wait to be revoked.
    assert_eq!(fixture.pull().unwrap_err().code(), Code::GrantNotFound);
    assert_eq!(fixture.token_requests("refresh_token"), 1);
}

/// An answer about another patient is not used, and the refresh token is not sent again.
#[test]
fn new_tokens_for_another_patient_are_not_stored() {
    let options =
        Options { rotate_refresh_tokens: true, ..resources(&[&patient("p1", MRN), &patient("p2", "M-2")]) };
    let scopes = json!(["launch", "patient/{resource}.read", "online_access"]);
    let ehr = Fixture::with(
        options,
        |document| document["sources"][0]["policy"]["scopes"] = scopes,
        Box::new(AllowAll),
    );
    let mut document = ehr.document();
    document["sources"][0]["policy"]["scopes"] =
        json!(["launch", "patient/{resource}.read", "online_access"]);
    document["limits"] = json!({"refresh_lease_seconds": 3, "retries": 0});
    ehr.launch("p1", "alice");
    let store = ScriptedStore::over(ehr.folder.path().join("store"));
    let client = client(&ehr, &document, store, None);
    ehr.clock.0.advance(4000);
    let answer = json!({
        "access_token": "other", "token_type": "Bearer", "expires_in": 300, "refresh_token": "next", "patient": "p2",
    });
    ehr.sim.set_fault(&format!("token-answer:{answer}")).unwrap();
    let error = client.pull(&request("alice", MRN, LINES)).unwrap_err();
    assert_eq!(error.code(), Code::TokenResponseInvalid);
    assert!(error.message().contains("another patient"), "{error}");
    ehr.sim.clear_faults();
    assert_eq!(client.pull(&request("alice", MRN, LINES)).unwrap_err().code(), Code::GrantSuspect);
}

/// OpenID Connect Core 12.2: the tokens of another user are not used, and they are kept until they are revoked.
#[test]
fn new_tokens_for_another_user_are_not_stored() {
    let fixture = GrantFixture::rotating();
    let encode = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({"iss": "https://ehr.example", "sub": "another"});
    let id_token = format!("{}.{}.AAAA", encode(json!({"alg": "RS256"})), encode(claims));
    let answer = json!({
        "access_token": "other", "token_type": "Bearer", "expires_in": 300, "refresh_token": "next", "id_token": id_token,
    });
    fixture.ehr.sim.set_fault(&format!("token-answer:{answer}")).unwrap();
    let error = fixture.pull_later().unwrap_err();
    assert_eq!(error.code(), Code::TokenResponseInvalid);
    assert!(error.message().contains("another user"), "{error}");
    let query = RecordQuery {
        organization: "demo".into(),
        state: Some("revocation".to_owned()),
        ..RecordQuery::default()
    };
    assert_eq!(fixture.store.scan(RecordKind::Grant, &query, None, 10).unwrap().len(), 1);
    fixture.ehr.sim.clear_faults();
    assert_eq!(fixture.pull().unwrap_err().code(), Code::GrantSuspect);
    assert_eq!(fixture.token_requests("refresh_token"), 1);
}

/// A process that was paused after it had acquired the lease. In the meantime, another one has sent the refresh token, and its answer
/// was lost.
#[test]
fn a_process_that_lost_its_lease_does_not_send_a_marked_refresh_token() {
    let fixture = GrantFixture::rotating();
    let mut document = fixture.ehr.document();
    document["limits"] = json!({"refresh_lease_seconds": 3, "retries": 0});
    let other_store = ScriptedStore::over(fixture.ehr.folder.path().join("store"));
    let other = client(&fixture.ehr, &document, other_store, None);
    fixture.ehr.sim.set_fault("close-early:1@token").unwrap();
    let (mut lease, mut is_first) = (None, true);
    fixture.store.set_script(move |inner, call| {
        match call {
            Call::Acquire(name, holder, seconds) => {
                lease = fhir_ehr::Store::acquire_lease(inner, name, holder, seconds).unwrap();
                return Some(Reply::Lease(lease.clone()));
            }
            Call::Write(batch) if puts_grant(batch) && is_first => {
                is_first = false;
                fhir_ehr::Store::release_lease(inner, lease.as_ref().unwrap()).unwrap();
                let error = other.pull(&request("alice", MRN, LINES)).unwrap_err();
                assert_eq!(error.code(), Code::NetworkInterrupted);
            }
            _ => {}
        }
        None
    });
    assert_eq!(fixture.pull_later().unwrap_err().code(), Code::RefreshBusy);
    assert_eq!(fixture.token_requests("refresh_token"), 1, "the refresh token was sent once");
    fixture.store.clear_script();
    assert_eq!(fixture.pull().unwrap_err().code(), Code::GrantSuspect);
    assert_eq!(fixture.token_requests("refresh_token"), 1);
}

/// The MRNs of the patient are stored between the mark and the read that confirms it.
#[test]
fn a_mark_is_confirmed_although_the_record_numbers_were_stored_meanwhile() {
    let fixture = GrantFixture::rotating();
    let mut writes = 0;
    fixture.store.set_script(move |inner, call| match call {
        Call::Write(batch) if puts_grant(batch) => {
            writes += 1;
            if writes > 1 {
                return None;
            }
            assert_eq!(fhir_ehr::Store::write(inner, batch).unwrap(), fhir_ehr::WriteOutcome::Done);
            let fhir_ehr::RecordWrite::Put { record, expected } = &batch[0] else { panic!("a put") };
            let again = fhir_ehr::RecordWrite::Put { record: record.clone(), expected: expected + 1 };
            Some(Reply::Written(fhir_ehr::Store::write(inner, &[again]).unwrap()))
        }
        _ => None,
    });
    fixture.pull_later().unwrap();
    assert_eq!(fixture.token_requests("refresh_token"), 1);
    fixture.store.clear_script();
    fixture.pull_later().unwrap();
}
