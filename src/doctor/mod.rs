//! The doctor: checks in several steps whether a source answers as configured, and says who can fix a problem.
//!
//! It requests no patient data. After a step that failed, it continues with the next one. `src/doctor_findings.tsv` lists all
//! findings.

mod advice;
mod client;
mod configuration;
mod endpoints;
mod finding;
mod keys;
mod metadata;
mod store;
mod system_account;

pub use finding::{CheckStatus, CheckStep};

use crate::{
    config::Environment,
    context::Context,
    discovery::{self, Server},
    log::{Event, Events},
    source::Source,
};
use finding::{Finding, FindingId, to_check_step};

/// Options of a check.
#[derive(Clone, Copy, Debug, Default)]
pub struct CheckOptions {
    /// Send a wrong secret to a production source (for a public client, a wrong client id), to compare the answers. An EHR may
    /// count such requests. Sandbox and test sources always get this request.
    pub try_wrong_secret: bool,
    /// Do not check the store, because it is not the application's own store.
    pub skip_store: bool,
}

/// Checks a source and returns the result of each step. It requests the server's metadata and SMART configuration, sends at
/// most three requests to the token endpoint, and requests the JWKS document of the key ring. It writes a test record to the store and deletes it.
pub fn check(context: &Context<'_>, source: &Source, options: CheckOptions) -> Vec<CheckStep> {
    let server = Server::of(source, context.network, context.secrets);
    let published = server.and_then(|server| server.describe());
    // A store that fails is reported in its own step.
    let approved = discovery::approved(&context.records, source).ok().flatten();
    vec![
        to_check_step("metadata", metadata::check(context, source, &published)),
        to_check_step("endpoints", endpoints::check(source, &published, approved.as_ref())),
        to_check_step("client", client::check(context, source, options)),
        to_check_step("system_account", system_account::check(context, source)),
        to_check_step("capabilities", advice::capabilities(source, &published)),
        to_check_step("scopes", advice::scopes(source)),
        to_check_step("redirect_uris", configuration::redirect_uris(source)),
        to_check_step("resources", configuration::resources(source)),
        to_check_step("secrets", configuration::secrets(context, source)),
        to_check_step("keys", keys::check(context, source)),
        to_check_step("vault", configuration::vault(context)),
        to_check_step("ca_file", configuration::ca_file(context.network)),
        if options.skip_store {
            Finding::new(FindingId::StoreOfHost).into()
        } else {
            to_check_step("store", store::check(context))
        },
        not_checked(source, options),
    ]
}

/// The step `not_checked`: it lists what only a launch or a pull can show.
fn not_checked(source: &Source, options: CheckOptions) -> CheckStep {
    let mut list = vec![
        "whether the EHR knows the redirect URIs",
        "the scopes of users",
        "the launch from the EHR and its aud",
        "the search for patients (mrn_systems, policy)",
        "the data of any patient",
        "aliases and frame_ancestors",
    ];
    if source.environment == Environment::Production && !options.try_wrong_secret {
        list.push("how the EHR answers a wrong secret");
    }
    if options.skip_store {
        list.push("the application's store");
    }
    Finding::new(FindingId::NotChecked).with("list", list.join("; ")).into()
}

/// Logs the step, status and finding of each step.
pub fn log_steps(events: Events<'_>, source: &Source, steps: &[CheckStep]) {
    for step in steps {
        let (status, finding) = (step.status.name(), step.finding);
        events.log(Event::SourceChecked { source: &source.id, step: step.name, status, finding });
    }
}
