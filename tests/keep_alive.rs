//! The list of stored grants, and the call that keeps unused offline sign-ins alive.

mod common;

use common::{Fixture, REDIRECT, SESSION, patient, query_of, request, resources};
use ehr_sim::{LaunchOptions, Options, Personality};
use fhir_ehr::{
    AllowAll, Code, GrantAction, GrantEntry, GrantLapse, GrantStatus, GrantWarning, KeepAliveOutcome,
    LaunchResult,
};
use serde_json::{Value, json};
use std::time::Duration;

const DAY: i64 = 86_400;
const SECRETS: [&str; 3] = ["access_token\":\"", "refresh_token\":\"", "M-1"];

fn offline(document: &mut Value) {
    document["limits"] = json!({"retries": 0, "refresh_lease_seconds": 3});
    let scopes = json!(["openid", "fhirUser", "launch", "user/Patient.read", "offline_access"]);
    document["sources"][0]["policy"] = json!({ "scopes": scopes });
}

fn fixture(change: impl FnOnce(&mut Value)) -> Fixture {
    let data = resources(&[&patient("p1", "M-1")]);
    let options = Options { personality: Personality::Oracle, ..data };
    Fixture::with(options, change, Box::new(AllowAll))
}

fn launch(fixture: &Fixture, ehr_user: &str, user: &str) {
    let options =
        LaunchOptions { patient: "p1".into(), user: Some(ehr_user.into()), ..LaunchOptions::default() };
    let callback = fixture.launch_to_callback(&options);
    if let LaunchResult::LoginRequired { handover, .. } =
        fixture.client.handle_launch(&query_of(&callback), SESSION, REDIRECT).unwrap()
    {
        fixture.client.finish_login(&handover, SESSION, user).unwrap();
    }
}

/// Moves the clocks of the client and of the EHR.
fn advance(fixture: &Fixture, seconds: i64) {
    fixture.clock.0.advance(seconds);
    fixture.sim.advance(Duration::from_secs(seconds.unsigned_abs()));
}

fn listed(fixture: &Fixture, user: &str) -> GrantEntry {
    let page = fixture.client.grants("admin", None, 1_000).unwrap();
    page.grants.into_iter().find(|grant| grant.user.as_deref() == Some(user)).expect("the grant")
}

fn refreshes(fixture: &Fixture) -> usize {
    let requests = fixture.sim.requests();
    requests.iter().filter(|one| one.grant_type.as_deref() == Some("refresh_token")).count()
}

#[test]
fn the_list_says_since_when_and_until_when_a_user_is_signed_in() {
    let fixture = fixture(offline);
    let started = fhir_ehr::Clock::now(&fixture.clock);
    launch(&fixture, "portal-1", "alice");
    let grant = listed(&fixture, "alice");
    assert_eq!((grant.source.as_str(), grant.system_account, grant.patient_bound), ("sim", false, false));
    assert_eq!((grant.status, grant.action, grant.advice), (GrantStatus::Active, GrantAction::None, None));
    assert_eq!((grant.signed_in_at, grant.refreshed_at), (Some(started), None));
    assert_eq!((grant.access_token_expires_at, grant.refresh_token), (started + 570, true));
    assert_eq!((grant.lapse, grant.lapses_at), (GrantLapse::Unused, Some(started + 90 * DAY)));
    assert_eq!(grant.warnings, []);
    // The list sends nothing and changes nothing.
    assert_eq!(
        fixture.client.grants("admin", None, 10).unwrap(),
        fixture.client.grants("admin", None, 10).unwrap()
    );
    assert_eq!(refreshes(&fixture), 0);
    advance(&fixture, 80 * DAY);
    let grant = listed(&fixture, "alice");
    assert_eq!((grant.action, grant.warnings), (GrantAction::None, vec![GrantWarning::LapsesSoon]));
    advance(&fixture, 10 * DAY);
    let grant = listed(&fixture, "alice");
    assert_eq!((grant.action, grant.warnings), (GrantAction::SignIn, vec![GrantWarning::ProbablyLapsed]));
}

#[test]
fn a_refresh_token_that_was_requested_and_is_missing_is_a_warning() {
    let data = resources(&[&patient("p1", "M-1")]);
    let options = Options {
        personality: Personality::Oracle,
        token_answer_without: vec!["refresh_token".to_owned()],
        ..data
    };
    let fixture = Fixture::with(options, offline, Box::new(AllowAll));
    launch(&fixture, "portal-1", "alice");
    let grant = listed(&fixture, "alice");
    assert_eq!(grant.warnings, [GrantWarning::RefreshTokenMissing]);
    assert_eq!((grant.status, grant.lapse), (GrantStatus::NoRefreshToken, GrantLapse::AccessToken));
    assert_eq!(grant.lapses_at, Some(grant.access_token_expires_at));
    advance(&fixture, 600);
    let grant = listed(&fixture, "alice");
    assert_eq!((grant.status, grant.action), (GrantStatus::Expired, GrantAction::SignIn));
    assert!(grant.advice.unwrap().contains("User alice must sign in again"));
}

#[test]
fn a_sign_in_that_the_ehr_ended_is_listed_with_who_must_act() {
    for (personality, status, action) in [
        (Personality::Epic, GrantStatus::Revoked, GrantAction::SignIn),
        (Personality::Oracle, GrantStatus::Suspended, GrantAction::AskEhrTeam),
    ] {
        let data = resources(&[&patient("p1", "M-1")]);
        let fixture = Fixture::with(Options { personality, ..data }, offline, Box::new(AllowAll));
        launch(&fixture, "portal-1", "alice");
        fixture.sim.revoke_refresh_tokens();
        advance(&fixture, DAY);
        fixture.client.pull(&request("alice", "M-1", "gender,,sex,,,\n")).unwrap_err();
        let grant = listed(&fixture, "alice");
        assert_eq!((grant.status, grant.action), (status, action), "{personality:?}");
        assert!(grant.trouble_since.is_some() && grant.lapse == GrantLapse::Ended, "{grant:?}");
        assert!(
            grant.advice.unwrap().contains("user alice must sign in again") || status == GrantStatus::Revoked
        );
        // A new sign-in replaces it.
        launch(&fixture, "portal-1", "alice");
        let grant = listed(&fixture, "alice");
        assert_eq!((grant.status, grant.trouble_since), (GrantStatus::Active, None), "{personality:?}");
    }
}

#[test]
fn the_list_has_pages_and_holds_no_secret() {
    let fixture = fixture(offline);
    for number in 0..5 {
        launch(&fixture, &format!("portal-{number}"), &format!("user-{number}"));
    }
    let (mut users, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = fixture.client.grants("admin", after.as_deref(), 2).unwrap();
        assert!(page.grants.len() <= 2);
        let text = format!("{page:?} {}", serde_json::to_string(&page).unwrap());
        assert!(SECRETS.iter().all(|secret| !text.contains(secret)), "{text}");
        users.extend(page.grants.into_iter().filter_map(|grant| grant.user));
        pages += 1;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    users.sort();
    assert_eq!((users.len(), pages), (5, 3));
    users.dedup();
    assert_eq!(users.len(), 5, "each grant is on one page");
    for limit in [0, 1_001] {
        let error = fixture.client.grants("admin", None, limit).unwrap_err();
        assert_eq!(error.code(), Code::RequestInvalid);
    }
}

/// O2
#[test]
fn an_unused_offline_sign_in_is_refreshed_once_and_stays_alive() {
    let fixture = fixture(offline);
    launch(&fixture, "portal-1", "alice");
    launch(&fixture, "portal-2", "bob");
    advance(&fixture, 29 * DAY);
    let kept = fixture.client.keep_alive("admin").unwrap();
    assert_eq!((kept.grants.len(), kept.not_due, refreshes(&fixture)), (0, 2, 0));
    advance(&fixture, DAY);
    launch(&fixture, "portal-2", "bob");
    let kept = fixture.client.keep_alive("admin").unwrap();
    assert_eq!((kept.grants.len(), kept.not_due, refreshes(&fixture)), (1, 1, 1));
    let one = &kept.grants[0];
    assert_eq!((one.user.as_str(), one.outcome), ("alice", KeepAliveOutcome::Refreshed));
    assert_eq!((one.error.as_deref(), one.message.as_deref()), (None, None));
    let grant = listed(&fixture, "alice");
    let now = fhir_ehr::Clock::now(&fixture.clock);
    assert_eq!((grant.refreshed_at, grant.lapses_at), (Some(now), Some(now + 90 * DAY)));
    let again = fixture.client.keep_alive("admin").unwrap();
    assert_eq!((again.grants.len(), refreshes(&fixture)), (0, 1), "never twice");
}

#[test]
fn online_sign_ins_and_other_vendors_are_not_kept_alive() {
    let fixture = fixture(|document| {
        document["sources"][0]["policy"] =
            json!({"scopes": ["launch", "user/Patient.read", "online_access"]});
    });
    launch(&fixture, "portal-1", "alice");
    advance(&fixture, 60 * DAY);
    let kept = fixture.client.keep_alive("admin").unwrap();
    assert_eq!((kept.grants.len(), kept.not_due, refreshes(&fixture)), (0, 1, 0));
    assert_eq!(listed(&fixture, "alice").lapse, GrantLapse::EhrSession);
}

#[test]
fn one_failure_does_not_stop_the_others_and_a_server_that_is_down_is_asked_three_times() {
    let fixture = fixture(offline);
    for number in 0..5 {
        launch(&fixture, &format!("portal-{number}"), &format!("user-{number}"));
    }
    advance(&fixture, 30 * DAY);
    fixture.sim.set_fault("token-status:503").unwrap();
    let kept = fixture.client.keep_alive("admin").unwrap();
    let count = |outcome| kept.count(outcome);
    assert_eq!((count(KeepAliveOutcome::Failed), count(KeepAliveOutcome::Skipped)), (3, 2));
    assert_eq!(refreshes(&fixture), 3);
    assert!(kept.grants.iter().all(|one| one.message.is_some()), "{kept:?}");
    // One failure at the start, then the server works.
    fixture.sim.clear_faults();
    fixture.sim.set_fault("token-status:503:1").unwrap();
    let kept = fixture.client.keep_alive("admin").unwrap();
    let count = |outcome| kept.count(outcome);
    assert_eq!((count(KeepAliveOutcome::Failed), count(KeepAliveOutcome::Refreshed)), (1, 4));
    let kept = fixture.client.keep_alive("admin").unwrap();
    assert_eq!((kept.count(KeepAliveOutcome::Refreshed), kept.not_due), (1, 4));
    // A refused sign-in names its user, and the others go on.
    advance(&fixture, 30 * DAY);
    fixture.sim.revoke_refresh_tokens();
    launch(&fixture, "portal-0", "user-0");
    advance(&fixture, 30 * DAY);
    let kept = fixture.client.keep_alive("admin").unwrap();
    assert_eq!((kept.grants.len(), kept.count(KeepAliveOutcome::Refreshed)), (5, 1));
    for one in kept.grants.iter().filter(|one| one.outcome != KeepAliveOutcome::Refreshed) {
        let message = one.message.as_deref().unwrap();
        assert!(message.contains(&one.user) && message.contains("sign in again"), "{message}");
    }
}
