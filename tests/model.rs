//! A model-based test of staging: random pulls, decisions, saves, removals and kills. The model knows only the decisions, the
//! handed-out sets, and the values that the host saved.
//!
//! To extend it, add a variant to [`Step`], a weight in [`steps`], its effect in [`Run::take`], and the conditions that must be true
//! after every step in [`Run::check`]. The model never uses the code under test to find out how a row changes.

mod common;

use common::{Fixture, patient, request, resources, weight};
use fhir_ehr::{Client, Code, Decisions, PullRequest, RowState, SaveSet, StagedRow};
use proptest::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::Ordering,
};

const MRN: &str = "M-1";
const RECORD: &str = "r1";
const LINES: &str = "29463-7,,weight,,MAX,\n8302-2,,height,,,\nactive-problem-list,,problems,,,\n";
/// The same mapping without one line.
const OTHER_LINES: &str = "29463-7,,weight,,FIRST,\nactive-problem-list,,problems,,,\n";
const LIST: &str = "problems";

/// The answers of the EHR during a pull.
#[derive(Clone, Copy, Debug)]
enum Answers {
    Complete,
    Fault(&'static str),
}

/// A step of a run. A number selects one of the existing rows or resources.
#[derive(Clone, Debug)]
enum Step {
    /// A weight or height changes in the EHR.
    SetValue(usize, usize),
    /// The text or the status of a problem changes in the EHR.
    SetProblem(usize, usize, &'static str),
    /// A resource is marked as entered in error, or deleted.
    EnterInError(usize),
    Remove(usize),
    Pull(Answers, bool),
    /// A pull into the same record for another patient.
    PullOther,
    Accept(usize),
    Reject(usize),
    Reopen(usize),
    HandOut,
    /// The host stops after values were handed out, and later finds the set in the staged rows.
    HandOutAndDie,
    Saved(usize),
    NotSaved(usize),
    RemoveSaved(usize),
    Clear,
}

fn steps(writes: std::ops::Range<i64>) -> impl Strategy<Value = Vec<(Step, Option<i64>)>> {
    let answers = prop_oneof![
        5 => Just(Answers::Complete),
        1 => Just(Answers::Fault("total-plus:1")),
        1 => Just(Answers::Fault("fhir-status:500@Condition")),
        1 => Just(Answers::Fault("fhir-status:403@Observation")),
        1 => Just(Answers::Fault("bundle-type:collection")),
        1 => Just(Answers::Fault("outcome-in-searchset")),
        1 => Just(Answers::Fault(r#"fhir-body:{"resourceType":"CapabilityStatement"}@Observation"#)),
        1 => Just(Answers::Fault(r#"fhir-body:{"resourceType":"Bundle","type":"searchset","total":1}@Condition"#)),
        1 => Just(Answers::Fault("other-patient")),
    ];
    let state = prop_oneof![3 => Just("active"), 1 => Just("resolved")];
    let step = prop_oneof![
        3 => (0usize..3, 0usize..3).prop_map(|(at, value)| Step::SetValue(at, value)),
        3 => (0usize..3, 0usize..3, state).prop_map(|(at, text, state)| Step::SetProblem(at, text, state)),
        1 => (0usize..6).prop_map(Step::EnterInError),
        1 => (0usize..6).prop_map(Step::Remove),
        8 => (answers, any::<bool>()).prop_map(|(answers, other)| Step::Pull(answers, other)),
        1 => Just(Step::PullOther),
        8 => (0usize..5).prop_map(Step::Accept),
        2 => (0usize..8).prop_map(Step::Reject),
        1 => (0usize..8).prop_map(Step::Reopen),
        4 => Just(Step::HandOut),
        1 => Just(Step::HandOutAndDie),
        3 => (0usize..3).prop_map(Step::Saved),
        1 => (0usize..3).prop_map(Step::NotSaved),
        2 => (0usize..4).prop_map(Step::RemoveSaved),
        1 => Just(Step::Clear),
    ];
    // Sometimes the process is killed after a number of writes to the store.
    let kill = prop_oneof![7 => Just(None), 1 => writes.prop_map(Some)];
    prop::collection::vec((step, kill), 1..40)
}

fn problem(id: &str, text: &str, state: &str) -> String {
    format!(
        r#"{{"resourceType": "Condition", "id": "{id}", "subject": {{"reference": "Patient/p1"}}, "code": {{"text": "{text}"}},
            "clinicalStatus": {{"coding": [{{"code": "{state}"}}]}}, "verificationStatus": {{"coding": [{{"code": "confirmed"}}]}}}}"#
    )
}

/// The state of the model. It does not know how rows change.
#[derive(Default)]
struct Model {
    /// Accepted values that are not confirmed as saved, by row.
    accepted: BTreeMap<String, String>,
    /// Rejected values by resource and value. They must not be offered again.
    rejected: BTreeMap<String, BTreeSet<String>>,
    /// The handed-out sets. The host can confirm them in any order.
    out: Vec<SaveSet>,
    /// Saved rows of single values. Each must be saved once.
    saved: BTreeSet<String>,
    /// List entries in the host's record, by row.
    entries: BTreeMap<String, String>,
    /// Entries whose removal the user has requested.
    removing: BTreeSet<String>,
    /// The host's record.
    record: BTreeMap<String, String>,
}

fn base(key: &str) -> String {
    key.split('.').next().unwrap_or(key).to_owned()
}

struct Run {
    fixture: Fixture,
    model: Model,
    /// A mapping line with more rows than one batch of the store; or empty.
    bulk: &'static str,
}

/// Values of a field that is never decided. They make each pull longer than one batch.
const BULK: &str = "8310-5,,temperature,,,\n";

impl Run {
    fn new(bulk: &'static str) -> Self {
        let mut texts = vec![
            patient("p1", MRN),
            patient("p2", "M-2"),
            weight("w1", "p1", "2020-01-01", "50"),
            weight("w2", "p1", "2020-01-02", "60"),
            weight("h1", "p1", "2020-01-01", "170").replace("29463-7", "8302-2"),
            problem("c1", "Asthma", "active"),
            problem("c2", "Gout", "active"),
            weight("w9", "p2", "2020-01-01", "99"),
        ];
        let many = if bulk.is_empty() { 0 } else { 450 };
        texts.extend((0..many).map(|number| {
            weight(&format!("t{number}"), "p1", "2020-01-01", "37").replace("29463-7", "8310-5")
        }));
        let fixture = Fixture::with(
            resources(&texts.iter().map(String::as_str).collect::<Vec<_>>()),
            |document| document["limits"] = serde_json::json!({"retries": 0}),
            Box::new(fhir_ehr::AllowAll),
        );
        fixture.launch("p1", "alice");
        Run { fixture, model: Model::default(), bulk }
    }

    fn client(&self) -> &Client {
        &self.fixture.client
    }

    fn staged(&self) -> Vec<StagedRow> {
        let rows = self.client().staged("alice", "p1", Some(RECORD)).expect("the rows of one patient");
        rows.into_iter().filter(|row| row.source_field != "8310-5").collect()
    }

    fn put(&self, text: &str) {
        self.fixture.sim.put_resource(text).expect("a resource");
    }

    fn pull(&self, mrn: &str, lines: &str) -> Result<(), Code> {
        let lines = format!("{lines}{}", self.bulk);
        let pull = PullRequest { record: RECORD.into(), ..request("alice", mrn, &lines) };
        self.client().pull(&pull).map(drop).map_err(|error| error.code())
    }

    fn row(&self, state: RowState, at: usize) -> Option<StagedRow> {
        self.staged().into_iter().filter(|row| row.state == state && !row.removing).nth(at)
    }

    fn decide(&self, accept: Vec<String>, reject: Vec<String>) -> bool {
        self.client().adjudicate("alice", "p1", RECORD, &Decisions { accept, reject }).is_ok()
    }

    /// Runs one step. A failed call must change no decision, so the model changes only after success.
    fn take(&mut self, step: &Step) {
        match step {
            Step::SetValue(at, value) => {
                let value = ["50", "60", "70"][*value];
                match at {
                    2 => self.put(&weight("h1", "p1", "2020-01-01", value).replace("29463-7", "8302-2")),
                    _ => self.put(&weight(["w1", "w2"][*at], "p1", "2020-01-01", value)),
                }
            }
            Step::SetProblem(at, text, state) => {
                self.put(&problem(["c1", "c2", "c3"][*at], ["Asthma", "Gout", "Flu"][*text], state));
            }
            Step::EnterInError(at) => {
                let number = &["w1", "w2", "h1", "c1", "c2", "c3"][*at];
                self.put(&match number.chars().next() {
                    Some('c') => problem(number, "Asthma", "active").replace("confirmed", "entered-in-error"),
                    _ => weight(number, "p1", "2020-01-01", "50").replace("final", "entered-in-error"),
                });
            }
            Step::Remove(at) => {
                let (kind, id) = [
                    ("Observation", "w1"),
                    ("Observation", "w2"),
                    ("Observation", "h1"),
                    ("Condition", "c1"),
                    ("Condition", "c2"),
                    ("Condition", "c3"),
                ][*at];
                let _ = self.fixture.sim.remove_resource(kind, id);
            }
            Step::Pull(answers, other) => {
                if let Answers::Fault(fault) = answers {
                    self.fixture.sim.set_fault(fault).expect("a fault");
                }
                let _ = self.pull(MRN, if *other { OTHER_LINES } else { LINES });
                self.fixture.sim.clear_faults();
            }
            Step::PullOther => drop(self.pull("M-2", LINES)),
            Step::Accept(at) => self.accept(*at),
            Step::Reject(at) => {
                if let Some(row) = self.row(RowState::Pending, *at)
                    && self.decide(Vec::new(), vec![row.decision()])
                {
                    self.model.rejected.entry(base(&row.key)).or_default().insert(row.fingerprint);
                }
            }
            Step::Reopen(at) => {
                if let Some(row) = self.row(RowState::Accepted, *at)
                    && self.client().reopen("alice", "p1", RECORD, std::slice::from_ref(&row.key)).is_ok()
                {
                    self.model.accepted.remove(&row.key);
                }
            }
            Step::HandOut => self.hand_out(),
            Step::HandOutAndDie => self.hand_out_and_die(),
            Step::Saved(at) => self.settle(*at, true),
            Step::NotSaved(at) => self.settle(*at, false),
            Step::RemoveSaved(at) => self.remove(*at),
            Step::Clear => drop(self.client().clear_pending("alice", "p1", RECORD)),
        }
    }

    fn accept(&mut self, at: usize) {
        let Some(row) = self.row(RowState::Pending, at) else { return };
        if self.decide(vec![row.decision()], Vec::new()) {
            // A rejected value may be offered again after another value was accepted for the field.
            self.model.rejected.remove(&base(&row.key));
            self.model.accepted.insert(row.key, row.value);
        }
    }

    fn hand_out(&mut self) {
        let Ok(set) = self.client().values_to_save("alice", "p1", RECORD) else { return };
        if set.save_id.is_empty() {
            return;
        }
        let with_list = |set: &SaveSet| set.values.iter().any(|value| value.study_field == LIST);
        assert!(
            !with_list(&set) || !self.model.out.iter().any(with_list),
            "a list is handed out again only when it was settled: the later text would overwrite the earlier one"
        );
        for value in set.values.iter().filter(|value| value.study_field != LIST) {
            for key in value.keys.iter().filter(|key| !self.model.removing.contains(*key)) {
                assert!(!self.model.saved.contains(key), "a value is saved once: {value:?}");
                assert_eq!(self.model.accepted.get(key), Some(&value.value), "only what was accepted");
            }
        }
        self.model.out.push(set);
    }

    /// The result of the call is lost. The host finds the set in the staged rows and returns it.
    fn hand_out_and_die(&mut self) {
        if !self.model.out.is_empty() {
            return;
        }
        let _ = self.client().values_to_save("alice", "p1", RECORD);
        self.revive();
        let sets: BTreeSet<String> = self.staged().into_iter().filter_map(|row| row.save_id).collect();
        for save_id in sets {
            self.client().return_unsaved("p1", RECORD, &save_id).expect("the set can be returned");
        }
    }

    /// Another process continues, with a reachable store.
    fn revive(&self) {
        self.fixture.writes_left.store(i64::MAX, Ordering::SeqCst);
        self.fixture.unreachable.store(false, Ordering::SeqCst);
    }

    fn settle(&mut self, at: usize, saved: bool) {
        if self.model.out.is_empty() {
            return;
        }
        let set = self.model.out.remove(at % self.model.out.len());
        let settled = if saved {
            self.client().confirm_saved("p1", RECORD, &set.save_id)
        } else {
            self.client().return_unsaved("p1", RECORD, &set.save_id)
        };
        if settled.is_err() {
            // The host knows the set and retries later.
            self.model.out.push(set);
            return;
        }
        if saved {
            self.write(&set);
        }
    }

    /// The host writes the set into its record, and the model is updated.
    fn write(&mut self, set: &SaveSet) {
        for value in &set.values {
            let lines: Vec<&str> = value.value.lines().collect();
            if value.study_field == LIST {
                for (key, text) in &self.model.entries {
                    let corrected = value.keys.iter().any(|other| base(other) == base(key) && other > key);
                    let removed = self.model.removing.contains(key) && value.keys.contains(key);
                    assert!(
                        corrected || removed || lines.contains(&text.as_str()),
                        "a saved list is never shortened without a person: {text} in {lines:?}"
                    );
                }
            }
            for key in &value.keys {
                let was_accepted = self.model.accepted.remove(key);
                if self.model.removing.remove(key) {
                    self.model.entries.remove(key);
                    self.model.saved.remove(key);
                    // The user removed it, so it is not offered again.
                    continue;
                }
                // A user can accept an entry, and then its correction, before the set is handed out.
                let is_corrected = value.keys.iter().any(|other| base(other) == base(key) && other > key);
                if let Some(text) = was_accepted {
                    if value.study_field == LIST && !is_corrected {
                        self.model.entries.retain(|other, _| base(other) != base(key));
                        self.model.entries.insert(key.clone(), text);
                    } else {
                        self.model.saved.insert(key.clone());
                    }
                }
            }
            self.model.record.insert(value.study_field.clone(), value.value.clone());
        }
    }

    fn remove(&mut self, at: usize) {
        let decided = self.client().decided("alice", "p1", RECORD).expect("the decided rows");
        let mut saved = decided.into_iter().filter(|row| row.state == RowState::Saved);
        let Some(row) = saved.nth(at) else { return };
        if self.client().remove_saved("alice", "p1", RECORD, std::slice::from_ref(&row.key)).is_ok() {
            self.model.removing.insert(row.key);
        }
    }

    /// The conditions that must be true after every step.
    fn check(&self, step: &Step) {
        let staged = self.staged();
        let decided = self.client().decided("alice", "p1", RECORD).expect("the decided rows");
        let find = |key: &str| staged.iter().chain(&decided).find(|row| row.key == key);
        for (key, value) in &self.model.accepted {
            let row = find(key).unwrap_or_else(|| panic!("an acceptance was lost by {step:?}"));
            assert!(matches!(row.state, RowState::Accepted | RowState::HandedOut), "{step:?}: {row:?}");
            assert_eq!(row.value, *value, "{step:?}: an accepted value was changed");
        }
        for row in staged.iter().filter(|row| row.state == RowState::Pending) {
            let rejected = self.model.rejected.get(&base(&row.key));
            let again = rejected.is_some_and(|known| known.contains(&row.fingerprint));
            assert!(!again, "{step:?}: a rejected value is offered again: {row:?}");
        }
        for (key, text) in &self.model.entries {
            let row = find(key).unwrap_or_else(|| panic!("a saved entry was lost by {step:?}"));
            assert_eq!(row.value, *text, "{step:?}: a saved entry was changed");
            let on_its_way = matches!(row.state, RowState::Accepted | RowState::HandedOut) && row.removing;
            assert!(row.state == RowState::Saved || on_its_way, "{step:?}: {row:?}");
        }
        for key in &self.model.saved {
            let row = find(key).unwrap_or_else(|| panic!("the mark of a saved value was lost by {step:?}"));
            assert!(row.state == RowState::Saved || row.removing, "{step:?}: {row:?}");
        }
        let all = staged.iter().chain(&decided);
        let owners: BTreeSet<&str> =
            all.filter(|row| row.state != RowState::Rejected).map(|row| row.patient.as_str()).collect();
        assert!(owners.len() <= 1, "{step:?}: two patients in one record");
        let mut accepted: Vec<&str> = staged
            .iter()
            .filter(|row| !row.list && matches!(row.state, RowState::Accepted | RowState::HandedOut))
            .map(|row| row.study_field.as_str())
            .collect();
        let before = accepted.len();
        accepted.dedup();
        assert_eq!(accepted.len(), before, "{step:?}: two accepted values in one place");
    }
}

fn cases(default: u32) -> ProptestConfig {
    let cases = std::env::var("MODEL_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(default);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

fn run(bulk: &'static str, steps: Vec<(Step, Option<i64>)>) {
    let mut run = Run::new(bulk);
    for (step, kill) in steps {
        run.fixture.writes_left.store(kill.unwrap_or(i64::MAX), Ordering::SeqCst);
        run.take(&step);
        run.revive();
        run.check(&step);
    }
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn no_decision_is_lost_and_no_value_is_saved_twice(steps in steps(0..4)) {
        run("", steps);
    }
}

proptest! {
    #![proptest_config(cases(5))]

    #[test]
    fn the_same_holds_for_pulls_that_are_stored_in_several_batches(steps in steps(0..8)) {
        run(BULK, steps);
    }
}

/// A random run found these steps. Row 1 is the correction after row 2 was accepted.
#[test]
fn an_accepted_entry_and_its_accepted_correction_are_saved_as_the_correction() {
    let steps = [
        Step::Pull(Answers::Complete, false),
        Step::SetProblem(1, 2, "active"),
        Step::Accept(2),
        Step::EnterInError(3),
        Step::Pull(Answers::Complete, false),
        Step::Accept(1),
        Step::HandOut,
        Step::Saved(0),
    ];
    run("", steps.into_iter().map(|step| (step, None)).collect());
}
