//! No token, secret, code, state or record number in what is logged, printed or thrown.

mod common;

use common::{REDIRECT, SESSION, World, launch_query, patient, query_of, request, resources};
use ehr_sim::{LaunchOptions, Options};
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};

/// Keeps everything that any crate says at any level.
#[derive(Clone, Default)]
struct Ears(Arc<Mutex<String>>);

impl Visit for Ears {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let mut heard = self.0.lock().unwrap();
        heard.push_str(&format!("{field}={value:?}\n"));
    }
}

impl tracing::Subscriber for Ears {
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
fn nothing_secret_is_said() {
    const MRN: &str = "MRN-4711-SECRET";
    let ears = Ears::default();
    let heard = ears.0.clone();
    let mut said = String::new();
    let mut secrets = vec![MRN.to_owned(), "patient-id-77".to_owned()];
    tracing::subscriber::with_default(ears, || {
        let world = World::new(Options {
            client_secret: Some("s3cr3t-client".into()),
            ..resources(&[&patient("patient-id-77", MRN)])
        });
        secrets.push("s3cr3t-client".to_owned());
        let launch =
            world.sim.launch(&LaunchOptions { patient: "patient-id-77".into(), ..LaunchOptions::default() });
        secrets.push(launch.clone());
        let address = world.redirect(&launch_query(world.sim.iss(), &launch));
        let callback = world.sim.approve(&address).unwrap();
        for (name, value) in url::Url::parse(&callback).unwrap().query_pairs() {
            if matches!(&*name, "code" | "state") {
                secrets.push(value.into_owned());
            }
        }
        let foreign = world.client.handle_launch(&query_of(&callback), "foreign", REDIRECT).unwrap_err();
        said.push_str(&format!("{foreign} {foreign:?} {}", foreign.to_json()));
        let arrived = world.client.handle_launch(&query_of(&callback), SESSION, REDIRECT).unwrap();
        if let fhir_ehr::LaunchResult::LoginRequired { handover, .. } = &arrived {
            world.client.finish_login(handover, SESSION, "alice").unwrap();
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
            let world_request = request("alice", MRN, "29463-7,,w,,,\ngender,,sex,,,\n");
            if !fault.is_empty() && world.sim.set_fault(fault).is_err() {
                continue;
            }
            if fault == "token-status:400" {
                world.clock.0.advance(4000);
            }
            if fault == "never-answers:1" {
                world.sim.clear_faults();
                world.sim.revoke_refresh_tokens();
            }
            if let Err(error) = world.client.pull(&world_request) {
                said.push_str(&format!("{error} {error:?} {}", error.to_json()));
            }
            world.sim.clear_faults();
        }
        let missing = world.client.pull(&request("alice", "OTHER-MRN-9", "gender,,sex,,,\n")).unwrap_err();
        said.push_str(&format!("{missing} {missing:?} {}", missing.to_json()));
        secrets.push("OTHER-MRN-9".to_owned());
        said.push_str(&format!("{:?}", world.client.sources().by_id("sim").unwrap()));
    });
    let heard = heard.lock().unwrap();
    for secret in secrets {
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        for text in [secret.as_str(), encoded.as_str()] {
            assert!(!said.contains(text), "{text} stands in an error");
            assert!(!heard.contains(text), "{text} stands in the log");
        }
    }
}
