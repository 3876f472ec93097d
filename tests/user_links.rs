//! User links: what identifies an EHR user at servers that send no `username`, the order of names, and the list and removal of links.

mod common;
#[path = "common/scripted_store.rs"]
mod scripted_store;

use common::{AllowOnly, Fixture, REDIRECT, SESSION, query_of};
use ehr_sim::{LaunchOptions, Options, Personality};
use fhir_ehr::{Action, AllowAll, Client, Code, LaunchResult, Result, UserLinkEntry};
use serde_json::{Value, json};

/// A server that names its user in the id_token only, as SMART Launcher, Medplum and oidc-provider do.
fn without_username(personality: Personality, policy: Value) -> Fixture {
    let token_answer_without = vec!["user".to_owned(), "username".to_owned()];
    let options = Options { personality, token_answer_without, ..Options::default() };
    Fixture::with(options, |document| document["sources"][0]["policy"] = policy, Box::new(AllowAll))
}

/// A launch of an EHR user: the application's user who is signed in, or `None` and the hand-over.
fn launch_as(fixture: &Fixture, client: &Client, ehr_user: &str) -> Result<LaunchResult> {
    let (patient, user) = (fixture.sim.patient_ids()[0].clone(), Some(ehr_user.to_owned()));
    let launched = fixture.sim.launch(&LaunchOptions { patient, user, ..LaunchOptions::default() });
    let query = common::launch_query(fixture.sim.iss(), &launched);
    let LaunchResult::Redirect(url) = client.handle_launch(&query, SESSION, REDIRECT)? else {
        panic!("a redirect")
    };
    client.handle_launch(&query_of(&fixture.sim.approve(&url).unwrap()), SESSION, REDIRECT)
}

fn signed_in(fixture: &Fixture, ehr_user: &str) -> String {
    match launch_as(fixture, &fixture.client, ehr_user).unwrap() {
        LaunchResult::SignedIn(signed_in) => signed_in.user,
        other => panic!("a sign-in was expected, not {other:?}"),
    }
}

/// The hand-over and the name that the login page shows.
fn login_required(fixture: &Fixture, ehr_user: &str) -> (String, Option<String>) {
    match launch_as(fixture, &fixture.client, ehr_user).unwrap() {
        LaunchResult::LoginRequired { handover, ehr_user, .. } => (handover, ehr_user),
        other => panic!("a login was expected, not {other:?}"),
    }
}

fn links(fixture: &Fixture) -> Vec<UserLinkEntry> {
    fixture.client.links("admin").unwrap()
}

#[test]
fn the_second_launch_needs_no_login_where_the_server_sends_no_username() {
    for personality in [Personality::Smart, Personality::Oracle, Personality::Epic, Personality::Generic] {
        let fixture = without_username(personality, json!({}));
        let (handover, _) = login_required(&fixture, "jdoe");
        fixture.client.finish_login(&handover, SESSION, "alice").unwrap();
        assert_eq!(signed_in(&fixture, "jdoe"), "alice", "{personality:?}");
        login_required(&fixture, "another");
        let link = &links(&fixture)[0];
        assert_eq!(link.key.as_deref(), Some("fhir_user"), "{personality:?}");
        assert_eq!(link.ehr_user.as_deref(), Some(fixture.sim.practitioner("jdoe").as_str()));
    }
}

#[test]
fn without_fhir_user_the_sub_of_the_issuer_identifies_the_user() {
    let policy = json!({"scopes": ["openid", "launch", "user/{resource}.read"]});
    let fixture = without_username(Personality::Generic, policy);
    let (handover, name) = login_required(&fixture, "jdoe");
    fixture.client.finish_login(&handover, SESSION, "alice").unwrap();
    assert_eq!(signed_in(&fixture, "jdoe"), "alice");
    let link = &links(&fixture)[0];
    assert_eq!(link.key.as_deref(), Some("sub"));
    let expected = format!("{} {}", fixture.sim.iss(), name.unwrap());
    assert_eq!(link.ehr_user.as_deref(), Some(expected.as_str()));
}

#[test]
fn a_rejected_id_token_identifies_no_one() {
    let fixture = without_username(Personality::Epic, json!({"id_token": "soft"}));
    let (handover, _) = login_required(&fixture, "jdoe");
    fixture.client.finish_login(&handover, SESSION, "alice").unwrap();
    fixture.sim.set_fault("id-token-signature:wrong").unwrap();
    let (handover, name) = login_required(&fixture, "jdoe");
    assert_eq!(name, None);
    fixture.client.finish_login(&handover, SESSION, "bob").unwrap();
    assert_eq!(links(&fixture).len(), 1, "nothing identifies the user, so nothing is linked");
}

#[test]
fn the_name_of_the_ehr_user_has_the_order_of_the_source() {
    let all = [
        "token_response",
        "preferred_username",
        "practitioner_name",
        "practitioner_identifier",
        "fhir_user",
        "sub",
    ];
    for (first, expected) in [
        ("token_response", "jdoe"),
        ("preferred_username", "jdoe"),
        ("practitioner_name", "Alex User jdoe"),
        ("practitioner_identifier", "jdoe"),
        ("fhir_user", "PRACTITIONER"),
    ] {
        let mut order = vec![first];
        order.extend(all.iter().filter(|name| **name != first));
        let policy = json!({"user_name_sources": order, "read_fhir_user": true,
            "user_identifier_system": "urn:ehr-sim:user-name",
            "scopes": ["openid", "fhirUser", "launch", "user/Patient.read", "user/Practitioner.read"]});
        let options = Options { personality: Personality::Epic, ..Options::default() };
        let fixture =
            Fixture::with(options, |document| document["sources"][0]["policy"] = policy, Box::new(AllowAll));
        let practitioner = fixture.sim.practitioner("jdoe");
        let expected = if expected == "PRACTITIONER" { practitioner.as_str() } else { expected };
        assert_eq!(login_required(&fixture, "jdoe").1.as_deref(), Some(expected), "{first}");
    }
    // A name that the server does not send is skipped.
    let fixture = without_username(Personality::Smart, json!({}));
    assert_eq!(login_required(&fixture, "jdoe").1, Some(fixture.sim.practitioner("jdoe")));
}

#[test]
fn a_display_name_is_refused_as_the_key_of_a_link() {
    let fixture = Fixture::new(Options::default());
    for name in ["practitioner_name", "launch_parameter", "preferred_username"] {
        let mut document = fixture.document();
        document["sources"][0]["policy"] = json!({"user_link_keys": [name]});
        let config = fhir_ehr::Config::from_json(&document.to_string()).unwrap();
        let error = fhir_ehr::Sources::build(&config).unwrap_err();
        assert_eq!(error.code(), Code::ConfigInvalid);
        assert!(error.message().contains(&format!("policy.user_link_keys: {name}")), "{error}");
    }
}

#[test]
fn links_are_listed_and_removed_by_an_administrator_only() {
    let fixture = Fixture::new(Options { personality: Personality::Epic, ..Options::default() });
    for (ehr_user, user) in [("jdoe", "bob"), ("asmith", "alice")] {
        let (handover, _) = login_required(&fixture, ehr_user);
        fixture.client.finish_login(&handover, SESSION, user).unwrap();
    }
    let listed = links(&fixture);
    let shown: Vec<_> = listed
        .iter()
        .map(|link| (link.application_user.as_deref().unwrap(), link.ehr_user.as_deref().unwrap()))
        .collect();
    assert_eq!(shown, [("alice", "asmith"), ("bob", "jdoe")]);
    assert!(listed.iter().all(|link| link.source.as_deref() == Some("sim") && link.created_at.is_some()));
    assert!(!format!("{listed:?}").contains("jdoe"), "Debug does not print the users");
    fixture.client.unlink("admin", &listed[1].id).unwrap();
    assert_eq!(links(&fixture).len(), 1);
    assert_eq!(signed_in(&fixture, "asmith"), "alice");
    // The next launch of the EHR user asks for the login, and links to whoever logs in.
    let (handover, _) = login_required(&fixture, "jdoe");
    fixture.client.finish_login(&handover, SESSION, "carol").unwrap();
    assert_eq!(signed_in(&fixture, "jdoe"), "carol");
    for id in [listed[1].id.as_str(), "unknown", ""] {
        let error = fixture.client.unlink("admin", id);
        match id == listed[1].id {
            true => error.unwrap(),
            false => assert_eq!(error.unwrap_err().code(), Code::UserLinkNotFound, "{id}"),
        }
    }
    let refused =
        Fixture::with(Options::default(), |_| {}, Box::new(AllowOnly(vec![Action::Launch, Action::Pull])));
    assert_eq!(refused.client.links("bob").unwrap_err().code(), Code::AccessRefused);
    assert_eq!(refused.client.unlink("bob", "x").unwrap_err().code(), Code::AccessRefused);
}

#[test]
fn an_ehr_user_who_is_linked_to_another_person_is_refused_in_each_way_to_sign_in() {
    let fixture = without_username(Personality::Generic, json!({}));
    let (first, _) = login_required(&fixture, "jdoe");
    let (second, _) = login_required(&fixture, "jdoe");
    fixture.client.finish_login(&first, SESSION, "alice").unwrap();
    let check = |error: fhir_ehr::Error| {
        assert_eq!(error.code(), Code::EhrUserOfAnother);
        assert!(error.hint_text().unwrap().contains("fhir-ehr unlink"), "{error}");
    };
    // The login of another person finishes the second launch of the same EHR user.
    check(fixture.client.finish_login(&second, SESSION, "bob").unwrap_err());
    // Bob signs in from the application, while the EHR session of jdoe is open.
    let url = fixture.client.sign_in("sim", "bob", SESSION, REDIRECT).unwrap();
    let as_default = fixture.sim.approve(&url).unwrap();
    // The default user is not linked, so this one is accepted.
    fixture.client.handle_launch(&query_of(&as_default), SESSION, REDIRECT).unwrap();
    let (handover, _) = login_required(&fixture, "portal");
    fixture.client.finish_login(&handover, SESSION, "alice").unwrap();
    let url = fixture.client.sign_in("sim", "bob", SESSION, REDIRECT).unwrap();
    let callback = fixture.sim.approve(&url).unwrap();
    check(fixture.client.handle_launch(&query_of(&callback), SESSION, REDIRECT).unwrap_err());
    // An administrator removes the link; then bob can sign in.
    for link in links(&fixture) {
        fixture.client.unlink("admin", &link.id).unwrap();
    }
    let url = fixture.client.sign_in("sim", "bob", SESSION, REDIRECT).unwrap();
    fixture.client.handle_launch(&query_of(&fixture.sim.approve(&url).unwrap()), SESSION, REDIRECT).unwrap();
}

/// A client whose source has this policy, and the same store.
fn client_with(fixture: &Fixture, policy: Value) -> Client {
    let mut document = fixture.document();
    document["sources"][0]["policy"] = policy;
    fixture.other_client(&document)
}

/// Launches and finishes the login of a user of the application.
fn log_in(fixture: &Fixture, client: &Client, ehr_user: &str, user: &str) {
    let LaunchResult::LoginRequired { handover, .. } = launch_as(fixture, client, ehr_user).unwrap() else {
        panic!("a login")
    };
    client.finish_login(&handover, SESSION, user).unwrap();
}

#[test]
fn keys_that_lead_to_two_users_are_refused() {
    let fixture = Fixture::new(Options { personality: Personality::Epic, ..Options::default() });
    // Each configuration knows the EHR user by one key only.
    log_in(&fixture, &client_with(&fixture, json!({"user_link_keys": ["token_response"]})), "jdoe", "alice");
    log_in(&fixture, &client_with(&fixture, json!({"user_link_keys": ["fhir_user"]})), "jdoe", "bob");
    let error = launch_as(&fixture, &fixture.client, "jdoe").unwrap_err();
    assert_eq!(error.code(), Code::EhrUserOfAnother);
}

#[test]
fn a_new_employee_with_an_old_user_name_is_not_signed_in_as_the_former_one() {
    let fixture = Fixture::new(Options { personality: Personality::Epic, ..Options::default() });
    log_in(&fixture, &fixture.client, "asmith", "alice");
    fixture
        .sim
        .set_fault(r#"id-token-claims:{"sub": "new-employee", "fhirUser": "Practitioner/new-employee"}"#)
        .unwrap();
    let error = launch_as(&fixture, &fixture.client, "asmith").unwrap_err();
    assert_eq!(error.code(), Code::EhrUserOfAnother);
    // Also if the sub is no key of a link.
    let only_name = client_with(&fixture, json!({"user_link_keys": ["token_response"]}));
    assert_eq!(launch_as(&fixture, &only_name, "asmith").unwrap_err().code(), Code::EhrUserOfAnother);
    // After an administrator has removed the link, each of both persons logs in once.
    assert_eq!(links(&fixture).len(), 1, "the keys of one EHR user are one link");
    fixture.client.unlink("admin", &links(&fixture)[0].id).unwrap();
    log_in(&fixture, &fixture.client, "asmith", "nina");
    assert_eq!(signed_in(&fixture, "asmith"), "nina");
}

#[test]
fn two_ehr_accounts_with_one_fhir_user_are_two_users() {
    let fixture = without_username(Personality::Generic, json!({}));
    log_in(&fixture, &fixture.client, "jdoe", "alice");
    fixture.sim.set_fault(r#"id-token-claims:{"sub": "another-account"}"#).unwrap();
    assert_eq!(launch_as(&fixture, &fixture.client, "jdoe").unwrap_err().code(), Code::EhrUserOfAnother);
}

#[test]
fn an_answer_without_the_user_name_leads_to_the_same_user() {
    let fixture = Fixture::new(Options { personality: Personality::Epic, ..Options::default() });
    log_in(&fixture, &fixture.client, "jdoe", "alice");
    let without_name = client_with(&fixture, json!({"user_name_members": ["no_such_member"]}));
    match launch_as(&fixture, &without_name, "jdoe").unwrap() {
        LaunchResult::SignedIn(signed_in) => assert_eq!(signed_in.user, "alice"),
        other => panic!("a sign-in was expected, not {other:?}"),
    }
    assert_eq!(signed_in(&fixture, "jdoe"), "alice");
    assert_eq!(fixture.client.remove_user("admin", "alice").unwrap().links, 1);
    login_required(&fixture, "jdoe");
    match launch_as(&fixture, &without_name, "jdoe").unwrap() {
        LaunchResult::LoginRequired { .. } => {}
        other => panic!("a login was expected, not {other:?}"),
    }
}

#[test]
fn a_link_of_an_older_version_is_valid_and_gets_its_details_when_it_is_used() {
    use fhir_ehr::internals::{SealedStore, Vault};
    let fixture = Fixture::new(Options { personality: Personality::Epic, ..Options::default() });
    let (handover, _) = login_required(&fixture, "jdoe");
    fixture.client.finish_login(&handover, SESSION, "alice").unwrap();
    let new = links(&fixture);
    // The record as an older version wrote it: only the two names.
    let config = fhir_ehr::Config::from_json(&fixture.document().to_string()).unwrap();
    let vault = Vault::open(&config.vault, None, None).unwrap();
    let store = fhir_ehr::SqliteStore::new(fixture.folder.path().join("store"));
    let records = SealedStore { store: &store, vault: &vault, organization: "demo" };
    let stored = fhir_ehr::Store::get(&store, fhir_ehr::RecordKind::UserLink, &new[0].id).unwrap().unwrap();
    let address = fhir_ehr::internals::Address { key: new[0].id.clone(), ..Default::default() };
    let old = json!({"ehr_user": "jdoe", "application_user": "alice"});
    records.write(fhir_ehr::RecordKind::UserLink, &address, &old, stored.version).unwrap();

    let listed = links(&fixture).remove(0);
    assert_eq!((listed.source, listed.key, listed.created_at), (None, None, None));
    assert_eq!(
        (listed.ehr_user.as_deref(), listed.application_user.as_deref()),
        (Some("jdoe"), Some("alice"))
    );
    assert_eq!(signed_in(&fixture, "jdoe"), "alice");
    let listed = links(&fixture).remove(0);
    assert_eq!((listed.source.as_deref(), listed.key.as_deref()), (Some("sim"), Some("token_response")));

    // A damaged record ends each sign-in of its EHR user with an error, is listed, and can be removed.
    let mut damaged =
        fhir_ehr::Store::get(&store, fhir_ehr::RecordKind::UserLink, &new[0].id).unwrap().unwrap();
    *damaged.sealed.last_mut().unwrap() ^= 1;
    let expected = damaged.version;
    fhir_ehr::Store::write(&store, &[fhir_ehr::RecordWrite::Put { record: damaged, expected }]).unwrap();
    assert!(launch_as(&fixture, &fixture.client, "jdoe").is_err());
    let listed = links(&fixture).remove(0);
    assert_eq!((listed.damaged, listed.application_user), (true, None));
    fixture.client.unlink("admin", &listed.id).unwrap();
    login_required(&fixture, "jdoe");
}

#[test]
fn a_link_of_an_older_version_learns_who_its_ehr_user_is() {
    use fhir_ehr::internals::{SealedStore, Vault};
    let fixture = Fixture::new(Options { personality: Personality::Epic, ..Options::default() });
    log_in(&fixture, &client_with(&fixture, json!({"user_link_keys": ["token_response"]})), "jdoe", "alice");
    let id = links(&fixture)[0].id.clone();
    let config = fhir_ehr::Config::from_json(&fixture.document().to_string()).unwrap();
    let vault = Vault::open(&config.vault, None, None).unwrap();
    let store = fhir_ehr::SqliteStore::new(fixture.folder.path().join("store"));
    let records = SealedStore { store: &store, vault: &vault, organization: "demo" };
    let stored = fhir_ehr::Store::get(&store, fhir_ehr::RecordKind::UserLink, &id).unwrap().unwrap();
    let address = fhir_ehr::internals::Address { key: id, ..Default::default() };
    let old = json!({"ehr_user": "jdoe", "application_user": "alice"});
    records.write(fhir_ehr::RecordKind::UserLink, &address, &old, stored.version).unwrap();

    assert_eq!(signed_in(&fixture, "jdoe"), "alice");
    assert_eq!(links(&fixture).len(), 1);
    let without_name = client_with(&fixture, json!({"user_name_members": ["no_such_member"]}));
    assert!(matches!(launch_as(&fixture, &without_name, "jdoe").unwrap(), LaunchResult::SignedIn(_)));
    fixture.sim.set_fault(r#"id-token-claims:{"sub": "another"}"#).unwrap();
    assert_eq!(launch_as(&fixture, &fixture.client, "jdoe").unwrap_err().code(), Code::EhrUserOfAnother);
}

#[test]
fn a_link_that_changes_while_its_user_is_removed_is_removed_too() {
    use fhir_ehr::{RecordKind, RecordWrite, Store};
    use scripted_store::{Call, ScriptedStore};
    use std::sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    };
    let fixture = Fixture::new(Options { personality: Personality::Epic, ..Options::default() });
    log_in(&fixture, &fixture.client, "jdoe", "alice");
    let store = ScriptedStore::over(fixture.folder.path().join("store"));
    let config = fhir_ehr::Config::from_json(&fixture.document().to_string()).unwrap();
    let hooks = fhir_ehr::Hooks::new(Box::new(store.clone()), Box::new(AllowAll));
    let client = Client::new(config, hooks).unwrap();
    // Another process writes the link just before it is deleted, the first so many times.
    let changes_left = Arc::new(AtomicI64::new(i64::MAX));
    let left = Arc::clone(&changes_left);
    store.set_script(move |inner, call| {
        let Call::Write([RecordWrite::Delete { kind: RecordKind::UserLink, key, .. }, ..]) = call else {
            return None;
        };
        if left.fetch_sub(1, Ordering::SeqCst) > 0 {
            let record = inner.get(RecordKind::UserLink, key).unwrap()?;
            let expected = record.version;
            inner.write(&[RecordWrite::Put { record, expected }]).unwrap();
        }
        None
    });
    let id = links(&fixture)[0].id.clone();
    assert_eq!(client.remove_user("admin", "alice").unwrap_err().code(), Code::StoreConflict);
    assert_eq!(client.unlink("admin", &id).unwrap_err().code(), Code::StoreConflict);
    assert_eq!(signed_in(&fixture, "jdoe"), "alice");
    changes_left.store(1, Ordering::SeqCst);
    assert_eq!(client.remove_user("admin", "alice").unwrap().links, 1);
    login_required(&fixture, "jdoe");
}
