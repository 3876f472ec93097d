//! docs/conformance.tsv: the client requirements of SMART App Launch 2.2.0 by number. docs/conformance.md is made from it.

use super::{code_span, part_holds, read, root, table};
use ehr_sim::rule_switches;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::{Command, Output},
};

/// How many rows each verb has in the standard, and the sum of all numbers: a row that is left out or has another number is found.
const VERBS: [(&str, usize); 6] =
    [("SHALL", 115), ("SHALL NOT", 6), ("SHOULD", 25), ("SHOULD NOT", 3), ("MAY", 15), ("DEPRECATED", 9)];
const SUM_OF_NUMBERS: u32 = 31_200;

struct Requirement {
    number: u16,
    verb: String,
    rule: String,
    test: String,
    reason: String,
}

impl Requirement {
    fn is_binding(&self) -> bool {
        self.verb.starts_with("SHALL")
    }
}

fn requirements() -> Vec<Requirement> {
    read("docs/conformance.tsv")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let [number, verb, rule, test, reason] = cells[..] else {
                panic!("docs/conformance.tsv: five cells are needed: {line}")
            };
            Requirement {
                number: number.parse().expect("a number"),
                verb: verb.to_owned(),
                rule: rule.to_owned(),
                test: test.to_owned(),
                reason: reason.to_owned(),
            }
        })
        .collect()
}

/// The tests in tests/conformance: the name, and whether it has a switch.
fn tests() -> BTreeMap<String, bool> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(root().join("tests/conformance")).expect("tests/conformance") {
        let text = fs::read_to_string(entry.expect("an entry").path()).expect("text");
        for line in text.lines().filter_map(|line| line.trim().strip_prefix("requirement_")) {
            let words: Vec<&str> = line.split_whitespace().take(4).collect();
            let [digits, "=", number, verb] = words[..] else { continue };
            assert_eq!(
                digits.parse::<u16>().ok(),
                number.parse().ok(),
                "requirement_{digits} has another number"
            );
            let other = found.insert(format!("requirement_{digits}"), verb == "shall");
            assert_eq!(other, None, "requirement_{digits} is there twice");
        }
    }
    found
}

#[test]
fn each_requirement_has_a_test_or_a_reason() {
    let all = requirements();
    assert_eq!(all.len(), 173);
    for (verb, count) in VERBS {
        assert_eq!(all.iter().filter(|one| one.verb == verb).count(), count, "{verb}");
    }
    assert!(
        all.is_sorted_by(|one, next| one.number < next.number),
        "the rows are in the order of their numbers"
    );
    assert_eq!(all.iter().map(|one| u32::from(one.number)).sum::<u32>(), SUM_OF_NUMBERS);
    let tests = tests();
    let mut wrong = Vec::new();
    for one in &all {
        if one.rule.is_empty() || one.test.is_empty() == one.reason.is_empty() {
            wrong.push(format!("#{}: a rule, and a test or a reason", one.number));
        }
        let has_switch = tests.get(&one.test);
        if !one.test.is_empty() && has_switch != Some(&one.is_binding()) {
            wrong.push(format!(
                "#{}: {} does not exist, or is not a `shall` test of a SHALL row",
                one.number, one.test
            ));
        }
    }
    let named: BTreeSet<&str> = all.iter().map(|one| one.test.as_str()).collect();
    wrong.extend(
        tests.keys().filter(|name| !named.contains(name.as_str())).map(|name| format!("{name} has no row")),
    );
    assert!(wrong.is_empty(), "docs/conformance.tsv:\n{}", wrong.join("\n"));
}

#[test]
fn each_test_of_a_binding_requirement_has_a_switch() {
    let tested = requirements().into_iter().filter(|one| one.is_binding() && !one.test.is_empty());
    let tested: BTreeSet<u16> = tested.map(|one| one.number).collect();
    let switches: BTreeSet<u16> = rule_switches().iter().map(|switch| switch.number).collect();
    assert_eq!(tested, switches);
}

#[test]
fn the_requirements_are_documented() {
    let effects: BTreeMap<u16, &str> =
        rule_switches().into_iter().map(|switch| (switch.number, switch.effect)).collect();
    let all = requirements();
    let rows = all.iter().map(|one| {
        let shown = if one.test.is_empty() { one.reason.clone() } else { code_span(&one.test) };
        let effect = effects.get(&one.number).copied().unwrap_or_default().to_owned();
        vec![format!("#{}", one.number), one.verb.clone(), one.rule.clone(), shown, effect]
    });
    let header = ["number", "verb", "rule", "test, or why there is none", "what the switch does"];
    part_holds("docs/conformance.md", "conformance", &table(&header, rows));
    let counts = VERBS.map(|(verb, count)| {
        let tested = all.iter().filter(|one| one.verb == verb && !one.test.is_empty()).count();
        vec![verb.to_owned(), count.to_string(), tested.to_string(), (count - tested).to_string()]
    });
    part_holds(
        "docs/conformance.md",
        "conformance, counts",
        &table(&["verb", "rows", "with a test", "with a reason"], counts),
    );
}

/// Runs scripts/conformance with these results of tests.
fn script(results: &str) -> Output {
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), results).expect("a file");
    Command::new(root().join("scripts/conformance"))
        .arg("--results")
        .arg(file.path())
        .output()
        .expect("python3")
}

#[test]
fn the_script_finds_a_test_that_did_not_run_and_a_switch_without_effect() {
    let line = |name: &str, kind: &str, result: &str| format!("test topic::{name}::{kind} ... {result}\n");
    let lines: Vec<String> = tests()
        .iter()
        .flat_map(|(name, has_switch)| {
            let switch = has_switch.then(|| line(name, "fails_with_its_switch", "ok"));
            [Some(line(name, "holds", "ok")), switch]
        })
        .flatten()
        .collect();
    let all = script(&lines.concat());
    let printed = String::from_utf8_lossy(&all.stdout).into_owned();
    assert!(all.status.success(), "{}", String::from_utf8_lossy(&all.stderr));
    assert_eq!(printed.lines().filter(|line| line.starts_with('#')).count(), 173);
    for (left_out, problem) in [
        ("requirement_003::holds", "#3: the test does not exist or did not run"),
        ("requirement_003::fails_with_its_switch", "#3: there is no switch, or it was not tried"),
    ] {
        let some: String = lines.iter().filter(|line| !line.contains(left_out)).cloned().collect();
        let found = script(&some);
        assert_eq!(found.status.code(), Some(1), "{left_out}");
        assert!(String::from_utf8_lossy(&found.stderr).contains(problem), "{left_out}");
    }
    let failed = lines.concat().replace(
        "requirement_003::fails_with_its_switch ... ok",
        "requirement_003::fails_with_its_switch ... FAILED",
    );
    let found = script(&failed);
    assert!(String::from_utf8_lossy(&found.stderr).contains("#3: the switch does not make the test fail"));
}
