//! Times are converted to the site's time zone before windows and rules compare them and before they are shown.

mod common;

use common::{Fixture, patient, request, resources, with_date};
use ehr_sim::Options;
use fhir_ehr::{AllowAll, Client, Code, Config, Decisions, PullRequest, PullResult, RowState, TextMode};
use serde_json::{Value, json};

const MRN: &str = "M-1";
const NEW_YORK: &str = "America/New_York";

fn weight(id: &str, time: &str, value: u8) -> String {
    json!({
        "resourceType": "Observation", "id": id, "status": "final", "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]}, "effectiveDateTime": time,
        "valueQuantity": {"value": value, "unit": "kg"},
    })
    .to_string()
}

fn signed_in_fixture(times: &[&str], zone: Option<&str>) -> Fixture {
    let mut texts = vec![patient("p1", MRN)];
    for (number, time) in times.iter().enumerate() {
        texts.push(weight(&format!("o{number}"), time, 70 + u8::try_from(number).expect("a few")));
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let change = |document: &mut Value| {
        if let Some(zone) = zone {
            document["sources"][0]["time_zone"] = json!(zone);
        }
    };
    let fixture = Fixture::with(Options { ..resources(&texts) }, change, Box::new(AllowAll));
    fixture.launch("p1", "alice");
    fixture
}

fn on(rule: &str, date: &str, days: u32) -> PullRequest {
    with_date(request("alice", MRN, &format!("29463-7,,weight,visit,{rule},\n")), "visit", date, days)
}

fn marked(pulled: &PullResult) -> Vec<&str> {
    pulled.rows.iter().filter(|row| row.preselected).map(|row| row.resource_id.as_str()).collect()
}

fn pull(client: &Client, request: &PullRequest) -> PullResult {
    client.pull(request).expect("a pull")
}

#[test]
fn an_evening_in_new_york_belongs_to_the_local_day() {
    // 01:30 UTC on the 16th is 21:30 on the 15th in New York. The second time has no offset, so it is local time already.
    let times = ["2024-03-16T01:30:00Z", "2024-03-10T22:00:00"];
    let fixture = signed_in_fixture(&times, Some(NEW_YORK));
    let pulled = pull(&fixture.client, &on("", "2024-03-15", 7));
    assert_eq!(marked(&pulled), ["o0"], "{:?}", pulled.report.not_preselected);
    let shown = |pulled: &PullResult| -> Vec<(String, String)> {
        let row = |row: &fhir_ehr::StagedRow| {
            (row.timestamp.clone().unwrap_or_default(), row.time_sent.clone().unwrap_or_default())
        };
        pulled.rows.iter().map(row).collect()
    };
    let both = |timestamp: &str, sent: &str| (timestamp.to_owned(), sent.to_owned());
    assert_eq!(
        shown(&pulled),
        [both("2024-03-10T22:00:00", times[1]), both("2024-03-15T21:30:00-04:00", times[0])]
    );
    let minutes = pull(&fixture.client, &PullRequest { text: TextMode::Php14, ..on("", "2024-03-15", 7) });
    assert_eq!(shown(&minutes), [both("2024-03-10 22:00", times[1]), both("2024-03-15 21:30", times[0])]);
}

#[test]
fn a_window_uses_the_sites_days_across_a_daylight_saving_change() {
    // In New York, March 10, 2024 has 23 hours (05:00 UTC to 04:00 UTC) and November 3 has 25 (04:00 UTC to 05:00 UTC).
    for (day, inside, outside) in [
        (
            "2024-03-10",
            ["2024-03-10T05:00:00Z", "2024-03-11T03:59:59Z"],
            ["2024-03-10T04:59:59Z", "2024-03-11T04:00:00Z"],
        ),
        (
            "2024-11-03",
            ["2024-11-03T04:00:00Z", "2024-11-04T04:59:59Z"],
            ["2024-11-03T03:59:59Z", "2024-11-04T05:00:00Z"],
        ),
    ] {
        let fixture = signed_in_fixture(&[inside[0], inside[1], outside[0], outside[1]], Some(NEW_YORK));
        let pulled = pull(&fixture.client, &on("FIRST", day, 0));
        let came: Vec<&str> = pulled.rows.iter().map(|row| row.resource_id.as_str()).collect();
        assert_eq!((came, marked(&pulled)), (vec!["o0", "o1"], vec!["o0"]), "{day}");
        assert_eq!(marked(&pull(&fixture.client, &on("LAST", day, 0))), ["o1"], "{day}");
    }
}

#[test]
fn a_search_range_is_wide_enough_for_every_time_zone() {
    for (zone, first, last) in [
        ("Pacific/Kiritimati", "2024-03-14T10:00:00Z", "2024-03-15T09:59:59Z"),
        ("Pacific/Pago_Pago", "2024-03-15T11:00:00Z", "2024-03-16T10:59:59Z"),
    ] {
        let fixture = signed_in_fixture(&[first, last], Some(zone));
        let pulled = pull(&fixture.client, &on("FIRST", "2024-03-15", 0));
        assert_eq!((pulled.rows.len(), marked(&pulled)), (2, vec!["o0"]), "{zone}");
    }
}

#[test]
fn in_the_repeated_hour_of_autumn_the_instants_decide() {
    // 01:50 before the clock change, then 01:10 after it.
    let fixture = signed_in_fixture(&["2024-11-03T06:10:00Z", "2024-11-03T05:50:00Z"], Some(NEW_YORK));
    assert_eq!(marked(&pull(&fixture.client, &on("FIRST", "2024-11-03", 1))), ["o1"]);
    assert_eq!(marked(&pull(&fixture.client, &on("LAST", "2024-11-03", 1))), ["o0"]);
    let order: Vec<String> = pull(&fixture.client, &on("LAST", "2024-11-03", 1))
        .rows
        .into_iter()
        .filter_map(|row| row.timestamp)
        .collect();
    assert_eq!(order, ["2024-11-03T01:50:00-04:00", "2024-11-03T01:10:00-05:00"]);
}

#[test]
fn near_uses_the_local_time_of_the_site() {
    // Local times are 23:00 on the 14th and 10:00 on the 15th. Noon of the 15th is nearer to the second.
    let fixture = signed_in_fixture(
        &["2024-03-15T03:00:00Z", "2024-03-15T14:00:00Z", "2024-03-16T01:00:00Z"],
        Some(NEW_YORK),
    );
    assert_eq!(marked(&pull(&fixture.client, &on("NEAR", "2024-03-15", 1))), ["o1"]);
    assert_eq!(marked(&pull(&fixture.client, &on("NEAR", "2024-03-14 22:00", 1))), ["o0"]);
}

#[test]
fn without_a_time_zone_mixed_offsets_preselect_nothing_and_this_is_reported() {
    let cases: [(&[&str], bool); 5] = [
        (&["2024-03-15T10:00:00Z", "2024-03-15T10:00:00-04:00"], true),
        (&["2024-03-15T10:00:00Z", "2024-03-15T11:00:00"], true),
        (&["2024-03-15T10:00:00Z", "2024-03-15T11:00:00+00:00"], false),
        (&["2024-03-15T10:00:00", "2024-03-15T11:00:00"], false),
        (&["2024-03-15", "2024-03-15T11:00:00-04:00"], false),
    ];
    for (times, mixed) in cases {
        for rule in ["MIN", "MAX", "FIRST", "LAST", "NEAR"] {
            let fixture = signed_in_fixture(times, None);
            let pulled = pull(&fixture.client, &on(rule, "2024-03-15", 1));
            assert_eq!(
                (pulled.rows.len(), marked(&pulled).len()),
                (2, usize::from(!mixed)),
                "{times:?} {rule}"
            );
            let reasons: Vec<&str> =
                pulled.report.not_preselected.iter().map(|one| one.reason.as_str()).collect();
            let expected =
                "The times have different UTC offsets, which are not compared. Set the source's time_zone.";
            assert_eq!(reasons, if mixed { vec![expected] } else { vec![] }, "{times:?} {rule}");
            if mixed {
                let sited = signed_in_fixture(times, Some(NEW_YORK));
                assert_eq!(
                    marked(&pull(&sited.client, &on(rule, "2024-03-15", 1))).len(),
                    1,
                    "{times:?} {rule}"
                );
            }
        }
    }
}

#[test]
fn a_changed_time_zone_changes_no_decision_and_stages_nothing_again() {
    let fixture = signed_in_fixture(&["2024-03-16T01:30:00Z", "2024-03-15T15:00:00Z"], None);
    let request = on("LAST", "2024-03-15", 3);
    let first = pull(&fixture.client, &request);
    let accept = vec![first.rows[0].decision()];
    fixture.client.adjudicate("alice", "p1", MRN, &Decisions { accept, reject: Vec::new() }).unwrap();
    let mut document = fixture.document();
    document["sources"][0]["time_zone"] = json!(NEW_YORK);
    let other = fixture.other_client(&document);
    let again = pull(&other, &request);
    let named = |pulled: &PullResult| {
        let mut named: Vec<String> = pulled.rows.iter().map(|row| row.decision()).collect();
        named.sort();
        named
    };
    assert_eq!(named(&again), named(&first));
    assert!(again.rows.iter().all(|row| !row.changed));
    let waiting: Vec<_> = again.rows.iter().filter(|row| row.state == RowState::Pending).collect();
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].timestamp.as_deref(), Some("2024-03-15T21:30:00-04:00"));
    assert_eq!(waiting[0].time_sent.as_deref(), Some("2024-03-16T01:30:00Z"));
}

#[test]
fn an_unknown_time_zone_is_refused_when_the_configuration_is_loaded() {
    let fixture = signed_in_fixture(&[], None);
    for name in ["America/NewYork", "", "+02:00", "EDT", "local"] {
        let mut document = fixture.document();
        document["sources"][0]["time_zone"] = json!(name);
        let config = Config::from_json(&document.to_string()).unwrap();
        let hooks = fhir_ehr::Hooks::new(
            Box::new(fhir_ehr::SqliteStore::new(fixture.folder.path().join("x"))),
            Box::new(AllowAll),
        );
        let error = Client::new(config, hooks).err().expect("it is refused");
        assert_eq!(error.code(), Code::ConfigInvalid);
        assert!(error.message().contains("source sim: time_zone: "), "{error}");
        assert!(error.hint_text().unwrap().contains("America/New_York"));
    }
}
