//! No token, secret, code, state or MRN is in logs, debug output or errors.

mod common;

use common::{Fixture, REDIRECT, SESSION, launch_query, patient, query_of, request, resources};
use ehr_sim::{LaunchOptions, Options};
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};

/// Records all log events of all crates at every level.
#[derive(Clone, Default)]
struct RecordedLog(Arc<Mutex<String>>);

impl Visit for RecordedLog {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let mut text = self.0.lock().unwrap();
        text.push_str(&format!("{field}={value:?}\n"));
    }
}

impl tracing::Subscriber for RecordedLog {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        span.record(&mut self.clone());
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        values.record(&mut self.clone());
    }
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[test]
fn no_secret_is_logged_printed_or_thrown() {
    const MRN: &str = "MRN-4711-SECRET";
    let ears = RecordedLog::default();
    let logged = ears.0.clone();
    let mut printed = String::new();
    let mut secrets = vec![MRN.to_owned(), "patient-id-77".to_owned()];
    tracing::subscriber::with_default(ears, || {
        let fixture = Fixture::new(Options {
            client_secret: Some("s3cr3t-client".into()),
            ..resources(&[&patient("patient-id-77", MRN)])
        });
        secrets.push("s3cr3t-client".to_owned());
        let launch = fixture
            .sim
            .launch(&LaunchOptions { patient: "patient-id-77".into(), ..LaunchOptions::default() });
        secrets.push(launch.clone());
        let address = fixture.redirect(&launch_query(fixture.sim.iss(), &launch));
        let callback = fixture.sim.approve(&address).unwrap();
        for (name, value) in url::Url::parse(&callback).unwrap().query_pairs() {
            if matches!(&*name, "code" | "state") {
                secrets.push(value.into_owned());
            }
        }
        let foreign = fixture.client.handle_launch(&query_of(&callback), "foreign", REDIRECT).unwrap_err();
        printed.push_str(&format!("{foreign} {foreign:?} {}", foreign.to_json()));
        let arrived = fixture.client.handle_launch(&query_of(&callback), SESSION, REDIRECT).unwrap();
        if let fhir_ehr::LaunchResult::LoginRequired { handover, .. } = &arrived {
            fixture.client.finish_login(handover, SESSION, "alice").unwrap();
        }
        for fault in [
            "",
            "fhir-status:500",
            "html-error",
            "token-status:400",
            "redirect-foreign",
            "other-patient",
            "never-answers:1",
        ] {
            let fixture_request = request("alice", MRN, "29463-7,,w,,,\ngender,,sex,,,\n");
            if !fault.is_empty() && fixture.sim.set_fault(fault).is_err() {
                continue;
            }
            if fault == "token-status:400" {
                fixture.clock.0.advance(4000);
            }
            if fault == "never-answers:1" {
                fixture.sim.clear_faults();
                fixture.sim.revoke_refresh_tokens();
            }
            if let Err(error) = fixture.client.pull(&fixture_request) {
                printed.push_str(&format!("{error} {error:?} {}", error.to_json()));
            }
            fixture.sim.clear_faults();
        }
        let missing = fixture.client.pull(&request("alice", "OTHER-MRN-9", "gender,,sex,,,\n")).unwrap_err();
        printed.push_str(&format!("{missing} {missing:?} {}", missing.to_json()));
        secrets.push("OTHER-MRN-9".to_owned());
        printed.push_str(&format!("{:?}", fixture.client.sources().by_id("sim").unwrap()));
    });
    let logged = logged.lock().unwrap();
    for secret in secrets {
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        for text in [secret.as_str(), encoded.as_str()] {
            assert!(!printed.contains(text), "{text} is in an error");
            assert!(!logged.contains(text), "{text} is in the log");
        }
    }
}
