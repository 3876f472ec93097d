//! A user signs out, or out and in again, while another process uses, refreshes or stores the same sign-in. The grant of the new
//! sign-in has the same key, and its version starts at 1 again.

mod common;
#[path = "common/grant_fixture.rs"]
mod grant_fixture;
#[path = "common/scripted_store.rs"]
mod scripted_store;

use common::{Fixture, REDIRECT, SESSION, patient, query_of, request, resources};
use ehr_sim::{LaunchOptions, Options, Personality};
use fhir_ehr::{
    AllowAll, Client, Code, LaunchResult, RecordKind, RecordQuery, RecordWrite, Result, SqliteStore, Store,
    StoredRecord, WriteOutcome,
};
use grant_fixture::{LINES, MRN, client, grants};
use scripted_store::{Call, Reply, ScriptedStore, puts_grant};
use serde_json::{Value, json};

/// Two sign-ins of the same user for the same patient. The store has the first one.
struct World {
    ehr: Fixture,
    store: ScriptedStore,
    client: Client,
    /// The grant of the second sign-in.
    second: StoredRecord,
}

fn world(scopes: Value) -> World {
    let options = Options { rotate_refresh_tokens: true, ..resources(&[&patient("p1", MRN)]) };
    let set_scopes = |document: &mut Value| document["sources"][0]["policy"]["scopes"] = scopes.clone();
    let ehr = Fixture::with(options, set_scopes, Box::new(AllowAll));
    let mut document = ehr.document();
    set_scopes(&mut document);
    document["limits"] = json!({"refresh_lease_seconds": 3, "retries": 0});
    let launch = || {
        ehr.launch("p1", "alice");
        ehr.clock.0.advance(1);
        grants(&ehr).remove(0)
    };
    let (first, second) = (launch(), launch());
    assert_eq!((first.key.as_str(), second.version), (second.key.as_str(), 2));
    replace(&SqliteStore::new(ehr.folder.path().join("store")), &first, 1);
    ehr.sim.reset_requests();
    let store = ScriptedStore::over(ehr.folder.path().join("store"));
    let client = client(&ehr, &document, store.clone(), None);
    World { ehr, store, client, second }
}

fn of_one_patient() -> Value {
    json!(["launch", "patient/{resource}.read", "online_access"])
}

/// Deletes the stored grant, as a sign-out does, and stores another one, as the next sign-in does. `version` - 1 changes follow.
fn replace(store: &SqliteStore, new: &StoredRecord, version: i64) {
    let (kind, key) = (RecordKind::Grant, new.key.clone());
    let stored = store.get(kind, &key).unwrap().expect("a grant");
    let mut changes = vec![RecordWrite::Delete { kind, key, expected: stored.version }];
    changes.extend((0..version).map(|expected| RecordWrite::Put { record: new.clone(), expected }));
    for change in changes {
        assert_eq!(store.write(&[change]).unwrap(), WriteOutcome::Done);
    }
}

impl World {
    fn pull(&self) -> Option<Code> {
        code(self.client.pull(&request("alice", MRN, LINES)))
    }

    /// The user signs out and in again after the next pull has read the grant.
    fn replace_after_the_scan(&self) {
        let (second, mut is_replaced) = (self.second.clone(), false);
        self.store.set_script(move |inner, call| match call {
            Call::Scan(RecordKind::Grant, query, after, limit) if !is_replaced => {
                let found = inner.scan(RecordKind::Grant, query, after, limit).unwrap();
                replace(inner, &second, 1);
                is_replaced = true;
                Some(Reply::Records(found))
            }
            _ => None,
        });
    }

    /// The user signs out and in again after the mark of the next refresh was stored and read back. `mark_fails`: the store
    /// reports that the mark was not stored.
    fn replace_after_the_mark(&self, version: i64, mark_fails: bool) {
        let (second, mut is_marked, mut is_replaced) = (self.second.clone(), false, false);
        self.store.set_script(move |inner, call| match call {
            Call::Write(batch) if puts_grant(batch) && !is_marked => {
                is_marked = true;
                inner.write(batch).unwrap();
                Some(if mark_fails { Reply::Fails } else { Reply::Written(WriteOutcome::Done) })
            }
            Call::Get(RecordKind::Grant, key) if is_marked && !is_replaced => {
                let found = inner.get(RecordKind::Grant, key).unwrap();
                replace(inner, &second, version);
                is_replaced = true;
                Some(Reply::Record(found))
            }
            _ => None,
        });
    }

    fn assert_second_is_stored(&self, case: &str) {
        let stored = grants(&self.ehr);
        assert_eq!(stored.len(), 1, "{case}");
        assert!(stored[0].sealed == self.second.sealed, "{case}: the new sign-in was replaced");
    }
}

fn code<T>(result: Result<T>) -> Option<Code> {
    result.err().map(|error| error.code())
}

fn waiting_revocations(ehr: &Fixture) -> usize {
    let store = SqliteStore::new(ehr.folder.path().join("store"));
    let state = Some("revocation".to_owned());
    let query = RecordQuery { organization: "demo".into(), state, ..RecordQuery::default() };
    store.scan(RecordKind::Grant, &query, None, 10).unwrap().len()
}

#[test]
fn a_pull_stores_its_mrns_only_with_the_grant_that_it_read() {
    let world = world(of_one_patient());
    world.replace_after_the_scan();
    assert_eq!(world.pull(), None);
    world.assert_second_is_stored("MRNs");
}

#[test]
fn a_pull_deletes_only_the_expired_grant_that_it_read() {
    let world = world(json!(["launch", "patient/{resource}.read"]));
    world.ehr.clock.0.advance(4000);
    world.replace_after_the_scan();
    assert_eq!(world.pull(), Some(Code::GrantExpired));
    world.assert_second_is_stored("expired");
    world.store.clear_script();
    assert_eq!(world.pull(), Some(Code::GrantExpired));
    assert_eq!(grants(&world.ehr).len(), 0, "an expired grant that no one replaced is deleted");
}

#[test]
fn a_late_answer_to_a_refresh_does_not_replace_a_new_sign_in_and_its_tokens_are_revoked_later() {
    for version in [1, 2, 3] {
        let world = world(json!(["launch", "user/{resource}.read", "online_access"]));
        world.ehr.clock.0.advance(4000);
        world.replace_after_the_mark(version, false);
        assert_eq!(world.pull(), None, "version {version}");
        world.assert_second_is_stored(&format!("version {version}"));
        assert_eq!(waiting_revocations(&world.ehr), 1, "version {version}");
    }
}

#[test]
fn a_refresh_that_fails_changes_nothing_of_a_new_sign_in() {
    for fault in ["token-status:503", r#"token-answer:{"error":"invalid_grant"}@token"#] {
        let world = world(of_one_patient());
        world.ehr.sim.set_fault(fault).unwrap();
        world.ehr.clock.0.advance(4000);
        world.replace_after_the_mark(2, false);
        assert!(world.pull().is_some(), "{fault}");
        world.assert_second_is_stored(fault);
    }
}

#[test]
fn a_mark_that_is_withdrawn_changes_nothing_of_a_new_sign_in() {
    let world = world(of_one_patient());
    world.ehr.clock.0.advance(4000);
    world.replace_after_the_mark(2, true);
    assert_eq!(world.pull(), Some(Code::StoreUnavailable));
    world.assert_second_is_stored("withdrawn");
}

/// A callback whose user signs out, or is removed, at a point of it.
struct Callback {
    ehr: Fixture,
    store: ScriptedStore,
    client: Client,
    other: Client,
}

#[derive(Clone, Copy, Debug)]
enum Point {
    /// After the code was exchanged: when the user link is looked up.
    Exchange,
    /// When the grant is written.
    Write,
}

#[derive(Clone, Copy, Debug)]
enum End {
    SignOut,
    Removal,
}

fn callback() -> Callback {
    let options = Options { personality: Personality::Epic, ..resources(&[&patient("p1", MRN)]) };
    let ehr = Fixture::new(options);
    let store = ScriptedStore::over(ehr.folder.path().join("store"));
    let client = client(&ehr, &ehr.document(), store.clone(), None);
    let other = ehr.other_client(&ehr.document());
    Callback { ehr, store, client, other }
}

impl Callback {
    /// Handles the callback. Returns its result and the number of revocation requests that it sent.
    fn run(self, address: &str, point: Point, end: End) -> (Result<LaunchResult>, usize, Fixture) {
        let Callback { ehr, store, client, other } = self;
        let mut has_ended = false;
        store.set_script(move |inner, call| {
            let is_now = match (point, call) {
                (Point::Exchange, Call::Get(kind, _)) => kind == RecordKind::UserLink,
                (Point::Write, Call::Write(batch)) => puts_grant(batch),
                _ => false,
            };
            if !is_now || has_ended {
                return None;
            }
            has_ended = true;
            let found = match call {
                Call::Get(kind, key) => Some(Reply::Record(inner.get(kind, key).unwrap())),
                _ => None,
            };
            match end {
                End::SignOut => drop(other.sign_out("alice", "sim").unwrap()),
                End::Removal => drop(other.remove_user("admin", "alice").unwrap()),
            }
            found
        });
        let result = client.handle_launch(&query_of(address), SESSION, REDIRECT);
        store.clear_script();
        let revocations = ehr.sim.requests().iter().filter(|one| one.path == "/auth/revoke").count();
        (result, revocations, ehr)
    }
}

#[test]
fn a_sign_in_whose_user_signs_out_during_the_callback_leaves_no_grant() {
    for point in [Point::Exchange, Point::Write] {
        for end in [End::SignOut, End::Removal] {
            let case = format!("{point:?} {end:?}");
            let callback = callback();
            let address = callback.client.sign_in("sim", "alice", SESSION, REDIRECT).unwrap();
            let address = callback.ehr.sim.approve_with_patient(&address, "p1").unwrap();
            let (result, revocations, ehr) = callback.run(&address, point, end);
            assert_eq!(code(result), Some(Code::LaunchExpired), "{case}");
            assert_eq!((grants(&ehr).len(), waiting_revocations(&ehr), revocations), (0, 0, 2), "{case}");
            assert_eq!(code(ehr.client.pull(&request("alice", MRN, LINES))), Some(Code::GrantNotFound));
            // The next sign-in works.
            let address = ehr.client.sign_in("sim", "alice", SESSION, REDIRECT).unwrap();
            let address = ehr.sim.approve_with_patient(&address, "p1").unwrap();
            assert!(ehr.client.handle_launch(&query_of(&address), SESSION, REDIRECT).is_ok(), "{case}");
            assert_eq!(code(ehr.client.pull(&request("alice", MRN, LINES))), None, "{case}");
        }
    }
}

#[test]
fn a_launch_whose_user_signs_out_or_is_removed_during_the_callback_leaves_no_grant() {
    for (point, end) in
        [(Point::Write, End::SignOut), (Point::Write, End::Removal), (Point::Exchange, End::Removal)]
    {
        let case = format!("{point:?} {end:?}");
        let callback = callback();
        callback.ehr.launch("p1", "alice");
        callback.ehr.client.sign_out("alice", "sim").unwrap();
        callback.ehr.sim.reset_requests();
        let options = LaunchOptions { patient: "p1".into(), ..LaunchOptions::default() };
        let address = callback.ehr.launch_to_callback(&options);
        let (result, revocations, ehr) = callback.run(&address, point, end);
        assert_eq!(grants(&ehr).len(), 0, "{case}");
        match (point, result) {
            (Point::Write, result) => {
                assert_eq!((code(result), revocations), (Some(Code::LaunchExpired), 2), "{case}");
            }
            // Without the link, the EHR user must log in to the application.
            (Point::Exchange, result) => {
                assert!(matches!(result, Ok(LaunchResult::LoginRequired { .. })), "{case}: {result:?}");
            }
        }
    }
}
