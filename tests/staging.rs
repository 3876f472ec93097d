//! Staging and adjudication: no value is staged twice, no decided value becomes pending again, every value is handed out once.

mod common;

use common::{Fixture, patient, request, resources, weight};
use ehr_sim::Options;
use fhir_ehr::{Client, Code, Decisions, EhrState, PullRequest, RowState, StagedRow};

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

/// An EHR with one patient, and a signed-in user.
struct Ehr {
    fixture: Fixture,
}

impl Ehr {
    fn new(options: Options) -> Self {
        let fixture = Fixture::new(options);
        fixture.launch("p1", "alice");
        Ehr { fixture }
    }

    fn pull(&self) -> Vec<StagedRow> {
        self.fixture.client.pull(&request("alice", MRN, LINES)).expect("a pull").rows
    }

    /// The same EHR a day later: a second simulator with other data, and a client for it over the same store.
    fn later(&self, options: Options) -> (Fixture, Client) {
        let next = Fixture::new(options);
        let mut document = next.document();
        document["vault"] = self.fixture.document()["vault"].clone();
        let client = self.fixture.other_client(&document);
        let session = "s";
        let address = client.sign_in("sim", "alice", session, common::REDIRECT).expect("a sign-in");
        let callback = next.sim.approve(&address).expect("a callback");
        client.handle_launch(&common::query_of(&callback), session, common::REDIRECT).expect("signed in");
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
        client.confirm_saved("p1", MRN, &set.save_id).expect("confirmed");
    }
    set.values.into_iter().map(|value| (value.study_field, value.value)).collect()
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
    assert_eq!(ehr.fixture.client.staged("alice", "p1", Some(MRN)).unwrap().len(), 4);
    let per_project = |project: &str| ehr.fixture.client.staged("alice", project, None).unwrap().len();
    assert_eq!((per_project("p1"), per_project("p2")), (4, 0));
}

#[test]
fn accepted_values_are_handed_out_exactly_once() {
    let ehr = Ehr::new(data(&[("w1", "50.10"), ("w2", "60")], &[("c", "Asthma"), ("cc", "Gout")]));
    let client = &ehr.fixture.client;
    let rows = ehr.pull();
    let chosen: Vec<&str> = rows.iter().filter(|row| row.preselected).map(|row| row.key.as_str()).collect();
    assert_eq!(decide(client, &chosen, &[]), Ok(4));
    let expected = [pair("problems", "Asthma\nGout"), pair("sex", "F"), pair("weight", "60")];
    assert_eq!(saved_values(client), expected);
    assert_eq!(saved_values(client), [], "no value is staged twice");
    let again = ehr.pull();
    let states: Vec<RowState> = again.iter().map(|row| row.state).collect();
    assert_eq!(states.iter().filter(|state| **state == RowState::Saved).count(), 4);
    assert!(again.iter().all(|row| !row.changed));
    let open = client.staged("alice", "p1", Some(MRN)).unwrap();
    assert_eq!(open.len(), 1, "the undecided value is still pending");
    assert_eq!(open[0].value, "50.10");
}

#[test]
fn two_processes_that_save_at_once_get_each_value_once() {
    let ehr = Ehr::new(data(&[("w1", "50")], &[]));
    let rows = ehr.pull();
    let keys: Vec<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    decide(&ehr.fixture.client, &keys, &[]).unwrap();
    let document = ehr.fixture.document();
    let handed: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let client = ehr.fixture.other_client(&document);
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
fn values_that_were_returned_unsaved_are_handed_out_again() {
    let ehr = Ehr::new(data(&[("w1", "50")], &[]));
    let client = &ehr.fixture.client;
    let rows = ehr.pull();
    decide(client, &[key_of(&rows, "50")], &[]).unwrap();
    let set = client.values_to_save("alice", "p1", MRN).unwrap();
    // The host application stops here. The set stays visible, and its values are not lost.
    let out = client.staged("alice", "p1", Some(MRN)).unwrap();
    assert!(
        out.iter()
            .any(|row| row.state == RowState::HandedOut && row.save_id.as_deref() == Some(&set.save_id))
    );
    client.return_unsaved("p1", MRN, &set.save_id).unwrap();
    assert_eq!(saved_values(client), [pair("weight", "50")]);
    assert_eq!(client.confirm_saved("p1", MRN, &set.save_id).unwrap_err().code(), Code::SaveNotFound);
    // A host does not have to check whether a set is empty.
    let empty = client.values_to_save("alice", "p1", MRN).unwrap();
    assert!(empty.values.is_empty() && empty.save_id.is_empty());
    assert_eq!(client.confirm_saved("p1", MRN, &empty.save_id).unwrap(), 0);
    assert_eq!(client.return_unsaved("p1", MRN, &empty.save_id).unwrap(), 0);
}

#[test]
fn rejected_values_are_not_staged_again_and_corrected_ones_are_marked_as_changed() {
    let ehr = Ehr::new(data(&[("w1", "50"), ("w2", "60")], &[]));
    let rows = ehr.pull();
    decide(&ehr.fixture.client, &[key_of(&rows, "60")], &[key_of(&rows, "50")]).unwrap();
    saved_values(&ehr.fixture.client);
    let (_next, client) = ehr.later(data(&[("w1", "50"), ("w2", "61.5")], &[]));
    let rows = client.pull(&request("alice", MRN, LINES)).unwrap().rows;
    let find = |value: &str| rows.iter().find(|row| row.value == value).unwrap();
    assert_eq!(find("50").state, RowState::Rejected);
    assert_eq!((find("61.5").state, find("61.5").changed), (RowState::Pending, true));
    decide(&client, &[key_of(&rows, "61.5")], &[]).unwrap();
    assert_eq!(saved_values(&client), [pair("weight", "61.5")]);
}

#[test]
fn a_saved_list_entry_stays_until_a_person_removes_it() {
    let ehr = Ehr::new(data(&[("w1", "50")], &[("c", "Asthma"), ("cc", "Gout")]));
    let rows = ehr.pull();
    decide(&ehr.fixture.client, &[key_of(&rows, "Asthma"), key_of(&rows, "Gout")], &[]).unwrap();
    assert_eq!(saved_values(&ehr.fixture.client), [pair("problems", "Asthma\nGout")]);
    let (_next, client) = ehr.later(data(&[], &[("cc", "Gout"), ("ccc", "Flu")]));
    let rows = client.pull(&request("alice", MRN, LINES)).unwrap().rows;
    let open = client.staged("alice", "p1", Some(MRN)).unwrap();
    assert!(
        open.iter().all(|row| row.value != "50"),
        "the pending weight is withdrawn, because it is no longer in the EHR"
    );
    decide(&client, &[key_of(&rows, "Flu")], &[]).unwrap();
    assert_eq!(saved_values(&client), [pair("problems", "Asthma\nGout\nFlu")]);
    let decided = client.decided("alice", "p1", MRN).unwrap();
    let asthma = decided.iter().find(|row| row.value == "Asthma").unwrap();
    assert_eq!((asthma.state, asthma.ehr_state), (RowState::Saved, EhrState::Gone));
    let remove = |key: &str| client.remove_saved("alice", "p1", MRN, &[key.to_owned()]);
    assert_eq!(remove(&asthma.key).unwrap(), 1);
    assert_eq!(remove(&asthma.key).unwrap_err().code(), Code::RowNotFound, "it is already handed out");
    // A removal can be canceled and requested again.
    assert_eq!(client.reopen("alice", "p1", MRN, std::slice::from_ref(&asthma.key)).unwrap(), 1);
    assert_eq!(saved_values(&client), []);
    assert_eq!(remove(&asthma.decision()).unwrap(), 1);
    assert_eq!(saved_values(&client), [pair("problems", "Gout\nFlu")]);
    // When the EHR has the value again, it is not staged as new.
    let (_next, client) = ehr.later(data(&[], &[("c", "Asthma"), ("cc", "Gout"), ("ccc", "Flu")]));
    client.pull(&request("alice", MRN, LINES)).unwrap();
    assert!(client.staged("alice", "p1", Some(MRN)).unwrap().iter().all(|row| !row.list));
}

#[test]
fn the_correction_of_a_saved_list_entry_replaces_it_when_it_is_accepted() {
    let ehr = Ehr::new(data(&[], &[("c", "Asthma"), ("cc", "Gout")]));
    let rows = ehr.pull();
    decide(&ehr.fixture.client, &[key_of(&rows, "Asthma"), key_of(&rows, "Gout")], &[]).unwrap();
    saved_values(&ehr.fixture.client);
    let (_next, client) = ehr.later(data(&[], &[("c", "Severe asthma"), ("cc", "Gout")]));
    let rows = client.pull(&request("alice", MRN, LINES)).unwrap().rows;
    let corrected = rows.iter().find(|row| row.value == "Severe asthma").unwrap();
    assert_eq!((corrected.state, corrected.changed), (RowState::Pending, true));
    assert_eq!(saved_values(&client), [], "nothing changes before a user accepts it");
    decide(&client, &[&corrected.decision()], &[]).unwrap();
    assert_eq!(saved_values(&client), [pair("problems", "Severe asthma\nGout")]);
}

#[test]
fn a_handed_out_list_is_not_handed_out_again_before_it_is_confirmed_or_returned() {
    let ehr = Ehr::new(data(&[], &[("c", "Asthma"), ("cc", "Gout")]));
    let client = &ehr.fixture.client;
    let rows = ehr.pull();
    decide(client, &[key_of(&rows, "Asthma")], &[]).unwrap();
    let first = client.values_to_save("alice", "p1", MRN).unwrap();
    decide(client, &[key_of(&rows, "Gout")], &[]).unwrap();
    assert_eq!(client.values_to_save("alice", "p1", MRN).unwrap().save_id, "");
    client.confirm_saved("p1", MRN, &first.save_id).unwrap();
    assert_eq!(saved_values(client), [pair("problems", "Asthma\nGout")]);
}

#[test]
fn a_value_that_was_corrected_after_it_was_shown_is_not_accepted() {
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
fn a_decided_value_is_erased_with_its_codes() {
    let ehr = Ehr::new(data(&[("w1", "50")], &[("c", "Asthma")]));
    let rows = ehr.pull();
    decide(&ehr.fixture.client, &[key_of(&rows, "50")], &[key_of(&rows, "Asthma")]).unwrap();
    saved_values(&ehr.fixture.client);
    let document = ehr.fixture.document();
    let config = fhir_ehr::Config::from_json(&document.to_string()).unwrap();
    let vault = fhir_ehr::internals::Vault::open(&config.vault, None, None).unwrap();
    let store = fhir_ehr::SqliteStore::new(ehr.fixture.folder.path().join("store"));
    let records = fhir_ehr::internals::SealedStore { store: &store, vault: &vault, organization: "demo" };
    let query = fhir_ehr::RecordQuery { organization: "demo".to_owned(), ..fhir_ehr::RecordQuery::default() };
    let all = records.find::<StagedRow>(fhir_ehr::RecordKind::StagedRow, &query).unwrap();
    let decided = all.iter().map(|row| &row.value).filter(|row| row.state != RowState::Pending);
    let mut seen = 0;
    for row in decided {
        assert_eq!((row.value.as_str(), &row.code, &row.display, &row.timestamp), ("", &None, &None, &None));
        seen += 1;
    }
    assert_eq!(seen, 2);
}

#[test]
fn an_accepted_value_stays_accepted_and_is_marked_when_the_ehr_no_longer_has_it() {
    let ehr = Ehr::new(data(&[("w1", "50"), ("w2", "60")], &[]));
    let rows = ehr.pull();
    decide(&ehr.fixture.client, &[key_of(&rows, "60")], &[]).unwrap();
    let (_next, client) = ehr.later(data(&[("w1", "50")], &[]));
    client.pull(&request("alice", MRN, LINES)).unwrap();
    let open = client.staged("alice", "p1", Some(MRN)).unwrap();
    let row = open.iter().find(|row| row.value == "60").unwrap();
    assert_eq!((row.state, row.ehr_state), (RowState::Accepted, EhrState::Gone));
    assert_eq!(decide(&client, &[key_of(&rows, "50")], &[]), Err(Code::AdjudicationAmbiguous));
    assert_eq!(saved_values(&client), [pair("weight", "60")], "only a user changes the decision");
    let decided = client.decided("alice", "p1", MRN).unwrap();
    assert_eq!((decided[0].state, decided[0].ehr_state), (RowState::Saved, EhrState::Gone));
}

#[test]
fn a_value_entered_in_error_is_withdrawn_while_pending_and_marked_once_decided() {
    for (state, accept, reject) in [
        (None, false, false),
        (Some(RowState::Accepted), true, false),
        (Some(RowState::Rejected), false, true),
    ] {
        let ehr = Ehr::new(data(&[("w1", "50")], &[]));
        let rows = ehr.pull();
        let key = [key_of(&rows, "50")];
        decide(&ehr.fixture.client, if accept { &key } else { &[] }, if reject { &key } else { &[] })
            .unwrap();
        let in_error = weight("w1", "p1", "2020-01-01", "50").replace("final", "entered-in-error");
        ehr.fixture.sim.put_resource(&in_error).unwrap();
        let pulled = ehr.fixture.client.pull(&request("alice", MRN, LINES)).unwrap();
        assert_eq!(pulled.report.resources["Observation"].discarded["entered_in_error"], 1);
        let client = &ehr.fixture.client;
        let mut all = client.staged("alice", "p1", Some(MRN)).unwrap();
        all.extend(client.decided("alice", "p1", MRN).unwrap());
        let row = all.iter().find(|row| row.study_field == "weight");
        let expected = state.map(|state| (state, EhrState::EnteredInError));
        assert_eq!(row.map(|row| (row.state, row.ehr_state)), expected);
    }
}

#[test]
fn a_value_that_no_longer_matches_its_field_is_marked_as_not_matching_and_not_as_gone() {
    let ehr = Ehr::new(data(&[], &[("c", "Asthma")]));
    let rows = ehr.pull();
    decide(&ehr.fixture.client, &[key_of(&rows, "Asthma")], &[]).unwrap();
    saved_values(&ehr.fixture.client);
    let resolved = problem("c", "Asthma").replace("active", "resolved");
    ehr.fixture.sim.put_resource(&resolved).unwrap();
    ehr.pull();
    let decided = ehr.fixture.client.decided("alice", "p1", MRN).unwrap();
    let asthma = decided.iter().find(|row| row.value == "Asthma").unwrap();
    assert_eq!((asthma.state, asthma.ehr_state), (RowState::Saved, EhrState::NotMatching));
}

#[test]
fn a_pull_with_another_window_does_not_mark_decided_values() {
    let ehr = Ehr::new(data(&[("w1", "50"), ("w2", "60")], &[]));
    let lines = "29463-7,,weight,visit_date,MAX,\n";
    let pull = |date: &str| {
        let request = common::with_date(request("alice", MRN, lines), "visit_date", date, 3);
        ehr.fixture.client.pull(&request).unwrap().rows
    };
    let rows = pull("2020-01-01");
    assert_eq!(rows.len(), 2);
    decide(&ehr.fixture.client, &[key_of(&rows, "60")], &[]).unwrap();
    assert!(pull("2021-01-01").is_empty());
    let open = ehr.fixture.client.staged("alice", "p1", Some(MRN)).unwrap();
    let marks: Vec<_> = open.iter().map(|row| (row.value.as_str(), row.state, row.ehr_state)).collect();
    assert_eq!(
        marks,
        [("60", RowState::Accepted, EhrState::Current)],
        "the EHR has the value, but the pull did not request it"
    );
}

#[test]
fn a_pull_returns_the_values_that_will_be_saved() {
    let ehr = Ehr::new(data(&[("w1", "50.10")], &[]));
    let rows = ehr.pull();
    decide(&ehr.fixture.client, &[key_of(&rows, "50.10")], &[]).unwrap();
    let php = PullRequest { text: fhir_ehr::TextMode::Php14, ..request("alice", MRN, LINES) };
    let rows = ehr.fixture.client.pull(&php).unwrap().rows;
    let row = rows.iter().find(|row| row.study_field == "weight").unwrap();
    assert_eq!((row.state, row.value.as_str(), row.preselected), (RowState::Accepted, "50.10", true));
}

#[test]
fn a_different_index_key_is_refused_before_anything_is_lost() {
    let ehr = Ehr::new(data(&[("w1", "50")], &[]));
    ehr.pull();
    let mut document = ehr.fixture.document();
    document["vault"]["index_key"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".into();
    let client = ehr.fixture.other_client(&document);
    let code = |result: Result<usize, fhir_ehr::Error>| result.unwrap_err().code();
    assert_eq!(code(client.staged("alice", "p1", None).map(|rows| rows.len())), Code::IndexKeyChanged);
    assert_eq!(
        code(client.pull(&request("alice", MRN, LINES)).map(|pulled| pulled.rows.len())),
        Code::IndexKeyChanged
    );
    assert_eq!(code(client.confirm_saved("p1", MRN, "x")), Code::IndexKeyChanged);
    let arrived = client.handle_launch("iss=x&launch=y", "s", common::REDIRECT);
    assert_eq!(arrived.unwrap_err().code(), Code::IndexKeyChanged);
}

#[test]
fn a_correction_of_a_handed_out_value_is_staged_as_a_separate_row() {
    let ehr = Ehr::new(data(&[("w1", "50")], &[]));
    let rows = ehr.pull();
    decide(&ehr.fixture.client, &[key_of(&rows, "50")], &[]).unwrap();
    let set = ehr.fixture.client.values_to_save("alice", "p1", MRN).unwrap();
    let (_next, client) = ehr.later(data(&[("w1", "51")], &[]));
    let rows = client.pull(&request("alice", MRN, LINES)).unwrap().rows;
    let corrected = rows.iter().find(|row| row.value == "51").unwrap();
    assert_eq!((corrected.state, corrected.changed), (RowState::Pending, true));
    let open = client.staged("alice", "p1", Some(MRN)).unwrap();
    let out = open.iter().find(|row| row.state == RowState::HandedOut).unwrap();
    assert_eq!((out.value.as_str(), out.ehr_state), ("50", EhrState::Corrected));
    assert_eq!(decide(&client, &[&corrected.decision()], &[]), Err(Code::AdjudicationAmbiguous));
    assert_eq!(client.confirm_saved("p1", MRN, &set.save_id).unwrap(), 1);
    decide(&client, &[&corrected.decision()], &[]).unwrap();
    assert_eq!(saved_values(&client), [pair("weight", "51")]);
}

#[test]
fn decisions_are_all_or_none() {
    let ehr = Ehr::new(data(&[("w1", "50"), ("w2", "60")], &[]));
    let client = &ehr.fixture.client;
    let rows = ehr.pull();
    let (one, two) = (key_of(&rows, "50"), key_of(&rows, "60"));
    assert_eq!(decide(client, &[one, two], &[]), Err(Code::AdjudicationAmbiguous));
    assert_eq!(decide(client, &[one, "no-such-key"], &[]), Err(Code::RowNotFound));
    assert_eq!(decide(client, &[one], &[one]), Err(Code::RowNotFound));
    assert!(
        client.staged("alice", "p1", Some(MRN)).unwrap().iter().all(|row| row.state == RowState::Pending)
    );
    assert_eq!(decide(client, &[one], &[]), Ok(1));
    assert_eq!(
        decide(client, &[two], &[]),
        Err(Code::AdjudicationAmbiguous),
        "the field has another accepted value"
    );
    assert_eq!(decide(client, &[one], &[]), Err(Code::RowNotFound), "the row is already decided");
    assert_eq!(decide(client, &[], &[]), Ok(0));
}

#[test]
fn a_vault_key_that_cannot_decrypt_a_row_is_named_and_nothing_is_lost() {
    let ehr = Ehr::new(data(&[("w1", "50")], &[]));
    ehr.pull();
    let document = ehr.fixture.document();
    let mut other_id = document.clone();
    other_id["vault"]["keys"][0]["id"] = "new".into();
    other_id["vault"]["current"] = "new".into();
    let error = ehr.fixture.other_client(&other_id).staged("alice", "p1", None).unwrap_err();
    assert_eq!(error.code(), Code::VaultKeyMissing);
    assert!(error.message().contains("key id sim-1"), "{error}");
    let mut other_key = document.clone();
    other_key["vault"]["keys"][0]["key"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".into();
    let client = ehr.fixture.other_client(&other_key);
    assert_eq!(client.staged("alice", "p1", None).unwrap_err().code(), Code::VaultOpenFailed);
    let pull = client.pull(&request("alice", MRN, LINES)).unwrap_err();
    assert_eq!(pull.code(), Code::VaultOpenFailed, "the grant cannot be decrypted either");
    assert_eq!(
        ehr.fixture.client.staged("alice", "p1", None).unwrap().len(),
        2,
        "the right key can still decrypt them"
    );
}

#[test]
fn organizations_cannot_read_each_others_data() {
    let ehr = Ehr::new(data(&[("w1", "50")], &[]));
    ehr.pull();
    let mut document = ehr.fixture.document();
    document["organization"] = "another".into();
    let other = ehr.fixture.other_client(&document);
    assert!(other.staged("alice", "p1", None).unwrap().is_empty());
    assert_eq!(other.pull(&request("alice", MRN, LINES)).unwrap_err().code(), Code::GrantNotFound);
}

#[test]
fn the_store_file_contains_no_patient_data_in_clear() {
    let ehr = Ehr::new(data(&[("w1", "50.123")], &[("c", "Rare disease")]));
    ehr.pull();
    for entry in std::fs::read_dir(ehr.fixture.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for secret in [MRN, "50.123", "Rare disease", "alice", "portal", "29463-7", "F-p1"] {
            assert!(!text.contains(secret), "{secret} is in the file in clear");
        }
    }
}

#[test]
fn a_row_that_was_moved_to_another_record_cannot_be_decrypted() {
    let ehr = Ehr::new(data(&[("w1", "50")], &[]));
    ehr.pull();
    let other = PullRequest { record: "another record".into(), ..request("alice", MRN, LINES) };
    ehr.fixture.client.pull(&other).unwrap();
    let file = rusqlite::Connection::open(ehr.fixture.folder.path().join("store")).unwrap();
    // An attacker moves the rows of one record to another.
    let subjects: Vec<String> = file
        .prepare("SELECT DISTINCT subject FROM record WHERE kind = 'staged_row'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(subjects.len(), 2);
    file.execute("UPDATE record SET subject = ?1 WHERE subject = ?2", [&subjects[0], &subjects[1]]).unwrap();
    assert!(ehr.fixture.client.staged("alice", "p1", None).unwrap().is_empty());
    let own = [MRN, "another record"].map(|record| ehr.fixture.client.staged("alice", "p1", Some(record)));
    assert!(own.into_iter().any(|rows| rows.is_err_and(|error| error.code() == Code::RowDamaged)));
}
