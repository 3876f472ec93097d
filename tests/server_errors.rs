//! Errors of an authorization server or a FHIR server as a user and an administrator read them: what happened, why, who can fix it,
//! when to retry, and the text for a ticket (rows 24 and 69; E1, E18, E24, O14, O16, O17).

mod common;
#[path = "common/grant_fixture.rs"]
mod grant_fixture;
#[path = "common/scripted_store.rs"]
mod scripted_store;

use common::{Fixture, REDIRECT, SESSION, launch_query, patient, query_of, request, resources};
use ehr_sim::{LaunchOptions, Options, Personality};
use fhir_ehr::{
    AllowAll, CheckOptions, Client, Code, Error, LaunchResult, Owner, PullRequest, RecordKind, RecordWrite,
    Retry, Store, StoredRecord,
};
use grant_fixture::GrantFixture;
use scripted_store::{Call, Reply};
use serde_json::Value;

const MRN: &str = "M-1";
const LINES: &str = "gender,,sex,,,\n";

fn fixture(personality: Personality) -> Fixture {
    Fixture::new(Options { personality, ..resources(&[&patient("p1", MRN)]) })
}

/// The error of a launch with a fault that the EHR sends to the callback or at the token request.
fn launch_error(fixture: &Fixture) -> Error {
    let options = LaunchOptions { patient: "p1".to_owned(), ..LaunchOptions::default() };
    let callback = fixture.launch_to_callback(&options);
    fixture.client.handle_launch(&query_of(&callback), SESSION, REDIRECT).unwrap_err()
}

fn system_error(client: &Client) -> Error {
    client.pull(&PullRequest { system: true, ..request("alice", MRN, LINES) }).map(drop).unwrap_err()
}

fn token_requests(fixture: &Fixture) -> usize {
    fixture.sim.requests().iter().filter(|one| one.path.ends_with("/token")).count()
}

fn facts(error: &Error) -> (Code, Owner, Retry, String) {
    (error.code(), error.owner(), error.retry(), error.cause().unwrap_or_default().to_owned())
}

/// The lines of the table for Oracle's URNs: URN, owner, retry, cause.
fn oracle_lines() -> Vec<[String; 4]> {
    let table = include_str!("../src/grant/token_errors.tsv");
    let lines = table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect());
    lines
        .filter(|cells: &Vec<&str>| cells[0] == "any" || cells[1].contains(':'))
        .map(|cells| [cells[1], cells[3], cells[4], cells[5]].map(str::to_owned))
        .collect()
}

/// Oracle's list (O17): each of its URNs has a line.
const CATALOG: &[(&str, &str)] = &[
    (
        "oauth2:grant:",
        "invalid-request unknown-client invalid-redirect-uri invalid-redirect-uri-trailing-slash redirect-uri-not-absolute \
         redirect-uri-not-registered unknown-tenant tenant-not-configured unauthorized-client-for-tenant server-error \
         unsupported-response-type csrf-security-failure denied-by-server denied-by-user invalid-patient-id \
         authorized-representative-server-error client-persona-mismatch",
    ),
    (
        "oauth2:token:",
        "unsupported-grant-type invalid-redirect-uri empty-scopes terminated-client code:invalid code-invalid-or-expired \
         code:client:mismatch code:tenant:mismatch code:tenant-terminated code:tenant-invalid invalid_authorization_header \
         invalid_client_credentials patient-scope-requires-one-patient-id tenant-not-enabled-for-testing \
         client-not-enabled-for-testing invalid-testing-scenario refresh-token:token-invalid refresh-token:session-invalid \
         refresh-token:tenant-terminated",
    ),
    (
        "smart-v1:grant:launch:",
        "audience-required launch-code-required code-required unknown-resource-server invalid-code mismatched-identity \
         unsupported-version unspecified unregistered-service audience-not-white-listed",
    ),
    (
        "",
        "preauthentication server-error session-service:authentication:cancelled session-service:authentication:error",
    ),
];

#[test]
fn each_urn_of_oracles_list_has_a_cause_an_owner_and_a_retry() {
    let mut listed: Vec<String> = CATALOG
        .iter()
        .flat_map(|(first, last)| last.split(' ').map(move |last| format!("{first}{last}")))
        .collect();
    let mut lines: Vec<String> = oracle_lines().into_iter().map(|[urn, ..]| urn).collect();
    listed.sort();
    lines.sort();
    assert_eq!(lines, listed);
}

#[test]
fn a_launch_that_oracle_refuses_says_why_and_who_can_fix_it() {
    let fixture = fixture(Personality::Oracle);
    for [urn, owner, retry, cause] in oracle_lines() {
        if urn.contains("refresh-token:") {
            continue;
        }
        fixture.sim.clear_faults();
        fixture.sim.set_fault(&format!("oracle-error:{urn}")).unwrap();
        let error = launch_error(&fixture);
        let words = (error.owner().name(), error.retry().name(), error.cause());
        assert_eq!(words, (owner.as_str(), retry.as_str(), Some(cause.as_str())), "{urn}");
        let vendor = error.vendor_error();
        assert_eq!(vendor.code.as_deref(), Some(urn.as_str()));
        assert!(vendor.correlation_id.is_some() && vendor.tenant.is_some(), "{urn} {vendor:?}");
        let link = vendor.link.as_deref().unwrap_or_default();
        assert!(link.starts_with("https://authorization.cerner.com/errors/urn"), "{urn} {link}");
        assert_eq!(error.ticket().is_some(), error.retry() == Retry::Never, "{urn}");
        assert_eq!(
            error.hint_text().is_some_and(|hint| hint.contains("pen the application from the EHR again")),
            matches!(error.retry(), Retry::AfterSignIn) || error.code() == Code::AuthorizationFailed,
            "{urn} {:?}",
            error.hint_text()
        );
        // A refused client is not asked for again before that.
        fixture.clock.0.advance(1000);
    }
}

/// The error of a pull whose refresh gets this URN.
fn refresh_error(urn: &str, suspends: bool) -> Error {
    let options = Options { personality: Personality::Oracle, ..resources(&[&patient("p1", MRN)]) };
    let change = |document: &mut Value| {
        document["sources"][0]["policy"] = serde_json::json!({ "suspends_refresh_tokens": suspends });
    };
    let fixture = Fixture::with(options, change, Box::new(AllowAll));
    fixture.launch("p1", "alice");
    fixture.sim.set_fault(&format!("oracle-error:{urn}")).unwrap();
    fixture.clock.0.advance(4000);
    fixture.client.pull(&request("alice", MRN, LINES)).map(drop).unwrap_err()
}

#[test]
fn a_refresh_that_oracle_refuses_says_why_and_who_can_fix_it() {
    for [urn, owner, retry, cause] in oracle_lines() {
        if !urn.contains("refresh-token:") {
            continue;
        }
        let error = refresh_error(&urn, false);
        let words = (error.owner().name(), error.retry().name(), error.cause());
        assert_eq!(words, (owner.as_str(), retry.as_str(), Some(cause.as_str())), "{urn}");
        assert!(error.vendor_error().link.is_some(), "{urn}");
    }
    let error = refresh_error("oauth2:token:refresh-token:token-invalid", true);
    assert_eq!(error.code(), Code::GrantSuspended);
    assert!(error.vendor_error().link.is_some(), "the page shows whether the token is suspended (O4)");
}

#[test]
fn a_client_that_is_not_authorized_for_the_tenant_has_a_text_to_paste_into_a_ticket() {
    let fixture = fixture(Personality::Oracle);
    fixture.sim.set_fault("oracle-error:oauth2:grant:unauthorized-client-for-tenant").unwrap();
    let error = launch_error(&fixture);
    let (code, owner, retry, cause) = facts(&error);
    assert_eq!((code, owner, retry), (Code::AuthorizationRejected, Owner::EhrTeam, Retry::Never));
    assert!(cause.starts_with("This client is not authorized for this tenant."), "{cause}");
    let ticket = error.ticket().unwrap();
    let vendor = error.vendor_error();
    let client_id = vendor.client_id.as_deref().unwrap();
    assert_eq!(fixture.document()["registrations"][0]["client_id"], client_id);
    for line in [
        "Error: oauth2:grant:unauthorized-client-for-tenant".to_owned(),
        format!("Client id: {client_id}"),
        format!("Tenant: {}", vendor.tenant.as_deref().unwrap()),
        format!("Correlation id: {}", vendor.correlation_id.as_deref().unwrap()),
        format!("Link: {}", vendor.link.as_deref().unwrap()),
        format!("FHIR base URL: {}", fixture.sim.iss()),
    ] {
        assert!(ticket.lines().any(|one| one == line), "{line}\n{ticket}");
    }
    assert!(ticket.lines().any(|line| line.starts_with("Time: 2") && line.ends_with('Z')), "{ticket}");
    assert!(!ticket.contains("state") && !ticket.contains("code="), "{ticket}");
    assert_eq!(error.to_json()["ticket"], ticket);
    assert_eq!(error.to_json()["vendor"]["tenant"], vendor.tenant.as_deref().unwrap());
}

#[test]
fn the_eleven_errors_of_the_smart_launcher_say_what_to_do() {
    use Code::*;
    use Owner::{EhrTeam, User, You};
    use Retry::{AfterSignIn, Never};
    let launch = |fault: &str| {
        let fixture = fixture(Personality::Smart);
        fixture.sim.set_fault(fault).unwrap();
        launch_error(&fixture)
    };
    let refresh = |fault: &str| {
        let fixture = fixture(Personality::Smart);
        fixture.launch("p1", "alice");
        fixture.sim.set_fault(fault).unwrap();
        fixture.clock.0.advance(4000);
        fixture.client.pull(&request("alice", MRN, LINES)).map(drop).unwrap_err()
    };
    let system = |fault: &str| {
        let fixture = fixture(Personality::Smart);
        fixture.sim.set_fault(fault).unwrap();
        system_error(&fixture.client)
    };
    let read = |fault: &str| {
        let fixture = fixture(Personality::Smart);
        fixture.launch("p1", "alice");
        fixture.sim.set_fault(fault).unwrap();
        fixture.client.pull(&request("alice", MRN, LINES)).map(drop).unwrap_err()
    };
    for (error, expected, text) in [
        (launch("auth_invalid_client_id"), (AuthorizationRejected, You, Never), "client id is unknown"),
        (launch("auth_invalid_scope"), (AuthorizationRejected, You, Never), "scope is unknown"),
        (launch("auth_invalid_client_secret"), (InvalidClient, You, Never), "secret or key is wrong"),
        // The launcher blames the client for a wrong code.
        (launch("token_invalid_token"), (InvalidClient, You, Never), "secret or key is wrong"),
        (refresh("token_invalid_token"), (InvalidGrant, User, AfterSignIn), "has expired or was revoked"),
        (
            refresh("token_expired_refresh_token"),
            (InvalidGrant, User, AfterSignIn),
            "has expired or was revoked",
        ),
        (system("token_expired_registration_token"), (InvalidClient, You, Never), "secret or key is wrong"),
        (system("token_invalid_scope"), (TokenRejected, You, Never), "scope is unknown"),
        (system("token_invalid_jti"), (InvalidClient, You, Never), "secret or key is wrong"),
        (read("request_invalid_token"), (FhirUnauthorized, User, AfterSignIn), ""),
        (read("request_expired_token"), (FhirUnauthorized, User, AfterSignIn), ""),
    ] {
        let (code, owner, retry, cause) = facts(&error);
        assert_eq!((code, owner, retry), expected, "{error:?}");
        assert!(cause.contains(text), "{error:?}");
        assert!(error.hint_text().is_some(), "{error:?}");
    }
    let error = system("request_expired_token");
    assert_eq!(facts(&error), (SystemAccountRejected, EhrTeam, Never, String::new()));
    let fixture = fixture(Personality::Smart);
    fixture.sim.set_fault("auth_invalid_redirect_uri").unwrap();
    let address =
        fixture.redirect(&launch_query(fixture.sim.iss(), &fixture.sim.launch(&LaunchOptions::default())));
    assert!(fixture.sim.approve(&address).is_err(), "the EHR shows the error and does not redirect");
}

#[test]
fn epics_bare_400_is_repeated_once_when_the_client_worked_before() {
    let fixture = fixture(Personality::Epic);
    fixture.launch("p1", "alice");
    let refresh = |count: u32| {
        fixture.clock.0.advance(4000);
        fixture.sim.reset_requests();
        fixture.sim.clear_faults();
        fixture.sim.set_fault(&format!("bare-400:{count}")).unwrap();
        let pulled = fixture.client.pull(&request("alice", MRN, LINES)).map(drop);
        (pulled.map_err(|error| error.code()), token_requests(&fixture))
    };
    assert_eq!(refresh(1), (Ok(()), 2));
    assert_eq!(refresh(2), (Err(Code::TokenRejected), 2), "it is repeated once only");
    assert_eq!(refresh(0), (Ok(()), 1), "the sign-in was kept");
}

#[test]
fn epics_bare_400_is_not_repeated_for_a_code_or_a_client_that_never_worked() {
    let fixture = fixture(Personality::Epic);
    fixture.sim.set_fault("bare-400").unwrap();
    let error = launch_error(&fixture);
    assert_eq!(error.code(), Code::TokenRejected);
    assert!(
        error.hint_text().unwrap().contains("to wrong credentials and to some temporary failures"),
        "{error:?}"
    );
    assert_eq!(token_requests(&fixture), 1, "a code is never sent twice");
    fixture.sim.reset_requests();
    assert_eq!(system_error(&fixture.client).code(), Code::TokenRejected);
    assert_eq!(token_requests(&fixture), 1, "nothing shows that the client works");
    fixture.sim.clear_faults();
    let system = PullRequest { system: true, ..request("alice", MRN, LINES) };
    fixture.client.pull(&system).unwrap();
    // Another process finds the stored token of the system account, so the client worked before.
    let other = fixture.other_client(&fixture.document());
    fixture.clock.0.advance(4000);
    fixture.sim.reset_requests();
    fixture.sim.set_fault("bare-400:1").unwrap();
    other.pull(&system).unwrap();
    assert_eq!(token_requests(&fixture), 2);
}

#[test]
fn a_bare_400_of_another_vendor_is_not_repeated() {
    let fixture = fixture(Personality::Oracle);
    fixture.launch("p1", "alice");
    fixture.sim.set_fault("bare-400").unwrap();
    fixture.clock.0.advance(4000);
    fixture.sim.reset_requests();
    assert_eq!(
        fixture.client.pull(&request("alice", MRN, LINES)).map(drop).unwrap_err().code(),
        Code::TokenRejected
    );
    assert_eq!(token_requests(&fixture), 1);
}

#[test]
fn an_epic_code_in_a_pull_says_who_can_fix_it_and_is_not_retried() {
    for (epic, status, owner, retry, cause) in [
        ("4130", "denied", "ehr_team", "never", "break-the-glass"),
        ("4131", "denied", "ehr_team", "never", "restricted"),
        ("4134", "denied", "ehr_team", "never", "break-the-glass"),
        ("4135", "failed", "ehr_team", "later", "daily limit"),
        ("59108", "failed", "you", "never", "category or code"),
        ("59187", "failed", "ehr_team", "never", "Epic error 59187; your EHR team can look it up."),
    ] {
        let fixture = fixture(Personality::Epic);
        fixture.launch("p1", "alice");
        let outcome = serde_json::json!({"resourceType": "OperationOutcome", "issue": [{
            "severity": "fatal", "code": "processing", "details": {"coding": [{"code": epic}]}}]});
        fixture.sim.set_fault(&format!("fhir-body:{outcome}@Observation")).unwrap();
        fixture.sim.reset_requests();
        let pulled = fixture.client.pull(&request("alice", MRN, "29463-7,,weight,,,\n")).unwrap();
        let report = &pulled.report.resources["Observation"];
        let report = serde_json::to_value(report).unwrap();
        let error = &report["error"];
        assert_eq!((&report["status"], &report["requests"]), (&status.into(), &1.into()), "{report}");
        assert_eq!((&error["owner"], &error["retry"]), (&owner.into(), &retry.into()), "{report}");
        assert!(error["cause"].as_str().unwrap().contains(cause), "{report}");
        assert_eq!(error["retry_after_seconds"].as_u64(), (epic == "4135").then_some(86_400), "{report}");
        let sent = fixture.sim.requests().iter().filter(|one| one.path.contains("/Observation")).count();
        assert_eq!(sent, 1, "{epic}");
    }
}

const SECRET_REFUSED: &str = "auth_invalid_client_secret";

#[test]
fn a_refused_client_is_not_asked_for_again_for_a_while_by_any_process() {
    let fixture = fixture(Personality::Oracle);
    let other = fixture.other_client(&fixture.document());
    fixture.sim.set_fault(SECRET_REFUSED).unwrap();
    let first = system_error(&fixture.client);
    assert!(first.hint_text().unwrap().contains("about 20 minutes at Oracle Health"), "{first:?}");
    assert_eq!((first.retry_after(), token_requests(&fixture)), (None, 1));
    let mut waits = Vec::new();
    for wait in [60, 120, 240, 480, 900, 900] {
        for client in [&fixture.client, &other] {
            let error = system_error(client);
            let (code, owner, ..) = facts(&error);
            assert_eq!((code, owner), (first.code(), first.owner()));
            assert_eq!((error.message(), error.cause()), (first.message(), first.cause()), "the same error");
            assert_eq!(error.vendor_error(), first.vendor_error());
            assert_eq!(error.retry_after().map(|wait| wait.as_secs()), Some(wait));
            assert!(
                error.hint_text().unwrap().contains(&format!("asks the EHR again in {wait} seconds")),
                "{error:?}"
            );
        }
        fixture.clock.0.advance(i64::try_from(wait).unwrap() - 1);
        assert!(system_error(&other).retry_after().is_some());
        fixture.sim.reset_requests();
        fixture.clock.0.advance(1);
        assert_eq!(system_error(&other).retry_after(), None, "after {wait} seconds it is asked for again");
        waits.push(token_requests(&fixture));
    }
    assert_eq!(waits, [1; 6]);
    fixture.clock.0.advance(900);
    fixture.sim.clear_faults();
    let system = PullRequest { system: true, ..request("alice", MRN, LINES) };
    fixture.client.pull(&system).unwrap();
    // The next refusal is a first one again.
    fixture.clock.0.advance(4000);
    fixture.sim.set_fault(SECRET_REFUSED).unwrap();
    assert_eq!(system_error(&fixture.client).retry_after(), None);
    assert_eq!(system_error(&fixture.client).retry_after().map(|wait| wait.as_secs()), Some(60));
}

#[test]
fn a_user_who_launches_while_the_client_is_refused_gets_the_error_at_once() {
    let fixture = fixture(Personality::Epic);
    fixture.sim.set_fault(SECRET_REFUSED).unwrap();
    assert_eq!(launch_error(&fixture).code(), Code::InvalidClient);
    fixture.sim.reset_requests();
    let query = launch_query(fixture.sim.iss(), &fixture.sim.launch(&LaunchOptions::default()));
    let error = fixture.client.handle_launch(&query, SESSION, REDIRECT).unwrap_err();
    assert_eq!(
        (error.code(), error.retry_after().map(|wait| wait.as_secs())),
        (Code::InvalidClient, Some(60))
    );
    assert!(error.hint_text().unwrap().contains("up to 12 hours at Epic"), "{error:?}");
    let error = fixture.client.sign_in("sim", "alice", SESSION, REDIRECT).unwrap_err();
    assert_eq!(error.code(), Code::InvalidClient);
    assert_eq!(token_requests(&fixture), 0);
    fixture.clock.0.advance(60);
    let answer = fixture.client.handle_launch(&query, SESSION, REDIRECT).unwrap();
    assert!(matches!(answer, LaunchResult::Redirect(_)), "{answer:?}");
}

/// One registration for users and for the system account.
#[test]
fn a_refused_system_account_does_not_lock_out_users() {
    let fixture = fixture(Personality::Smart);
    fixture.launch("p1", "alice");
    let mut document = fixture.document();
    document["sources"][0]["system_registration"] = document["sources"][0]["registration"].clone();
    let client = fixture.other_client(&document);
    fixture.clock.0.advance(4000);
    fixture.sim.set_fault(SECRET_REFUSED).unwrap();
    assert_eq!(system_error(&client).code(), Code::InvalidClient);
    fixture.sim.clear_faults();
    let query = launch_query(fixture.sim.iss(), &fixture.sim.launch(&LaunchOptions::default()));
    let answer = client.handle_launch(&query, SESSION, REDIRECT).unwrap();
    assert!(matches!(answer, LaunchResult::Redirect(_)), "{answer:?}");
    client.pull(&request("alice", MRN, LINES)).unwrap();
    assert!(system_error(&client).retry_after().is_some());
}

/// A worker that has used the client for nothing else cannot know that the code is wrong and not the client.
#[test]
fn a_wrong_code_that_is_answered_with_invalid_client_does_not_end_refreshes() {
    let fixture = fixture(Personality::Smart);
    fixture.launch("p1", "alice");
    fixture.clock.0.advance(4000);
    let (other, third) =
        (fixture.other_client(&fixture.document()), fixture.other_client(&fixture.document()));
    let options = LaunchOptions { patient: "p1".to_owned(), ..LaunchOptions::default() };
    let callback = query_of(&fixture.launch_to_callback(&options));
    fixture.sim.set_fault("token_invalid_token").unwrap();
    let error = other.handle_launch(&callback, SESSION, REDIRECT).unwrap_err();
    assert_eq!(error.code(), Code::InvalidClient);
    fixture.sim.clear_faults();
    let launch = |client: &Client| {
        let query = launch_query(fixture.sim.iss(), &fixture.sim.launch(&options));
        client.handle_launch(&query, SESSION, REDIRECT).map(drop).map_err(|error| error.code())
    };
    assert_eq!(launch(&third), Err(Code::InvalidClient));
    third.pull(&request("alice", MRN, LINES)).unwrap();
    assert_eq!(launch(&third), Ok(()), "this process knows that the server accepts the client");
}

#[test]
fn a_changed_secret_or_a_check_by_the_doctor_asks_again_at_once() {
    let fixture = fixture(Personality::Smart);
    let mut wrong: Value = fixture.document();
    for registration in wrong["registrations"].as_array_mut().unwrap() {
        registration["client_secret"] = "wrong-s3cret".into();
    }
    let wrong = fixture.other_client(&wrong);
    assert_eq!(system_error(&wrong).code(), Code::InvalidClient);
    assert!(system_error(&wrong).retry_after().is_some());
    let system = PullRequest { system: true, ..request("alice", MRN, LINES) };
    fixture.client.pull(&system).unwrap();
    // The right secret was refused while the registration was not active yet.
    fixture.clock.0.advance(4000);
    fixture.sim.set_fault(SECRET_REFUSED).unwrap();
    assert_eq!(system_error(&fixture.client).code(), Code::InvalidClient);
    fixture.sim.reset_requests();
    fixture.client.check_source_with("admin", "sim", CheckOptions::default()).unwrap();
    assert!(token_requests(&fixture) > 0, "the doctor asks");
    assert!(system_error(&fixture.client).retry_after().is_some(), "the doctor was refused too");
    fixture.sim.clear_faults();
    fixture.client.check_source_with("admin", "sim", CheckOptions::default()).unwrap();
    fixture.client.pull(&system).unwrap();
}

#[test]
fn without_the_store_the_process_itself_remembers_the_refusal_and_a_damaged_record_ends_no_request() {
    let fixture = GrantFixture::new(Options::default());
    let is_note = |record: &StoredRecord| record.index.state == "client_refusal";
    fixture.store.set_script(move |_, call| match call {
        Call::Write([RecordWrite::Put { record, .. }]) if is_note(record) => Some(Reply::Fails),
        _ => None,
    });
    fixture.ehr.sim.set_fault(SECRET_REFUSED).unwrap();
    assert_eq!(system_error(&fixture.client).retry_after(), None);
    assert_eq!(system_error(&fixture.client).retry_after().map(|wait| wait.as_secs()), Some(60));
    let other = fixture.ehr.other_client(&fixture.ehr.document());
    assert_eq!(system_error(&other).retry_after(), None, "another process does not know it");
    // The record of the other process is damaged in the store.
    fixture.store.set_script(|store, call| match call {
        Call::Get(kind @ RecordKind::SourceEndpoints, key) => {
            let mut record = store.get(kind, key).unwrap()?;
            record.sealed.reverse();
            Some(Reply::Record(Some(record)))
        }
        _ => None,
    });
    fixture.ehr.clock.0.advance(60);
    fixture.ehr.sim.clear_faults();
    fixture.client.pull(&PullRequest { system: true, ..request("alice", MRN, LINES) }).unwrap();
}
