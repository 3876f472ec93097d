//! The launch context of the token answer.

use crate::world::*;
use ehr_sim::LaunchOptions;

requirements! {
    requirement_191 = 191 shall an_element_without_a_role_is_what_the_launch_is_about;
    requirement_193 = 193 other an_unknown_intent_does_not_end_the_sign_in;
}

fn an_element_without_a_role_is_what_the_launch_is_about(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    let options =
        LaunchOptions { fhir_context: vec!["ImagingStudy/1".to_owned()], ..LaunchOptions::default() };
    let context = world.launch_with(options)?.context;
    let item = context.fhir_context.first().ok_or("fhirContext is empty")?;
    equal("the reference", item.reference.as_deref(), Some("ImagingStudy/1"))?;
    equal("the role", item.role.as_str(), "launch")
}

fn an_unknown_intent_does_not_end_the_sign_in(switch: Switch) -> Checked {
    for intent in [None, Some("an-intent-that-no-application-knows".to_owned())] {
        let world = World::start(switch, Setup::default());
        let context =
            world.launch_with(LaunchOptions { intent: intent.clone(), ..LaunchOptions::default() })?.context;
        equal("the intent", context.intent, intent)?;
    }
    Ok(())
}
