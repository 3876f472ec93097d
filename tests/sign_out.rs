//! Sign-out and the removal of a user: the stored grants end first, then their tokens at the EHR; and what the EHR says about a
//! stored token.

mod common;
#[path = "common/grant_fixture.rs"]
mod grant_fixture;
#[path = "common/scripted_store.rs"]
mod scripted_store;

use common::{AllowOnly, Fixture, REDIRECT, SESSION, patient, query_of, request, resources};
use ehr_sim::{LaunchOptions, Options, Personality};
use fhir_ehr::{
    Action, AllowAll, Code, LaunchResult, RecordIndex, RecordKind, RecordQuery, RecordWrite, Result, SignIn,
    SignedOutGrant, SqliteStore, Store, StoredRecord, TokenKind, TokenRevocation, ViewEnd,
};
use grant_fixture::client as scripted_client;
use scripted_store::{Call, ScriptedStore, puts_grant};
use serde_json::{Value, json};

const LINES: &str = "gender,,sex,,,\n";
const STUDY_URL: &str = "https://study.example/start.php";

fn options(personality: Personality) -> Options {
    let data = resources(&[&patient("p1", "M-1"), &patient("p2", "M-2")]);
    Options { personality, ..data }
}

fn configure(document: &mut Value) {
    document["limits"] = json!({"retries": 0, "request_seconds": 1, "refresh_lease_seconds": 3});
    document["handoff_urls"] = json!([{"url": STUDY_URL, "secret": "secret-of-study"}]);
}

fn fixture(personality: Personality) -> Fixture {
    Fixture::with(options(personality), configure, Box::new(AllowAll))
}

/// A launch by an EHR user who is linked to a user of the application.
fn launch(fixture: &Fixture, ehr_user: &str, user: &str) -> SignIn {
    let options =
        LaunchOptions { patient: "p1".into(), user: Some(ehr_user.into()), ..LaunchOptions::default() };
    let callback = fixture.launch_to_callback(&options);
    match fixture.client.handle_launch(&query_of(&callback), SESSION, REDIRECT).unwrap() {
        LaunchResult::SignedIn(sign_in) => sign_in,
        LaunchResult::LoginRequired { handover, .. } => {
            fixture.client.finish_login(&handover, SESSION, user).unwrap()
        }
        other => panic!("{other:?}"),
    }
}

fn code<T>(result: Result<T>) -> Option<Code> {
    result.err().map(|error| error.code())
}

fn pull(fixture: &Fixture, user: &str) -> Option<Code> {
    code(fixture.client.pull(&request(user, "M-1", LINES)))
}

fn stored(fixture: &Fixture, kind: RecordKind, state: Option<&str>) -> Vec<StoredRecord> {
    let store = SqliteStore::new(fixture.folder.path().join("store"));
    let state = state.map(str::to_owned);
    let query = RecordQuery { organization: "demo".into(), state, ..RecordQuery::default() };
    store.scan(kind, &query, None, 100).unwrap()
}

fn requests_to(fixture: &Fixture, path: &str) -> usize {
    fixture.sim.requests().iter().filter(|one| one.path == path).count()
}

fn tokens(ended: &[SignedOutGrant]) -> Vec<(TokenRevocation, TokenRevocation)> {
    ended.iter().map(|grant| (grant.refresh_token, grant.access_token)).collect()
}

#[test]
fn a_sign_out_ends_the_grant_here_and_at_the_ehr_and_leaves_other_users_alone() {
    let fixture = fixture(Personality::Epic);
    launch(&fixture, "portal-1", "alice");
    launch(&fixture, "portal-2", "bob");
    assert_eq!((pull(&fixture, "alice"), pull(&fixture, "bob")), (None, None));
    let ended = fixture.client.sign_out("alice", "sim").unwrap();
    assert_eq!(tokens(&ended), [(TokenRevocation::Revoked, TokenRevocation::Revoked)]);
    let one = &ended[0];
    assert_eq!((one.source.as_str(), one.error.as_deref(), one.retry_until), ("sim", None, None));
    assert_eq!(one.access_token_valid_until, None);
    assert_eq!(requests_to(&fixture, "/auth/revoke"), 2);
    assert_eq!(pull(&fixture, "alice"), Some(Code::GrantNotFound));
    assert_eq!(pull(&fixture, "bob"), None, "bob is still signed in");
    assert_eq!(stored(&fixture, RecordKind::Grant, None).len(), 1, "nothing of alice's tokens is kept");
    // The second time there is nothing to end.
    assert_eq!(fixture.client.sign_out("alice", "sim").unwrap(), []);
    assert_eq!(code(fixture.client.sign_out("alice", "unknown")), Some(Code::SourceNotFound));
    assert_eq!(code(fixture.client.sign_out("", "sim")), Some(Code::RequestInvalid));
}

/// O5
#[test]
fn oracle_revokes_the_refresh_token_and_the_access_token_lasts_until_it_expires() {
    let fixture = fixture(Personality::Oracle);
    let sign_in = launch(&fixture, "portal-1", "alice");
    let ended = fixture.client.sign_out("alice", "sim").unwrap();
    assert_eq!(tokens(&ended), [(TokenRevocation::Revoked, TokenRevocation::NotSupported)]);
    assert_eq!(ended[0].access_token_valid_until, Some(sign_in.context.expires_at));
    assert_eq!(ended[0].error.as_deref(), Some("revocation_not_supported"));
    assert_eq!(ended[0].retry_until, None);
    assert_eq!(stored(&fixture, RecordKind::Grant, None).len(), 0);
    assert_eq!(pull(&fixture, "alice"), Some(Code::GrantNotFound), "it is not used any more");
}

#[test]
fn an_expired_access_token_is_not_revoked_and_a_server_without_an_endpoint_revokes_nothing() {
    let epic = fixture(Personality::Epic);
    launch(&epic, "portal-1", "alice");
    epic.clock.0.advance(4000);
    let ended = epic.client.sign_out("alice", "sim").unwrap();
    assert_eq!(tokens(&ended), [(TokenRevocation::Revoked, TokenRevocation::Expired)]);
    assert_eq!(requests_to(&epic, "/auth/revoke"), 1);

    let launcher = fixture(Personality::Smart);
    launch(&launcher, "portal-1", "alice");
    let ended = launcher.client.sign_out("alice", "sim").unwrap();
    let not_supported = TokenRevocation::NotSupported;
    assert_eq!(tokens(&ended), [(not_supported, not_supported)]);
    let message = ended[0].message.as_deref().unwrap();
    assert!(message.contains("source sim: it publishes no revocation_endpoint"), "{message}");
    assert_eq!(pull(&launcher, "alice"), Some(Code::GrantNotFound));
}

#[test]
fn a_server_that_fails_keeps_no_grant_in_use_and_the_revocation_is_retried() {
    for fault in ["token-status:503@revoke", "html-error@revoke", "never-answers@revoke"] {
        let fixture = fixture(Personality::Epic);
        launch(&fixture, "portal-1", "alice");
        launch(&fixture, "portal-2", "bob");
        fixture.sim.set_fault(fault).unwrap();
        let ended = fixture.client.sign_out("alice", "sim").unwrap();
        let not_revoked = TokenRevocation::NotRevoked;
        assert_eq!(tokens(&ended), [(not_revoked, not_revoked)], "{fault}");
        assert!(ended[0].error.is_some() && ended[0].message.is_some(), "{fault}: {ended:?}");
        assert!(ended[0].retry_until.is_some() && ended[0].access_token_valid_until.is_some(), "{fault}");
        assert_eq!(requests_to(&fixture, "/auth/revoke"), 1, "{fault}: a user waits, so it is sent once");
        assert_eq!(pull(&fixture, "alice"), Some(Code::GrantNotFound), "{fault}");
        assert_eq!(stored(&fixture, RecordKind::Grant, Some("revocation")).len(), 1, "{fault}");
        // The tokens that wait are in no list, and a new sign-in does not find them.
        let page = fixture.client.grants("admin", None, 10).unwrap();
        assert_eq!(page.grants.len(), 1, "{fault}");
        assert_eq!(page.grants[0].user.as_deref(), Some("bob"));
        let kept = fixture.client.keep_alive("admin").unwrap();
        assert_eq!((kept.revocations_finished, kept.revocations_unfinished), (0, 1), "{fault}");
        fixture.sim.clear_faults();
        let kept = fixture.client.keep_alive("admin").unwrap();
        assert_eq!((kept.revocations_finished, kept.revocations_unfinished), (1, 0), "{fault}");
        assert_eq!(stored(&fixture, RecordKind::Grant, Some("revocation")).len(), 0, "{fault}");
        assert_eq!(pull(&fixture, "bob"), None, "{fault}");
    }
}

#[test]
fn a_revocation_that_no_one_retried_is_forgotten_after_a_week() {
    let fixture = fixture(Personality::Epic);
    launch(&fixture, "portal-1", "alice");
    fixture.sim.set_fault("token-status:503@revoke").unwrap();
    let now = fhir_ehr::Clock::now(&fixture.clock);
    let ended = fixture.client.sign_out("alice", "sim").unwrap();
    assert_eq!(ended[0].retry_until, Some(now + 7 * 86_400));
    let waiting = &stored(&fixture, RecordKind::Grant, Some("revocation"))[0];
    let left = waiting.expires_in.unwrap();
    assert!((7 * 86_400 - 60..=7 * 86_400).contains(&left), "{left}");
}

#[test]
fn tokens_that_arrive_after_the_sign_out_are_not_stored_and_are_revoked_later() {
    let fixture = fixture(Personality::Epic);
    launch(&fixture, "portal-1", "alice");
    let store = ScriptedStore::over(fixture.folder.path().join("store"));
    let mut document = fixture.document();
    configure(&mut document);
    let client = scripted_client(&fixture, &document, store.clone(), None);
    // The sign-out of another process comes between the answer to the refresh and its write, without the lease.
    let (mut token_sent, sim_requests) = (false, fixture.sim.requests().len());
    store.set_script(move |inner, call| {
        if let Call::Write(batch) = call
            && puts_grant(batch)
        {
            if token_sent {
                let query = RecordQuery { organization: "demo".into(), ..RecordQuery::default() };
                for record in inner.scan(RecordKind::Grant, &query, None, 10).unwrap() {
                    let RecordIndex { state, .. } = &record.index;
                    if state.is_empty() {
                        let (kind, key, expected) = (RecordKind::Grant, record.key, record.version);
                        inner.write(&[RecordWrite::Delete { kind, key, expected }]).unwrap();
                    }
                }
            }
            // The first write is the mark of the refresh.
            token_sent = true;
        }
        None
    });
    fixture.clock.0.advance(4000);
    assert_eq!(code(client.pull(&request("alice", "M-1", LINES))), Some(Code::GrantNotFound));
    store.clear_script();
    assert!(fixture.sim.requests().len() > sim_requests, "the refresh was sent");
    assert_eq!(stored(&fixture, RecordKind::Grant, Some("")).len(), 0, "the grant stays removed");
    let kept = fixture.client.keep_alive("admin").unwrap();
    assert_eq!((kept.revocations_finished, requests_to(&fixture, "/auth/revoke")), (1, 2));
}

#[test]
fn an_answer_that_does_not_confirm_the_revocation_is_not_taken_as_one() {
    for (answer, error, is_retried) in [
        ("status-of-success:202@revoke", "revocation_failed", true),
        (r#"token-answer:{"error":"invalid_client"}@revoke"#, "invalid_client", true),
        (r#"token-answer:{"error":"invalid_request"}@revoke"#, "revocation_failed", true),
        ("token-status:403@revoke", "token_unavailable", true),
        ("redirect-foreign@revoke", "redirect_refused", true),
    ] {
        let fixture = fixture(Personality::Epic);
        launch(&fixture, "portal-1", "alice");
        fixture.sim.set_fault(answer).unwrap();
        let ended = fixture.client.sign_out("alice", "sim").unwrap();
        let not_revoked = TokenRevocation::NotRevoked;
        assert_eq!(tokens(&ended), [(not_revoked, not_revoked)], "{answer}");
        assert_eq!(ended[0].error.as_deref(), Some(error), "{answer}");
        assert_eq!(ended[0].retry_until.is_some(), is_retried, "{answer}");
    }
}

#[test]
fn tokens_are_revoked_only_at_a_server_that_issued_them() {
    let fixture = fixture(Personality::Epic);
    launch(&fixture, "portal-1", "alice");
    let mut document = fixture.document();
    configure(&mut document);
    // The administrator has changed the source to another server.
    document["sources"][0]["iss"] = "http://127.0.0.1:9/fhir".into();
    let moved = fixture.other_client(&document);
    let ended = moved.sign_out("alice", "sim").unwrap();
    let not_supported = TokenRevocation::NotSupported;
    assert_eq!(tokens(&ended), [(not_supported, not_supported)]);
    assert!(ended[0].message.as_deref().unwrap().contains("another server issued the token"));
    assert_eq!(requests_to(&fixture, "/auth/revoke"), 0);
    assert_eq!(pull(&fixture, "alice"), Some(Code::GrantNotFound), "the grant is removed all the same");
}

#[test]
fn a_revocation_endpoint_at_another_origin_must_be_configured() {
    // Without the scope openid, a launch reads no discovery document.
    let change = |document: &mut Value| {
        configure(document);
        document["sources"][0]["policy"]["scopes"] =
            json!(["launch", "user/{resource}.read", "offline_access"]);
    };
    let fixture = Fixture::with(options(Personality::Epic), change, Box::new(AllowAll));
    launch(&fixture, "portal-1", "alice");
    launch(&fixture, "portal-2", "bob");
    // The discovery document leads elsewhere; the token endpoint is in the configuration.
    fixture.sim.set_fault("endpoint-base:http://127.0.0.1:9").unwrap();
    let ended = fixture.client.sign_out("alice", "sim").unwrap();
    assert_eq!(ended[0].refresh_token, TokenRevocation::NotSupported);
    let message = ended[0].message.as_deref().unwrap();
    assert!(message.contains("set endpoints.revocation_endpoint"), "{message}");
    let mut document = fixture.document();
    configure(&mut document);
    document["sources"][0]["endpoints"] =
        json!({"revocation_endpoint": format!("{}/auth/revoke", fixture.sim.base_url())});
    let ended = fixture.other_client(&document).sign_out("bob", "sim").unwrap();
    assert_eq!(tokens(&ended), [(TokenRevocation::Revoked, TokenRevocation::Revoked)]);
}

#[test]
fn a_sign_out_ends_the_views_and_the_sign_ins_that_are_under_way() {
    let fixture = fixture(Personality::Epic);
    let of_alice = launch(&fixture, "portal-1", "alice");
    let of_bob = launch(&fixture, "portal-2", "bob");
    let handoff = fixture.client.create_handoff("alice", &of_alice.launch_id, STUDY_URL).unwrap();
    let handle = handoff.rsplit('=').next().unwrap().to_owned();
    let address = fixture.client.sign_in("sim", "alice", SESSION, REDIRECT).unwrap();
    let callback = fixture.sim.approve_with_patient(&address, "p1").unwrap();
    fixture.client.sign_out("alice", "sim").unwrap();

    let late = fixture.client.handle_launch(&query_of(&callback), SESSION, REDIRECT).map(drop);
    assert_eq!(code(late), Some(Code::LaunchExpired), "the sign-in started before the sign-out");
    let end_of = |user: &str, id: &str| fixture.client.launch_view(user, id).unwrap().ended_by;
    assert_eq!(code(fixture.client.redeem_handoff(&handle, "secret-of-study")), Some(Code::ViewEnded));
    assert_eq!(
        code(fixture.client.create_handoff("alice", &of_alice.launch_id, STUDY_URL)),
        Some(Code::ViewEnded)
    );
    assert_eq!(end_of("alice", &of_alice.launch_id), Some(ViewEnd::Left));
    assert_eq!(end_of("bob", &of_bob.launch_id), None);
    // A new sign-in opens its own view, and not the old one.
    let again = launch(&fixture, "portal-1", "alice");
    assert_eq!(end_of("alice", &again.launch_id), None);
    assert_eq!(end_of("alice", &of_alice.launch_id), Some(ViewEnd::Left));
    let address = fixture.client.sign_in("sim", "alice", SESSION, REDIRECT).unwrap();
    let callback = fixture.sim.approve_with_patient(&address, "p1").unwrap();
    assert!(fixture.client.handle_launch(&query_of(&callback), SESSION, REDIRECT).is_ok());
}

#[test]
fn the_access_hook_decides_who_may_sign_out_whom() {
    for (allowed, own, of_others) in [(Action::Launch, true, false), (Action::Configure, false, true)] {
        let fixture =
            Fixture::with(options(Personality::Epic), configure, Box::new(AllowOnly(vec![allowed])));
        let client = &fixture.client;
        let refused = |is_allowed: bool| (!is_allowed).then_some(Code::AccessRefused);
        assert_eq!(code(client.sign_out("alice", "sim")), refused(own), "{allowed:?}");
        assert_eq!(code(client.sign_out_user("admin", "alice", "sim")), refused(of_others), "{allowed:?}");
        assert_eq!(code(client.sign_out_system_account("admin", "sim")), refused(of_others), "{allowed:?}");
        assert_eq!(code(client.remove_user("admin", "alice")), refused(of_others), "{allowed:?}");
        assert_eq!(code(client.grants("admin", None, 10)), refused(of_others), "{allowed:?}");
        assert_eq!(code(client.keep_alive("admin")), refused(of_others), "{allowed:?}");
        let introspected = code(client.introspect("admin", Some("alice"), "sim"));
        assert_eq!(introspected, Some(if of_others { Code::GrantNotFound } else { Code::AccessRefused }));
        assert!(fixture.sim.requests().is_empty(), "nothing was sent");
    }
}

#[test]
fn the_system_account_signs_out_and_gets_another_token_when_it_is_needed() {
    let fixture = fixture(Personality::Epic);
    let mut by_system = request("alice", "M-1", LINES);
    by_system.system = true;
    fixture.client.pull(&by_system).unwrap();
    launch(&fixture, "portal-1", "alice");
    let ended = fixture.client.sign_out_system_account("admin", "sim").unwrap();
    assert_eq!(tokens(&ended), [(TokenRevocation::Absent, TokenRevocation::Revoked)]);
    let grants = fixture.client.grants("admin", None, 10).unwrap().grants;
    assert_eq!(grants.iter().map(|grant| grant.user.as_deref()).collect::<Vec<_>>(), [Some("alice")]);
    fixture.client.pull(&by_system).unwrap();
}

#[test]
fn a_removed_user_has_no_grants_no_links_and_no_views() {
    let fixture = fixture(Personality::Epic);
    let mut document = fixture.document();
    configure(&mut document);
    launch(&fixture, "portal-1", "alice");
    let second = launch(&fixture, "portal-3", "alice");
    launch(&fixture, "portal-2", "bob");
    assert_eq!(fixture.client.links("admin").unwrap().len(), 3);
    let removal = fixture.client.remove_user("admin", "alice").unwrap();
    assert_eq!(removal.links, 2);
    assert_eq!(tokens(&removal.grants), [(TokenRevocation::Revoked, TokenRevocation::Revoked)]);
    assert_eq!(fixture.client.links("admin").unwrap().len(), 1, "bob's link stays");
    assert_eq!(pull(&fixture, "alice"), Some(Code::GrantNotFound));
    assert_eq!(pull(&fixture, "bob"), None);
    let view = fixture.client.launch_view("alice", &second.launch_id).unwrap();
    assert_eq!(view.ended_by, Some(ViewEnd::Left));
    // The EHR user must log in to the application again.
    let options =
        LaunchOptions { patient: "p1".into(), user: Some("portal-1".into()), ..LaunchOptions::default() };
    let callback = fixture.launch_to_callback(&options);
    let result = fixture.client.handle_launch(&query_of(&callback), SESSION, REDIRECT).unwrap();
    assert!(matches!(result, LaunchResult::LoginRequired { .. }), "{result:?}");
    let removal = fixture.client.remove_user("admin", "alice").unwrap();
    assert_eq!((removal.links, removal.grants.len()), (0, 0));
}

#[test]
fn a_user_is_removed_from_a_source_that_the_configuration_does_not_have_any_more() {
    let fixture = fixture(Personality::Epic);
    launch(&fixture, "portal-1", "alice");
    let mut document = fixture.document();
    configure(&mut document);
    document["sources"][0]["id"] = "renamed".into();
    let renamed = fixture.other_client(&document);
    let listed = renamed.grants("admin", None, 10).unwrap().grants;
    assert_eq!(serde_json::to_value(&listed[0]).unwrap()["warnings"], json!(["source_not_configured"]));
    let removal = renamed.remove_user("admin", "alice").unwrap();
    assert_eq!(removal.grants[0].source, "sim");
    assert_eq!(removal.grants[0].refresh_token, TokenRevocation::NotSupported);
    assert_eq!(stored(&fixture, RecordKind::Grant, None).len(), 0);
}

#[test]
fn a_grant_that_cannot_be_decrypted_is_removed_and_reported() {
    let fixture = fixture(Personality::Epic);
    launch(&fixture, "portal-1", "alice");
    let mut document = fixture.document();
    configure(&mut document);
    document["vault"]["keys"][0]["key"] = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=".into();
    let store = SqliteStore::new(fixture.folder.path().join("store"));
    // The record of the index key cannot be decrypted either; it is not what this test is about.
    let index_key = &stored(&fixture, RecordKind::IndexKey, None)[0];
    let delete = fhir_ehr::RecordWrite::Delete {
        kind: RecordKind::IndexKey,
        key: index_key.key.clone(),
        expected: index_key.version,
    };
    store.write(&[delete]).unwrap();
    let other_key = fixture.other_client(&document);
    let page = other_key.grants("admin", None, 10).unwrap();
    assert_eq!((page.grants.len(), page.unreadable.len()), (0, 1));
    assert_eq!(page.unreadable[0].error, "vault_open_failed");
    let ended = other_key.sign_out("alice", "sim").unwrap();
    assert_eq!(ended[0].error.as_deref(), Some("vault_open_failed"));
    assert_eq!(stored(&fixture, RecordKind::Grant, None).len(), 0);
}

/// #270
#[test]
fn a_stored_token_is_introspected_at_the_endpoint_of_the_source() {
    let fixture = fixture(Personality::Epic);
    let sign_in = launch(&fixture, "portal-1", "alice");
    let found = fixture.client.introspect("admin", Some("alice"), "sim").unwrap();
    assert_eq!(
        found.iter().map(|one| one.token).collect::<Vec<_>>(),
        [TokenKind::AccessToken, TokenKind::RefreshToken]
    );
    let access = &found[0];
    assert!(found.iter().all(|one| one.active && one.own_client == Some(true)), "{found:?}");
    assert_eq!(access.client_id.as_deref(), Some("app-user"));
    assert!(access.scope.as_deref().unwrap().contains("user/Patient.read"), "{found:?}");
    assert!((access.expires_at.unwrap() - sign_in.context.expires_at).abs() < 5, "{found:?}");
    let texts = format!("{found:?} {}", serde_json::to_string(&found).unwrap());
    for hidden in ["p1", "portal-1", "alice"] {
        assert!(!texts.contains(&format!("\"{hidden}\"")), "{texts}");
    }
    assert_eq!(requests_to(&fixture, "/auth/introspect"), 2);
    fixture.sim.expire_access_tokens();
    let found = fixture.client.introspect("admin", Some("alice"), "sim").unwrap();
    assert_eq!(found.iter().map(|one| one.active).collect::<Vec<_>>(), [false, true]);
    assert_eq!(code(fixture.client.introspect("admin", Some("bob"), "sim")), Some(Code::GrantNotFound));
    assert_eq!(code(fixture.client.introspect("admin", None, "sim")), Some(Code::GrantNotFound));
    assert_eq!(code(fixture.client.introspect("admin", None, "other")), Some(Code::SourceNotFound));
}

#[test]
fn an_introspection_that_fails_says_why() {
    let fixture = fixture(Personality::Epic);
    launch(&fixture, "portal-1", "alice");
    for (fault, expected) in [
        ("token-answer:{}@introspect", Code::IntrospectionFailed),
        (r#"token-answer:{"active":"true"}@introspect"#, Code::IntrospectionFailed),
        (r#"token-answer:{"error":"invalid_client"}@introspect"#, Code::InvalidClient),
        ("token-status:503@introspect", Code::TokenUnavailable),
        ("html-error@introspect", Code::TokenUnavailable),
        ("truncated-json@introspect", Code::IntrospectionFailed),
        ("huge-body:300000@introspect", Code::ResponseTooLarge),
    ] {
        fixture.sim.set_fault(fault).unwrap();
        let error = fixture.client.introspect("admin", Some("alice"), "sim").unwrap_err();
        assert_eq!(error.code(), expected, "{fault}: {error}");
        fixture.sim.clear_faults();
    }
    let mut document = fixture.document();
    configure(&mut document);
    document["registrations"][0]["client_secret"] = "wrong".into();
    let wrong = fixture.other_client(&document);
    assert_eq!(code(wrong.introspect("admin", Some("alice"), "sim")), Some(Code::InvalidClient));
}

#[test]
fn no_result_about_a_sign_in_shows_a_token_or_a_patient() {
    let fixture = fixture(Personality::Epic);
    let answer = json!({"access_token": "access-secret-1", "refresh_token": "refresh-secret-1", "token_type": "Bearer",
        "expires_in": 3600, "patient": "patient-secret-1", "username": "portal-1",
        "scope": "patient/Patient.read offline_access"});
    fixture.sim.set_fault(&format!("token-answer:{answer}")).unwrap();
    launch(&fixture, "portal-1", "alice");
    let client = &fixture.client;
    let mut texts = Vec::new();
    let mut note = |result: String| texts.push(result);
    let page = client.grants("admin", None, 10).unwrap();
    assert!(page.grants[0].patient_bound);
    note(format!("{page:?} {}", serde_json::to_string(&page).unwrap()));
    let echo = json!({"active": true, "scope": "refresh-secret-1", "client_id": "access-secret-1", "patient": "patient-secret-1", "username": "patient-secret-1",
        "sub": "patient-secret-1", "iss": "access-secret-1"});
    fixture.sim.set_fault(&format!("token-answer:{echo}@introspect")).unwrap();
    let found = client.introspect("admin", Some("alice"), "sim").unwrap();
    note(format!("{found:?} {}", serde_json::to_string(&found).unwrap()));
    let refusal = json!({"error": "invalid_request", "error_description": "refresh-secret-1 is unknown"});
    fixture.sim.set_fault(&format!("token-answer:{refusal}@revoke")).unwrap();
    let ended = client.sign_out("alice", "sim").unwrap();
    assert_eq!(ended[0].error.as_deref(), Some("revocation_failed"));
    note(format!("{ended:?} {}", serde_json::to_string(&ended).unwrap()));
    let kept = client.keep_alive("admin").unwrap();
    note(format!("{kept:?} {}", serde_json::to_string(&kept).unwrap()));
    for hidden in ["access-secret-1", "refresh-secret-1", "patient-secret-1"] {
        for text in &texts {
            assert!(!text.contains(hidden), "{hidden}: {text}");
        }
    }
}
