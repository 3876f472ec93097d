//! Staging and adjudication: nothing twice, nothing decided comes back, every value handed out once.

mod common;

use common::{World, patient, request, resources, weight};
use ehr_sim::Options;
use fhir_ehr::{
    client::Client,
    error::Code,
    pull::PullRequest,
    staging::{StagedRow, State, adjudicate::Decisions},
};

const MRN: &str = "M-1";
const LINES: &str = "29463-7,,weight,,MAX,\ngender,,sex,,,\nactive-problem-list,,problems,,,\n";

fn problem(id: &str, text: &str) -> String {
    format!(
        r#"{{"resourceType": "Condition", "id": "{id}", "subject": {{"reference": "Patient/p1"}}, "code": {{"text": "{text}"}},
            "clinicalStatus": {{"coding": [{{"code": "active"}}]}}, "recordedDate": "2020-01-0{}"}}"#,
        id.len()
    )
}

fn data(weights: &[(&str, &str)], problems: &[(&str, &str)]) -> Options {
    let mut texts = vec![patient("p1", MRN)];
    texts.extend(weights.iter().map(|(id, value)| weight(id, "p1", "2020-01-01", value)));
    texts.extend(problems.iter().map(|(id, text)| problem(id, text)));
    resources(&texts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// An EHR with one patient, and a user who is signed in.
struct Ehr {
    world: World,
}

impl Ehr {
    fn new(options: Options) -> Self {
        let world = World::new(options);
        world.launch("p1", "alice");
        Ehr { world }
    }

    fn pull(&self) -> Vec<StagedRow> {
        self.world.client.pull(&request("alice", MRN, LINES)).expect("a pull").rows
    }

    /// The same EHR a day later: another simulator with other data, and a client for it over the same store.
    fn later(&self, options: Options) -> (World, Client) {
        let next = World::new(options);
        let mut document = next.document();
        document["vault"] = self.world.document()["vault"].clone();
        let client = self.world.other_client(&document);
        let session = "s";
        let address = client.sign_in("sim", "alice", session, common::REDIRECT).expect("a sign-in");
        let callback = next.sim.approve(&address).expect("a callback");
        client.arrive(&common::query_of(&callback), session, common::REDIRECT).expect("signed in");
        (next, client)
    }
}

fn key_of<'a>(rows: &'a [StagedRow], value: &str) -> &'a str {
    &rows.iter().find(|row| row.value == value).unwrap_or_else(|| panic!("no row {value}")).key
}

fn decide(client: &Client, accept: &[&str], reject: &[&str]) -> Result<usize, Code> {
    let own = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    let decisions = Decisions { accept: own(accept), reject: own(reject) };
    client.adjudicate("alice", "p1", MRN, &decisions).map_err(|error| error.code())
}

fn saved_values(client: &Client) -> Vec<(String, String)> {
    let set = client.values_to_save("alice", "p1", MRN).expect("a set");
    if !set.values.is_empty() {
        client.saved("p1", MRN, &set.save_id).expect("confirmed");
    }
    set.values.into_iter().map(|value| (value.field_name, value.value)).collect()
}

fn pair(field: &str, value: &str) -> (String, String) {
    (field.to_owned(), value.to_owned())
}

#[test]
fn the_same_pull_twice_stages_nothing_twice() {
    let ehr = Ehr::new(data(&[("w1", "50.10"), ("w2", "60")], &[("c", "Asthma")]));
    let first = ehr.pull();
    let second = ehr.pull();
    assert_eq!(first.len(), 4);
    assert_eq!(
        first.iter().map(|row| &row.key).collect::<Vec<_>>(),
        second.iter().map(|row| &row.key).collect::<Vec<_>>()
    );
    assert_eq!(ehr.world.client.staged("alice", "p1", Some(MRN)).unwrap().len(), 4);
    let per_project = |project: &str| ehr.world.client.staged("alice", project, None).unwrap().len();
    assert_eq!((per_project("p1"), per_project("p2")), (4, 0));
}

#[test]
fn accepted_values_are_handed_out_exactly_once() {
    let ehr = Ehr::new(data(&[("w1", "50.10"), ("w2", "60")], &[("c", "Asthma"), ("cc", "Gout")]));
    let client = &ehr.world.client;
    let rows = ehr.pull();
    let chosen: Vec<&str> = rows.iter().filter(|row| row.preselected).map(|row| row.key.as_str()).collect();
    assert_eq!(decide(client, &chosen, &[]), Ok(4));
    let expected = [pair("problems", "Asthma\nGout"), pair("sex", "F"), pair("weight", "60")];
    assert_eq!(saved_values(client), expected);
    assert_eq!(saved_values(client), [], "nothing a second time");
    let again = ehr.pull();
    let states: Vec<State> = again.iter().map(|row| row.state).collect();
    assert_eq!(states.iter().filter(|state| **state == State::Saved).count(), 4);
    assert!(again.iter().all(|row| !row.changed));
    let open = client.staged("alice", "p1", Some(MRN)).unwrap();
    assert_eq!(open.len(), 1, "the value nobody decided on still waits");
    assert_eq!(open[0].value, "50.10");
}

#[test]
fn two_processes_that_save_at_once_get_each_value_once() {
    let ehr = Ehr::new(data(&[("w1", "50")], &[]));
    let rows = ehr.pull();
    let keys: Vec<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    decide(&ehr.world.client, &keys, &[]).unwrap();
    let document = ehr.world.document();
    let handed: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let client = ehr.world.other_client(&document);
                    match client.values_to_save("alice", "p1", MRN) {
                        Ok(set) => set.values.len(),
                        Err(error) => {
                            assert_eq!(error.code(), Code::RowConflict);
                            0
                        }
                    }
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(handed, 2);
}

#[test]
fn what_could_not_be_saved_is_handed_out_again() {
    let ehr = Ehr::new(data(&[("w1", "50")], &[]));
    let client = &ehr.world.client;
    let rows = ehr.pull();
    decide(client, &[key_of(&rows, "50")], &[]).unwrap();
    let set = client.values_to_save("alice", "p1", MRN).unwrap();
    // Here the host dies. The set stays visible, and its values are not lost.
    let out = client.staged("alice", "p1", Some(MRN)).unwrap();
    assert!(
        out.iter().any(|row| row.state == State::HandedOut && row.save_id.as_deref() == Some(&set.save_id))
    );
    client.not_saved("p1", MRN, &set.save_id).unwrap();
    assert_eq!(saved_values(client), [pair("weight", "50")]);
    assert_eq!(client.saved("p1", MRN, &set.save_id).unwrap_err().code(), Code::SaveNotFound);
}

#[test]
fn rejected_values_do_not_come_back_and_corrected_ones_show_as_changed() {
    let ehr = Ehr::new(data(&[("w1", "50"), ("w2", "60")], &[]));
    let rows = ehr.pull();
    decide(&ehr.world.client, &[key_of(&rows, "60")], &[key_of(&rows, "50")]).unwrap();
    saved_values(&ehr.world.client);
    let (_next, client) = ehr.later(data(&[("w1", "50"), ("w2", "61.5")], &[]));
    let rows = client.pull(&request("alice", MRN, LINES)).unwrap().rows;
    let find = |value: &str| rows.iter().find(|row| row.value == value).unwrap();
    assert_eq!(find("50").state, State::Rejected);
    assert_eq!((find("61.5").state, find("61.5").changed), (State::Pending, true));
    decide(&client, &[key_of(&rows, "61.5")], &[]).unwrap();
    assert_eq!(saved_values(&client), [pair("weight", "61.5")]);
}

#[test]
fn what_is_entered_in_error_since_waits_no_longer_and_a_list_is_written_whole() {
    let ehr = Ehr::new(data(&[("w1", "50")], &[("c", "Asthma"), ("cc", "Gout")]));
    let rows = ehr.pull();
    decide(&ehr.world.client, &[key_of(&rows, "Asthma"), key_of(&rows, "Gout")], &[]).unwrap();
    assert_eq!(saved_values(&ehr.world.client), [pair("problems", "Asthma\nGout")]);
    let (_next, client) = ehr.later(data(&[], &[("cc", "Gout"), ("ccc", "Flu")]));
    let rows = client.pull(&request("alice", MRN, LINES)).unwrap().rows;
    let open = client.staged("alice", "p1", Some(MRN)).unwrap();
    assert!(open.iter().all(|row| row.value != "50"), "the weight is gone from the EHR");
    decide(&client, &[key_of(&rows, "Flu")], &[]).unwrap();
    assert_eq!(saved_values(&client), [pair("problems", "Gout\nFlu")]);
}

#[test]
fn a_value_that_was_corrected_since_it_was_shown_is_not_accepted_unseen() {
    let ehr = Ehr::new(data(&[("w1", "50")], &[]));
    let shown = ehr.pull().into_iter().find(|row| row.value == "50").unwrap();
    let (_next, client) = ehr.later(data(&[("w1", "500")], &[]));
    let corrected = client.pull(&request("alice", MRN, LINES)).unwrap().rows;
    assert_eq!(decide(&client, &[&shown.decision()], &[]), Err(Code::RowConflict));
    let corrected = corrected.into_iter().find(|row| row.value == "500").unwrap();
    assert_eq!(corrected.key, shown.key, "it is the same row");
    assert_eq!(decide(&client, &[&corrected.decision()], &[]), Ok(1));
}

#[test]
fn what_is_decided_is_erased_with_its_codes() {
    let ehr = Ehr::new(data(&[("w1", "50")], &[("c", "Asthma")]));
    let rows = ehr.pull();
    decide(&ehr.world.client, &[key_of(&rows, "50")], &[key_of(&rows, "Asthma")]).unwrap();
    saved_values(&ehr.world.client);
    let document = ehr.world.document();
    let config = fhir_ehr::config::Config::from_json(&document.to_string()).unwrap();
    let vault = fhir_ehr::vault::Vault::open(&config.vault, None, None).unwrap();
    let store = fhir_ehr::store::SqliteStore::new(ehr.world.folder.path().join("store"));
    let records = fhir_ehr::store::records::Records { store: &store, vault: &vault, organization: "demo" };
    let all = records.matching::<StagedRow>(fhir_ehr::store::Kind::StagedRow, None, None).unwrap();
    let decided = all.iter().map(|row| &row.value).filter(|row| row.state != State::Pending);
    let mut seen = 0;
    for row in decided {
        assert_eq!((row.value.as_str(), &row.code, &row.display, &row.timestamp), ("", &None, &None, &None));
        seen += 1;
    }
    assert_eq!(seen, 2);
}

/// Two patients, and a client whose user may read both.
fn two_patients() -> World {
    let mut texts = vec![patient("p1", MRN), patient("p2", "M-2"), problem("c", "Asthma")];
    texts.push(problem("cc", "Gout").replace("Patient/p1", "Patient/p2"));
    let world = World::new(resources(&texts.iter().map(String::as_str).collect::<Vec<_>>()));
    world.launch("p1", "alice");
    world
}

#[test]
fn a_record_never_holds_two_patients() {
    let world = two_patients();
    let of = |mrn: &str| PullRequest { record: "r1".into(), ..request("alice", mrn, LINES) };
    let keys = |rows: &[StagedRow]| rows.iter().map(|row| row.key.clone()).collect();
    let first = world.client.pull(&of(MRN)).unwrap().rows;
    // A number that was mistyped is corrected before anybody has decided: the first patient's rows go.
    world.client.pull(&of("M-2")).unwrap();
    assert!(world.client.staged("alice", "p1", Some("r1")).unwrap().iter().all(|row| row.value != "Asthma"));
    world.client.pull(&of(MRN)).unwrap();
    let accept = Decisions { accept: keys(&first), reject: Vec::new() };
    world.client.adjudicate("alice", "p1", "r1", &accept).unwrap();
    let error = world.client.pull(&of("M-2")).unwrap_err();
    assert_eq!(error.code(), Code::PatientMismatch, "accepted values of one patient, a pull for another");
    // Taken back, they no longer stand in the way.
    let accepted: Vec<String> = keys(&first);
    assert_eq!(world.client.reopen("alice", "p1", "r1", &accepted).unwrap(), first.len());
    let second = world.client.pull(&of("M-2")).unwrap().rows;
    let accept = Decisions { accept: keys(&second), reject: Vec::new() };
    world.client.adjudicate("alice", "p1", "r1", &accept).unwrap();
    let set = world.client.values_to_save("alice", "p1", "r1").unwrap();
    assert!(set.values.iter().all(|value| !value.value.contains("Asthma")), "{set:?}");
}

#[test]
fn what_was_accepted_and_is_entered_in_error_since_is_not_saved() {
    let ehr = Ehr::new(data(&[("w1", "50"), ("w2", "60")], &[]));
    let rows = ehr.pull();
    decide(&ehr.world.client, &[key_of(&rows, "60")], &[]).unwrap();
    let (_next, client) = ehr.later(data(&[("w1", "50")], &[]));
    let rows = client.pull(&request("alice", MRN, LINES)).unwrap().rows;
    assert_eq!(saved_values(&client), []);
    assert_eq!(decide(&client, &[key_of(&rows, "50")], &[]), Ok(1), "the place is free again");
}

#[test]
fn a_pull_shows_what_will_be_saved() {
    let ehr = Ehr::new(data(&[("w1", "50.10")], &[]));
    let rows = ehr.pull();
    decide(&ehr.world.client, &[key_of(&rows, "50.10")], &[]).unwrap();
    let php = PullRequest { text: fhir_ehr::fields::TextMode::Php14, ..request("alice", MRN, LINES) };
    let rows = ehr.world.client.pull(&php).unwrap().rows;
    let row = rows.iter().find(|row| row.field_name == "weight").unwrap();
    assert_eq!((row.state, row.value.as_str(), row.preselected), (State::Accepted, "50.10", true));
}

#[test]
fn another_index_key_is_refused_before_anything_is_lost() {
    let ehr = Ehr::new(data(&[("w1", "50")], &[]));
    ehr.pull();
    let mut document = ehr.world.document();
    document["vault"]["index_key"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".into();
    let client = ehr.world.other_client(&document);
    let code = |result: Result<usize, fhir_ehr::error::Error>| result.unwrap_err().code();
    assert_eq!(code(client.staged("alice", "p1", None).map(|rows| rows.len())), Code::IndexKeyChanged);
    assert_eq!(
        code(client.pull(&request("alice", MRN, LINES)).map(|pulled| pulled.rows.len())),
        Code::IndexKeyChanged
    );
    assert_eq!(code(client.saved("p1", MRN, "x")), Code::IndexKeyChanged);
    let arrived = client.arrive("iss=x&launch=y", "s", common::REDIRECT);
    assert_eq!(arrived.unwrap_err().code(), Code::IndexKeyChanged);
}

#[test]
fn a_change_while_values_are_out_shows_after_they_were_saved() {
    let ehr = Ehr::new(data(&[("w1", "50")], &[]));
    let rows = ehr.pull();
    decide(&ehr.world.client, &[key_of(&rows, "50")], &[]).unwrap();
    let set = ehr.world.client.values_to_save("alice", "p1", MRN).unwrap();
    let (_next, client) = ehr.later(data(&[("w1", "51")], &[]));
    let state = |client: &Client| {
        let rows = client.pull(&request("alice", MRN, LINES)).unwrap().rows;
        let row = rows.into_iter().find(|row| row.value == "51").unwrap();
        (row.state, row.changed)
    };
    assert_eq!(state(&client), (State::HandedOut, false));
    assert_eq!(client.saved("p1", MRN, &set.save_id).unwrap(), 1);
    assert_eq!(state(&client), (State::Pending, true));
}

#[test]
fn decisions_are_all_or_none() {
    let ehr = Ehr::new(data(&[("w1", "50"), ("w2", "60")], &[]));
    let client = &ehr.world.client;
    let rows = ehr.pull();
    let (one, two) = (key_of(&rows, "50"), key_of(&rows, "60"));
    assert_eq!(decide(client, &[one, two], &[]), Err(Code::AdjudicationAmbiguous));
    assert_eq!(decide(client, &[one, "no-such-key"], &[]), Err(Code::RowNotFound));
    assert_eq!(decide(client, &[one], &[one]), Err(Code::RowNotFound));
    assert!(client.staged("alice", "p1", Some(MRN)).unwrap().iter().all(|row| row.state == State::Pending));
    assert_eq!(decide(client, &[one], &[]), Ok(1));
    assert_eq!(decide(client, &[two], &[]), Err(Code::AdjudicationAmbiguous), "the place is taken");
    assert_eq!(decide(client, &[one], &[]), Err(Code::RowNotFound), "decided already");
    assert_eq!(decide(client, &[], &[]), Ok(0));
}

#[test]
fn a_key_that_does_not_open_a_row_is_named_and_nothing_is_lost() {
    let ehr = Ehr::new(data(&[("w1", "50")], &[]));
    ehr.pull();
    let document = ehr.world.document();
    let mut other_id = document.clone();
    other_id["vault"]["keys"][0]["id"] = "new".into();
    other_id["vault"]["current"] = "new".into();
    let error = ehr.world.other_client(&other_id).staged("alice", "p1", None).unwrap_err();
    assert_eq!(error.code(), Code::VaultKeyMissing);
    assert!(error.message().contains("key id sim-1"), "{error}");
    let mut other_key = document.clone();
    other_key["vault"]["keys"][0]["key"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".into();
    let client = ehr.world.other_client(&other_key);
    assert_eq!(client.staged("alice", "p1", None).unwrap_err().code(), Code::VaultOpenFailed);
    let pull = client.pull(&request("alice", MRN, LINES)).unwrap_err();
    assert_eq!(pull.code(), Code::VaultOpenFailed, "the grant does not open either");
    assert_eq!(
        ehr.world.client.staged("alice", "p1", None).unwrap().len(),
        2,
        "the right key still opens them"
    );
}

#[test]
fn organizations_do_not_meet() {
    let ehr = Ehr::new(data(&[("w1", "50")], &[]));
    ehr.pull();
    let mut document = ehr.world.document();
    document["organization"] = "another".into();
    let other = ehr.world.other_client(&document);
    assert!(other.staged("alice", "p1", None).unwrap().is_empty());
    assert_eq!(other.pull(&request("alice", MRN, LINES)).unwrap_err().code(), Code::GrantNotFound);
}

#[test]
fn a_thief_of_the_file_finds_no_patient_in_it() {
    let ehr = Ehr::new(data(&[("w1", "50.123")], &[("c", "Rare disease")]));
    ehr.pull();
    for entry in std::fs::read_dir(ehr.world.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for secret in [MRN, "50.123", "Rare disease", "alice", "portal", "29463-7", "F-p1"] {
            assert!(!text.contains(secret), "{secret} stands in the file in clear");
        }
    }
}

#[test]
fn a_row_moved_to_another_record_does_not_open() {
    let ehr = Ehr::new(data(&[("w1", "50")], &[]));
    ehr.pull();
    let other = PullRequest { record: "another record".into(), ..request("alice", MRN, LINES) };
    ehr.world.client.pull(&other).unwrap();
    let file = rusqlite::Connection::open(ehr.world.folder.path().join("store")).unwrap();
    // The thief gives one record's rows to the other.
    let subjects: Vec<String> = file
        .prepare("SELECT DISTINCT subject FROM record WHERE kind = 'staged_row'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(subjects.len(), 2);
    file.execute("UPDATE record SET subject = ?1 WHERE subject = ?2", [&subjects[0], &subjects[1]]).unwrap();
    assert_eq!(ehr.world.client.staged("alice", "p1", None).unwrap_err().code(), Code::VaultOpenFailed);
}
