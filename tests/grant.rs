//! Token requests of processes that share a store: one at a time, limited by a lease. New tokens are stored, or reported as lost.

mod common;
#[path = "common/grant_fixture.rs"]
mod grant_fixture;
#[path = "common/scripted_store.rs"]
mod scripted_store;

use common::{Fixture, REDIRECT, SESSION, patient, query_of, request, resources};
use ehr_sim::{LaunchOptions, Options, Personality};
use fhir_ehr::{
    Code, Error, LaunchResult, Lease, PullRequest, RecordKind, RecordWrite, Result, Retry, Secret,
    SecretProvider, Store, WriteOutcome,
};
use grant_fixture::{GrantFixture, LINES, MRN, client, grants};
use scripted_store::{Call, Reply, ScriptedStore, puts_grant};
use serde_json::json;
use std::{
    sync::{Arc, Barrier, Mutex},
    thread,
    time::Duration,
};

#[derive(Clone, Default)]
struct CallLog(Arc<Mutex<Vec<String>>>);

impl CallLog {
    fn add(&self, call: &str) {
        self.0.lock().unwrap().push(call.to_owned());
    }
    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// A secret provider that records its calls.
struct LoggingSecretProvider(CallLog, Secret);

impl SecretProvider for LoggingSecretProvider {
    fn secret(&self, _: &str) -> Result<Secret> {
        self.0.add("key");
        Ok(self.1.clone())
    }
}

#[test]
fn endpoints_and_the_client_secret_are_looked_up_before_the_lease_is_taken() {
    let fixture = GrantFixture::new(Options { personality: Personality::Oracle, ..Options::default() });
    let mut document = fixture.ehr.document();
    for member in ["authorization_endpoint", "token_endpoint"] {
        document["sources"][0].as_object_mut().unwrap().remove(member);
    }
    let registration = &mut document["registrations"][0]["client_secret"];
    let secret = registration.as_str().unwrap_or_default().to_owned();
    *registration = "hook:client".into();
    let calls = CallLog::default();
    let service = LoggingSecretProvider(calls.clone(), secret.into());
    let store = ScriptedStore::over(fixture.ehr.folder.path().join("store"));
    let client = client(&fixture.ehr, &document, store.clone(), Some(Box::new(service)));
    let seen = calls.clone();
    store.set_script(move |_, call| {
        match call {
            Call::Acquire(..) => seen.add("lease"),
            Call::Release(..) => seen.add("release"),
            _ => {}
        }
        None
    });
    let before = fixture.ehr.sim.requests().len();
    fixture.ehr.clock.0.advance(4000);
    client.pull(&request("alice", MRN, LINES)).unwrap();
    assert_eq!(calls.all(), ["key", "lease", "release"]);
    let paths: Vec<String> =
        fixture.ehr.sim.requests().into_iter().skip(before).map(|one| one.path).collect();
    assert!(paths[0].ends_with("smart-configuration"), "{paths:?}");
    assert_eq!(fixture.token_requests("refresh_token"), 1);
}

#[test]
fn a_request_that_cannot_look_up_its_endpoints_takes_no_lease() {
    let fixture = GrantFixture::new(Options::default());
    let mut document = fixture.ehr.document();
    document["limits"] = json!({"retries": 0});
    for member in ["authorization_endpoint", "token_endpoint"] {
        document["sources"][0].as_object_mut().unwrap().remove(member);
    }
    let store = ScriptedStore::over(fixture.ehr.folder.path().join("store"));
    let client = client(&fixture.ehr, &document, store.clone(), None);
    fixture.ehr.sim.set_fault("html-error@discovery").unwrap();
    store.set_script(|_, call| {
        assert!(!matches!(call, Call::Acquire(..)), "no lease is taken");
        None
    });
    fixture.ehr.clock.0.advance(4000);
    let error = client.pull(&request("alice", MRN, LINES)).unwrap_err();
    assert_eq!(error.code(), Code::DiscoveryFailed);
}

#[test]
fn a_token_request_ends_with_a_lease_that_is_not_renewed() {
    for gone in [false, true] {
        let fixture = GrantFixture::new(Options { personality: Personality::Oracle, ..Options::default() });
        fixture.ehr.sim.set_fault("never-answers@token").unwrap();
        let mut taken = 0;
        fixture.store.set_script(move |_, call| match call {
            Call::Acquire(..) => {
                taken += 1;
                (taken > 1).then_some(if gone { Reply::Fails } else { Reply::Lease(None) })
            }
            _ => None,
        });
        // One request may take 30 s, but the lease ends earlier.
        let error = fixture.pull_later().unwrap_err();
        assert_eq!(error.code(), Code::NetworkTimeout, "gone: {gone}");
        fixture.store.clear_script();
        fixture.ehr.sim.clear_faults();
        assert!(fixture.pull().is_ok(), "the grant is kept");
    }
}

#[test]
fn a_slow_live_request_renews_its_lease() {
    let fixture = GrantFixture::rotating();
    fixture.ehr.sim.set_fault("slow:1500@token").unwrap();
    let calls = CallLog::default();
    let seen = calls.clone();
    fixture.store.set_script(move |_, call| {
        if let Call::Acquire(name, holder, seconds) = call {
            seen.add(&format!("{name} {holder} {seconds}"));
        }
        None
    });
    fixture.pull_later().unwrap();
    let taken = calls.all();
    assert!(taken.len() > 1, "it was renewed: {taken:?}");
    assert!(taken.iter().all(|one| *one == taken[0]), "the holder is the same: {taken:?}");
    assert!(taken[0].ends_with(" 3"), "the duration is refresh_lease_seconds: {taken:?}");
    assert_eq!(fixture.token_requests("refresh_token"), 1);
}

#[test]
fn the_lease_of_a_killed_process_gives_refresh_busy_with_a_retry_time() {
    let fixture = GrantFixture::rotating();
    fixture.store.set_script(|_, call| matches!(call, Call::Acquire(..)).then_some(Reply::Lease(None)));
    let error = fixture.pull_later().unwrap_err();
    assert_eq!(error.code(), Code::RefreshBusy);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3)));
    assert_eq!(error.hint_text(), Some("Retry in 3 seconds."));
    assert_eq!(fixture.token_requests("refresh_token"), 0);
    fixture.store.clear_script();
    assert!(fixture.pull().is_ok());
}

#[test]
fn a_killed_process_blocks_others_for_one_lease_only() {
    let fixture = GrantFixture::rotating();
    let mut killed = false;
    fixture.store.set_script(move |inner, call| {
        if let Call::Acquire(name, _, seconds) = call
            && !killed
        {
            killed = true;
            inner.acquire_lease(name, "killed", seconds).unwrap();
        }
        None
    });
    assert_eq!(fixture.pull_later().unwrap_err().code(), Code::RefreshBusy);
    // Each pull waits for half of the lease (3 s), and the lease counts whole seconds.
    let ends: Vec<Code> = (0..3).map_while(|_| fixture.pull().err()).map(|error| error.code()).collect();
    assert!(ends.len() < 3 && ends.iter().all(|code| *code == Code::RefreshBusy), "{ends:?}");
    assert_eq!(fixture.token_requests("refresh_token"), 1);
}

/// The lease of a slow process has ended, and another process has refreshed in the meantime.
#[test]
fn a_late_refresh_does_not_overwrite_a_newer_one() {
    let fixture = GrantFixture::new(Options { personality: Personality::Oracle, ..Options::default() });
    let other = fixture.ehr.other_client(&fixture.ehr.document());
    let (mut lease, mut is_marked) = (None, false);
    fixture.store.set_script(move |inner, call| {
        match call {
            Call::Acquire(name, holder, seconds) => {
                lease = inner.acquire_lease(name, holder, seconds).unwrap();
                return Some(Reply::Lease(lease.clone()));
            }
            Call::Write(batch) if puts_grant(batch) && !is_marked => is_marked = true,
            Call::Write(batch) if puts_grant(batch) => {
                inner.release_lease(lease.as_ref().unwrap()).unwrap();
                other.pull(&request("alice", MRN, LINES)).unwrap();
            }
            _ => {}
        }
        None
    });
    fixture.pull_later().unwrap();
    assert_eq!(fixture.token_requests("refresh_token"), 2);
    let versions: Vec<i64> = grants(&fixture.ehr).iter().map(|grant| grant.version).collect();
    assert_eq!(
        versions,
        [4],
        "the sign-in, the mark of the slow process, the mark and the tokens of the newer refresh"
    );
}

#[test]
fn a_lease_table_that_was_restored_from_a_backup_does_not_stop_refreshes() {
    let fixture = GrantFixture::new(Options { personality: Personality::Oracle, ..Options::default() });
    for fence in [40, 1, 2] {
        fixture.store.set_script(move |_, call| match call {
            Call::Acquire(name, holder, _) => {
                Some(Reply::Lease(Some(Lease { name: name.into(), holder: holder.into(), fence })))
            }
            _ => None,
        });
        fixture.pull_later().unwrap();
    }
    assert_eq!(grants(&fixture.ehr)[0].version, 7, "the mark and the tokens of each refresh were stored");
}

#[test]
fn new_tokens_are_stored_if_the_store_recovers_before_the_lease_ends() {
    let fixture = GrantFixture::rotating();
    let mut writes = 0;
    fixture.store.set_script(move |_, call| match call {
        Call::Write(batch) if puts_grant(batch) => {
            writes += 1;
            // The first write is the mark.
            (2..9).contains(&writes).then_some(Reply::Fails)
        }
        _ => None,
    });
    fixture.pull_later().unwrap();
    fixture.pull_later().unwrap();
    assert_eq!(fixture.token_requests("refresh_token"), 2, "the second refresh used the new refresh token");
}

/// From now on, writes of grants after the first `allowed` ones have this result.
fn replace_grant_writes(fixture: &GrantFixture, allowed: usize, reply: impl Fn() -> Reply + Send + 'static) {
    let mut writes = 0;
    fixture.store.set_script(move |_, call| match call {
        Call::Write(batch) if puts_grant(batch) => {
            writes += 1;
            (writes > allowed).then(&reply)
        }
        _ => None,
    });
}

/// A pull whose refresh is marked, and whose new tokens cannot be stored.
fn with_writes_gone(fixture: &GrantFixture) -> Error {
    replace_grant_writes(fixture, 1, || Reply::Fails);
    let error = fixture.pull_later().unwrap_err();
    fixture.store.clear_script();
    error
}

#[test]
fn a_rotated_token_that_could_not_be_stored_is_reported_as_lost() {
    let fixture = GrantFixture::rotating();
    let error = with_writes_gone(&fixture);
    assert_eq!(error.code(), Code::GrantLost);
    assert_eq!(error.code().retry(), Retry::AfterSignIn);
    assert!(error.message().contains("must sign in again"), "{error}");
    assert!(error.message().contains("store_unavailable"), "the error names the cause: {error}");
    // The refresh token is lost, as the error says, and it is not sent a second time.
    assert_eq!(fixture.pull().unwrap_err().code(), Code::GrantSuspect);
    assert_eq!(fixture.token_requests("refresh_token"), 1);
    fixture.ehr.launch("p1", "alice");
    assert!(fixture.pull().is_ok());
}

/// The code and the handover can be used only once, so a store failure loses the tokens.
#[test]
fn a_sign_in_that_could_not_be_stored_is_reported_as_lost() {
    let fixture = GrantFixture::new(Options::default());
    // An EHR user who is not linked to an application user yet.
    let launch = || {
        let user = Some("another".into());
        let options = LaunchOptions { patient: "p1".into(), user, ..LaunchOptions::default() };
        query_of(&fixture.ehr.launch_to_callback(&options))
    };
    let writes_fail = |kind: RecordKind| {
        fixture.store.set_script(move |_, call| match call {
            Call::Write([RecordWrite::Put { record, .. }]) if record.kind == kind => Some(Reply::Fails),
            _ => None,
        });
    };
    let callback = launch();
    writes_fail(RecordKind::PendingLaunch);
    let error = fixture.client.handle_launch(&callback, SESSION, REDIRECT).unwrap_err();
    assert_eq!(error.code(), Code::GrantLost, "the handover is not stored");

    fixture.store.clear_script();
    let Ok(LaunchResult::LoginRequired { handover, .. }) =
        fixture.client.handle_launch(&launch(), SESSION, REDIRECT)
    else {
        panic!("the EHR user is not linked to an application user")
    };
    writes_fail(RecordKind::Grant);
    let error = fixture.client.finish_login(&handover, SESSION, "bob").unwrap_err();
    assert_eq!(error.code(), Code::GrantLost, "the grant is not stored");

    // The login linked the EHR user.
    fixture.store.clear_script();
    let callback = launch();
    writes_fail(RecordKind::Launch);
    let error = fixture.client.handle_launch(&callback, SESSION, REDIRECT).unwrap_err();
    assert_eq!(error.code(), Code::StoreUnavailable, "the grant is stored, so it is not lost");
    fixture.store.clear_script();
    let request = PullRequest { user: "bob".to_owned(), ..request("bob", "M-1", "gender,,sex,,,\n") };
    assert!(fixture.client.pull(&request).is_ok());
}

#[test]
fn a_token_that_was_not_rotated_survives_a_store_failure() {
    let fixture = GrantFixture::new(Options { personality: Personality::Oracle, ..Options::default() });
    let error = with_writes_gone(&fixture);
    assert_eq!(error.code(), Code::StoreUnavailable);
    assert!(!error.message().contains("nothing was lost"), "{error}");
    assert!(fixture.pull().is_ok());
}

#[test]
fn a_store_that_always_reports_a_conflict_gives_an_error() {
    for (personality, rotate, code) in
        [(Personality::Smart, true, Code::GrantLost), (Personality::Oracle, false, Code::StoreConflict)]
    {
        let fixture =
            GrantFixture::new(Options { personality, rotate_refresh_tokens: rotate, ..Options::default() });
        replace_grant_writes(&fixture, 1, || Reply::Written(WriteOutcome::Conflict(0)));
        assert_eq!(fixture.pull_later().unwrap_err().code(), code, "{personality:?}");
    }
}

#[test]
fn simultaneous_processes_without_a_system_token_make_one_token_request() {
    let fixture =
        Fixture::new(Options { personality: Personality::Oracle, ..resources(&[&patient("p1", MRN)]) });
    let mut document = fixture.document();
    // Long enough for a slow machine: a waiting client gives up after half of it.
    document["limits"] = json!({"refresh_lease_seconds": 60});
    let system = PullRequest { system: true, ..request("alice", MRN, LINES) };
    let start = Barrier::new(8);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let client = fixture.other_client(&document);
                start.wait();
                assert_eq!(client.pull(&system).unwrap().rows[0].value, "F");
            });
        }
    });
    let requests = fixture.sim.requests();
    let asked = requests.iter().filter(|one| one.grant_type.as_deref() == Some("client_credentials"));
    assert_eq!(asked.count(), 1);
}

#[test]
fn the_system_account_waits_for_the_lease_like_a_user() {
    let fixture =
        Fixture::new(Options { personality: Personality::Oracle, ..resources(&[&patient("p1", MRN)]) });
    let mut document = fixture.document();
    document["limits"] = json!({"refresh_lease_seconds": 3});
    let store = ScriptedStore::over(fixture.folder.path().join("store"));
    let client = client(&fixture, &document, store.clone(), None);
    store.set_script(|_, call| matches!(call, Call::Acquire(..)).then_some(Reply::Lease(None)));
    let system = PullRequest { system: true, ..request("alice", MRN, LINES) };
    let error = client.pull(&system).unwrap_err();
    assert_eq!((error.code(), error.hint_text()), (Code::RefreshBusy, Some("Retry in 3 seconds.")));
    assert!(fixture.sim.requests().iter().all(|one| one.grant_type.is_none()), "no token request");
}
