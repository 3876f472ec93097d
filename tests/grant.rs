//! Token requests over a store that processes share: one at a time, bounded by a lease, and what the EHR
//! issued is stored or said to be lost.

mod common;
#[path = "common/odd.rs"]
mod odd;

use common::{REDIRECT, SESSION, World, patient, query_of, request, resources};
use ehr_sim::{FhirRelease, LaunchOptions, Options, Personality};
use fhir_ehr::{
    Client, Code, Config, Error, Hooks, LaunchResult, Lease, PullRequest, RecordKind, RecordQuery,
    RecordWrite, Result, Retry, Secret, SecretProvider, SqliteStore, Store, StoredRecord, WriteOutcome,
};
use odd::{Call, Odd, Reply, puts_grant};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Barrier, Mutex},
    thread,
    time::Duration,
};

const MRN: &str = "M-1";
const LINES: &str = "gender,,sex,,,\n";

/// A user who is signed in at a simulator, and a client over a store of which the test replaces answers.
struct Clinic {
    world: World,
    store: Odd,
    client: Client,
}

impl Clinic {
    fn new(options: Options) -> Self {
        Self::with(options, json!({"refresh_lease_seconds": 3, "retries": 0}))
    }

    fn with(options: Options, limits: Value) -> Self {
        let world = World::new(Options { data: resources(&[&patient("p1", MRN)]).data, ..options });
        world.launch("p1", "alice");
        world.sim.reset_requests();
        let mut document = world.document();
        document["limits"] = limits;
        let store = Odd::over(world.folder.path().join("store"));
        let client = client(&world, &document, store.clone(), None);
        Clinic { world, store, client }
    }

    fn rotating() -> Self {
        Self::new(Options { rotate_refresh_tokens: true, ..Options::default() })
    }

    fn pull(&self) -> Result<()> {
        self.client.pull(&request("alice", MRN, LINES)).map(drop)
    }

    /// A pull after the access token has ended by the client's clock.
    fn pull_later(&self) -> Result<()> {
        self.world.clock.0.advance(4000);
        self.pull()
    }

    fn token_requests(&self, grant_type: &str) -> usize {
        let requests = self.world.sim.requests();
        requests.iter().filter(|one| one.grant_type.as_deref() == Some(grant_type)).count()
    }
}

fn client(world: &World, document: &Value, store: Odd, secrets: Option<Box<dyn SecretProvider>>) -> Client {
    let hooks = Hooks {
        clock: Box::new(world.clock.clone()),
        secrets,
        ..Hooks::new(Box::new(store), Box::new(fhir_ehr::AllowAll))
    };
    Client::new(Config::from_json(&document.to_string()).unwrap(), hooks).unwrap()
}

/// All grants as they are in the store.
fn grants(world: &World) -> Vec<StoredRecord> {
    let store = SqliteStore::new(world.folder.path().join("store"));
    let query = RecordQuery { organization: "demo".into(), ..RecordQuery::default() };
    store.scan(RecordKind::Grant, &query, None, 10).unwrap()
}

#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn add(&self, note: &str) {
        self.0.lock().unwrap().push(note.to_owned());
    }
    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// A key service that notes when it is asked.
struct Service(Notes, Secret);

impl SecretProvider for Service {
    fn secret(&self, _: &str) -> Result<Secret> {
        self.0.add("key");
        Ok(self.1.clone())
    }
}

#[test]
fn endpoints_and_the_client_secret_are_looked_up_before_the_lease_is_taken() {
    let clinic = Clinic::new(Options { personality: Personality::Oracle, ..Options::default() });
    let mut document = clinic.world.document();
    for member in ["authorization_endpoint", "token_endpoint"] {
        document["sources"][0].as_object_mut().unwrap().remove(member);
    }
    let registration = &mut document["registrations"][0]["client_secret"];
    let secret = registration.as_str().unwrap_or_default().to_owned();
    *registration = "hook:client".into();
    let notes = Notes::default();
    let service = Service(notes.clone(), secret.into());
    let store = Odd::over(clinic.world.folder.path().join("store"));
    let client = client(&clinic.world, &document, store.clone(), Some(Box::new(service)));
    let seen = notes.clone();
    store.acts(move |_, call| {
        match call {
            Call::Acquire(..) => seen.add("lease"),
            Call::Release(..) => seen.add("end"),
            _ => {}
        }
        None
    });
    let before = clinic.world.sim.requests().len();
    clinic.world.clock.0.advance(4000);
    client.pull(&request("alice", MRN, LINES)).unwrap();
    assert_eq!(notes.all(), ["key", "lease", "end"]);
    let paths: Vec<String> =
        clinic.world.sim.requests().into_iter().skip(before).map(|one| one.path).collect();
    assert!(paths[0].ends_with("smart-configuration"), "{paths:?}");
    assert_eq!(clinic.token_requests("refresh_token"), 1);
}

#[test]
fn a_request_that_cannot_look_up_its_endpoints_takes_no_lease() {
    let clinic = Clinic::new(Options::default());
    let mut document = clinic.world.document();
    document["limits"] = json!({"retries": 0});
    for member in ["authorization_endpoint", "token_endpoint"] {
        document["sources"][0].as_object_mut().unwrap().remove(member);
    }
    let store = Odd::over(clinic.world.folder.path().join("store"));
    let client = client(&clinic.world, &document, store.clone(), None);
    clinic.world.sim.set_fault("html-error@discovery").unwrap();
    store.acts(|_, call| {
        assert!(!matches!(call, Call::Acquire(..)), "no lease");
        None
    });
    clinic.world.clock.0.advance(4000);
    let error = client.pull(&request("alice", MRN, LINES)).unwrap_err();
    assert_eq!(error.code(), Code::DiscoveryFailed);
}

#[test]
fn a_token_request_ends_with_a_lease_that_is_not_renewed() {
    for gone in [false, true] {
        let clinic = Clinic::new(Options { personality: Personality::Oracle, ..Options::default() });
        clinic.world.sim.set_fault("never-answers@token").unwrap();
        let mut taken = 0;
        clinic.store.acts(move |_, call| match call {
            Call::Acquire(..) => {
                taken += 1;
                (taken > 1).then_some(if gone { Reply::Fails } else { Reply::Lease(None) })
            }
            _ => None,
        });
        // The limit of one request is 30 s, and the lease ends before that.
        let error = clinic.pull_later().unwrap_err();
        assert_eq!(error.code(), Code::NetworkTimeout, "gone: {gone}");
        clinic.store.is_honest();
        clinic.world.sim.clear_faults();
        assert!(clinic.pull().is_ok(), "the grant is kept");
    }
}

#[test]
fn a_slow_live_request_renews_its_lease() {
    let clinic = Clinic::rotating();
    clinic.world.sim.set_fault("slow:1500@token").unwrap();
    let notes = Notes::default();
    let seen = notes.clone();
    clinic.store.acts(move |_, call| {
        if let Call::Acquire(name, holder, seconds) = call {
            seen.add(&format!("{name} {holder} {seconds}"));
        }
        None
    });
    clinic.pull_later().unwrap();
    let taken = notes.all();
    assert!(taken.len() > 1, "it was renewed: {taken:?}");
    assert!(taken.iter().all(|one| *one == taken[0]), "by the same holder: {taken:?}");
    assert!(taken[0].ends_with(" 3"), "for refresh_lease_seconds: {taken:?}");
    assert_eq!(clinic.token_requests("refresh_token"), 1);
}

#[test]
fn the_lease_of_a_killed_process_gives_refresh_busy_with_a_time() {
    let clinic = Clinic::rotating();
    clinic.store.acts(|_, call| matches!(call, Call::Acquire(..)).then_some(Reply::Lease(None)));
    let error = clinic.pull_later().unwrap_err();
    assert_eq!(error.code(), Code::RefreshBusy);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3)));
    assert_eq!(error.hint_text(), Some("Retry in 3 seconds."));
    assert_eq!(clinic.token_requests("refresh_token"), 0);
    clinic.store.is_honest();
    assert!(clinic.pull().is_ok());
}

#[test]
fn a_killed_process_blocks_others_for_one_lease_only() {
    let clinic = Clinic::rotating();
    let mut killed = false;
    clinic.store.acts(move |inner, call| {
        if let Call::Acquire(name, _, seconds) = call
            && !killed
        {
            killed = true;
            inner.acquire_lease(name, "killed", seconds).unwrap();
        }
        None
    });
    assert_eq!(clinic.pull_later().unwrap_err().code(), Code::RefreshBusy);
    // Each pull waits for half a lease of 3 s, and the lease counts whole seconds.
    let ends: Vec<Code> = (0..3).map_while(|_| clinic.pull().err()).map(|error| error.code()).collect();
    assert!(ends.len() < 3 && ends.iter().all(|code| *code == Code::RefreshBusy), "{ends:?}");
    assert_eq!(clinic.token_requests("refresh_token"), 1);
}

/// A process is late: its lease has ended, and another process has refreshed in the meantime.
#[test]
fn a_late_request_does_not_overwrite_a_later_one() {
    let clinic = Clinic::new(Options { personality: Personality::Oracle, ..Options::default() });
    let other = clinic.world.other_client(&clinic.world.document());
    let mut lease = None;
    clinic.store.acts(move |inner, call| {
        match call {
            Call::Acquire(name, holder, seconds) => {
                lease = inner.acquire_lease(name, holder, seconds).unwrap();
                return Some(Reply::Lease(lease.clone()));
            }
            Call::Write(batch) if puts_grant(batch) => {
                inner.release_lease(lease.as_ref().unwrap()).unwrap();
                other.pull(&request("alice", MRN, LINES)).unwrap();
            }
            _ => {}
        }
        None
    });
    clinic.pull_later().unwrap();
    assert_eq!(clinic.token_requests("refresh_token"), 2);
    let versions: Vec<i64> = grants(&clinic.world).iter().map(|grant| grant.version).collect();
    assert_eq!(versions, [2], "the sign-in, then the later request");
}

#[test]
fn a_lease_table_that_was_set_back_does_not_stop_refreshes() {
    let clinic = Clinic::new(Options { personality: Personality::Oracle, ..Options::default() });
    for fence in [40, 1, 2] {
        clinic.store.acts(move |_, call| match call {
            Call::Acquire(name, holder, _) => {
                Some(Reply::Lease(Some(Lease { name: name.into(), holder: holder.into(), fence })))
            }
            _ => None,
        });
        clinic.pull_later().unwrap();
    }
    assert_eq!(grants(&clinic.world)[0].version, 4, "each refresh was stored");
}

#[test]
fn new_tokens_are_stored_when_the_store_is_back_before_the_lease_ends() {
    let clinic = Clinic::rotating();
    let mut failures = 7;
    clinic.store.acts(move |_, call| match call {
        Call::Write(batch) if puts_grant(batch) && failures > 0 => {
            failures -= 1;
            Some(Reply::Fails)
        }
        _ => None,
    });
    clinic.pull_later().unwrap();
    clinic.pull_later().unwrap();
    assert_eq!(clinic.token_requests("refresh_token"), 2, "the second one had the new refresh token");
}

fn with_writes_gone(clinic: &Clinic) -> Error {
    clinic.store.acts(|_, call| match call {
        Call::Write(batch) if puts_grant(batch) => Some(Reply::Fails),
        _ => None,
    });
    let error = clinic.pull_later().unwrap_err();
    clinic.store.is_honest();
    error
}

#[test]
fn a_rotated_token_that_could_not_be_stored_is_said_to_be_lost() {
    let clinic = Clinic::rotating();
    let error = with_writes_gone(&clinic);
    assert_eq!(error.code(), Code::GrantLost);
    assert_eq!(error.code().retry(), Retry::AfterSignIn);
    assert!(error.message().contains("must sign in again"), "{error}");
    assert!(error.message().contains("store_unavailable"), "the cause: {error}");
    // It is as the error says.
    assert_eq!(clinic.pull().unwrap_err().code(), Code::InvalidGrant);
    clinic.world.launch("p1", "alice");
    assert!(clinic.pull().is_ok());
}

/// The code and the hand-over can be used once only, so the tokens are lost with the store.
#[test]
fn a_sign_in_that_could_not_be_stored_is_said_to_be_lost() {
    let clinic = Clinic::new(Options::default());
    // Another EHR user than the one that the application knows already.
    let launch = || {
        let user = Some("another".into());
        let options = LaunchOptions { patient: "p1".into(), user, ..LaunchOptions::default() };
        query_of(&clinic.world.launch_to_callback(&options))
    };
    let writes_fail = |kind: RecordKind| {
        clinic.store.acts(move |_, call| match call {
            Call::Write([RecordWrite::Put { record, .. }]) if record.kind == kind => Some(Reply::Fails),
            _ => None,
        });
    };
    let callback = launch();
    writes_fail(RecordKind::PendingLaunch);
    let error = clinic.client.handle_launch(&callback, SESSION, REDIRECT).unwrap_err();
    assert_eq!(error.code(), Code::GrantLost, "no hand-over");

    clinic.store.is_honest();
    let Ok(LaunchResult::LoginRequired { handover, .. }) =
        clinic.client.handle_launch(&launch(), SESSION, REDIRECT)
    else {
        panic!("the user is not linked to one of the application")
    };
    writes_fail(RecordKind::Grant);
    let error = clinic.client.finish_login(&handover, SESSION, "bob").unwrap_err();
    assert_eq!(error.code(), Code::GrantLost, "no grant");
}

#[test]
fn a_token_that_was_not_rotated_is_not_lost_with_the_store() {
    let clinic = Clinic::new(Options { personality: Personality::Oracle, ..Options::default() });
    let error = with_writes_gone(&clinic);
    assert_eq!(error.code(), Code::StoreUnavailable);
    assert!(!error.message().contains("nothing was lost"), "{error}");
    assert!(clinic.pull().is_ok());
}

#[test]
fn a_store_that_always_meets_another_version_ends_in_an_error() {
    for (personality, rotate, code) in
        [(Personality::Smart, true, Code::GrantLost), (Personality::Oracle, false, Code::StoreConflict)]
    {
        let clinic =
            Clinic::new(Options { personality, rotate_refresh_tokens: rotate, ..Options::default() });
        clinic.store.acts(|_, call| match call {
            Call::Write(batch) if puts_grant(batch) => Some(Reply::Written(WriteOutcome::Conflict(0))),
            _ => None,
        });
        assert_eq!(clinic.pull_later().unwrap_err().code(), code, "{personality:?}");
    }
}

#[test]
fn processes_without_a_system_token_make_one_request_together() {
    let world = World::new(Options { personality: Personality::Oracle, ..resources(&[&patient("p1", MRN)]) });
    let mut document = world.document();
    // Long enough for the slowest machine: a waiter gives up after half of it.
    document["limits"] = json!({"refresh_lease_seconds": 60});
    let system = PullRequest { system: true, ..request("alice", MRN, LINES) };
    let start = Barrier::new(8);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let client = world.other_client(&document);
                start.wait();
                assert_eq!(client.pull(&system).unwrap().rows[0].value, "F");
            });
        }
    });
    let requests = world.sim.requests();
    let asked = requests.iter().filter(|one| one.grant_type.as_deref() == Some("client_credentials"));
    assert_eq!(asked.count(), 1);
}

#[test]
fn the_system_account_waits_like_a_user() {
    let world = World::new(Options { personality: Personality::Oracle, ..resources(&[&patient("p1", MRN)]) });
    let mut document = world.document();
    document["limits"] = json!({"refresh_lease_seconds": 3});
    let store = Odd::over(world.folder.path().join("store"));
    let client = client(&world, &document, store.clone(), None);
    store.acts(|_, call| matches!(call, Call::Acquire(..)).then_some(Reply::Lease(None)));
    let system = PullRequest { system: true, ..request("alice", MRN, LINES) };
    let error = client.pull(&system).unwrap_err();
    assert_eq!((error.code(), error.hint_text()), (Code::RefreshBusy, Some("Retry in 3 seconds.")));
    assert!(world.sim.requests().iter().all(|one| one.grant_type.is_none()), "no token request");
}

#[test]
fn a_refused_token_that_cannot_be_refreshed_is_kept_until_it_ends() {
    // DSTU2 asks for no refresh token.
    let clinic = Clinic::new(Options { fhir: FhirRelease::Dstu2, ..Options::default() });
    clinic.world.sim.expire_access_tokens();
    for _ in 0..2 {
        assert_eq!(clinic.pull().unwrap_err().code(), Code::FhirUnauthorized);
        assert_eq!(grants(&clinic.world).len(), 1, "the grant is kept");
    }
    assert_eq!(clinic.pull_later().unwrap_err().code(), Code::GrantExpired);
    assert_eq!(grants(&clinic.world).len(), 0, "its own time is over");
}

#[test]
fn a_token_that_cannot_be_refreshed_is_used_to_its_last_second() {
    let world = World::new(Options { fhir: FhirRelease::Dstu2, ..resources(&[&patient("p1", MRN)]) });
    let signed_in = world.launch("p1", "alice");
    let left = signed_in.context.expires_at - fhir_ehr::Clock::now(&world.clock);
    world.clock.0.advance(left - 1);
    assert!(world.client.pull(&request("alice", MRN, LINES)).is_ok());
    world.clock.0.advance(1);
    let error = world.client.pull(&request("alice", MRN, LINES)).unwrap_err();
    assert_eq!(error.code(), Code::GrantExpired);
}

fn pull_with_answer(clinic: &Clinic, answer: &str) -> Result<()> {
    clinic.world.sim.set_fault(&format!("token-answer:{answer}")).unwrap();
    clinic.pull_later()
}

#[test]
fn a_refresh_that_is_refused_in_other_words_asks_for_another_sign_in_and_keeps_the_stored_one() {
    for word in ["invalid_request", "bad_refresh_token"] {
        let clinic = Clinic::rotating();
        clinic.world.sim.set_fault("token-status:401").unwrap();
        let answer = json!({"error": word, "error_description": "The refresh token is invalid."});
        let error = pull_with_answer(&clinic, &answer.to_string()).unwrap_err();
        assert_eq!((error.code(), error.code().retry()), (Code::GrantRejected, Retry::AfterSignIn), "{word}");
        assert!(error.message().contains("The refresh token is invalid."), "{error}");
        assert!(error.hint_text().unwrap().contains("from the EHR again"));
        assert_eq!(grants(&clinic.world).len(), 1, "{word} leaves a doubt, so nothing is deleted");
        clinic.world.sim.clear_faults();
        clinic.pull().unwrap();
    }
}

#[test]
fn an_error_with_status_200_ends_the_sign_in_like_any_other() {
    let clinic = Clinic::rotating();
    let error =
        pull_with_answer(&clinic, r#"{"error": "invalid_grant", "error_description": "Token expired"}"#)
            .unwrap_err();
    assert_eq!((error.code(), error.http_status()), (Code::InvalidGrant, Some(200)));
    assert!(error.message().contains("invalid_grant: Token expired"), "{error}");
    assert_eq!(grants(&clinic.world).len(), 0, "the server's word leaves no doubt");
}

#[test]
fn an_error_about_the_registration_or_a_temporary_one_keeps_the_sign_in() {
    for (word, code) in [
        ("unauthorized_client", Code::TokenRejected),
        ("invalid_client", Code::InvalidClient),
        ("temporarily_unavailable", Code::TokenUnavailable),
    ] {
        let clinic = Clinic::rotating();
        clinic.world.sim.set_fault("token-status:400").unwrap();
        let error = pull_with_answer(&clinic, &json!({ "error": word }).to_string()).unwrap_err();
        assert_eq!(error.code(), code, "{word}");
        assert_ne!(error.code().retry(), Retry::AfterSignIn, "{word}");
        assert_eq!(grants(&clinic.world).len(), 1, "{word}");
    }
}

#[test]
fn a_403_that_says_invalid_token_renews_the_token_once_like_a_401() {
    for status in [401, 403] {
        let clinic = Clinic::rotating();
        clinic.world.sim.set_fault(&format!("refused-token-status:{status}")).unwrap();
        clinic.world.sim.expire_access_tokens();
        clinic.pull().unwrap();
        assert_eq!(clinic.token_requests("refresh_token"), 1, "{status}");
    }
    let clinic = Clinic::rotating();
    clinic.world.sim.set_fault("fhir-status:403").unwrap();
    assert_eq!(clinic.pull().unwrap_err().code(), Code::FhirDenied);
    assert_eq!(clinic.token_requests("refresh_token"), 0, "a refusal of the data is not one of the token");
}

#[test]
fn the_errors_of_a_system_account_ask_no_user_to_sign_in() {
    let system = || PullRequest { system: true, ..request("alice", MRN, LINES) };
    for (faults, code) in [
        (vec!["fhir-status:401"], Code::SystemAccountRejected),
        (vec!["token-status:400", r#"token-answer:{"error": "invalid_grant"}"#], Code::TokenRejected),
        (
            vec!["token-status:401", r#"token-answer:{"error": "login_required"}"#],
            Code::SystemAccountRejected,
        ),
    ] {
        let clinic = Clinic::new(Options::default());
        for fault in faults {
            clinic.world.sim.set_fault(fault).unwrap();
        }
        let error = clinic.client.pull(&system()).map(drop).unwrap_err();
        assert_eq!(error.code(), code);
        assert_ne!(error.code().retry(), Retry::AfterSignIn);
        let text = format!("{} {}", error.message(), error.hint_text().unwrap_or_default());
        assert!(!text.contains("sign in") && !text.contains("launch"), "{text}");
    }
    let clinic = Clinic::new(Options::default());
    let mut document = clinic.world.document();
    document["sources"][0].as_object_mut().unwrap().remove("system_registration");
    let error = client(&clinic.world, &document, clinic.store.clone(), None).pull(&system()).unwrap_err();
    assert_eq!((error.code(), error.code().retry()), (Code::SystemAccountMissing, Retry::Never));
}

#[test]
fn a_system_account_whose_stored_token_is_gone_gets_another_one() {
    let clinic = Clinic::new(Options::default());
    let system = PullRequest { system: true, ..request("alice", MRN, LINES) };
    clinic.client.pull(&system).unwrap();
    clinic.world.sim.expire_access_tokens();
    // The stored token is gone between the refusal and the renewal.
    clinic.store.acts(|store, call| {
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
    clinic.client.pull(&system).unwrap();
    assert_eq!(clinic.token_requests("client_credentials"), 2);
}

#[test]
fn a_wait_that_is_longer_than_the_time_left_gives_the_servers_answer() {
    let limits = json!({"request_seconds": 2, "retries": 1, "retry_wait_seconds": 60});
    let clinic = Clinic::with(Options::default(), limits);
    clinic.world.sim.set_fault("token-status:503").unwrap();
    clinic.world.sim.set_fault("retry-after:30").unwrap();
    let error = clinic.pull_later().unwrap_err();
    assert_eq!(error.code(), Code::TokenUnavailable);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    let sent = clinic.world.sim.requests().iter().filter(|one| one.path.ends_with("/token")).count();
    assert_eq!(sent, 1, "it is not sent again, and nothing waits for 30 seconds");
}
