//! The doctor: whether a source answers as configured, one step after the other, and who can fix it if not.
//!
//! No patient is asked for, and a step that failed does not keep the next one from going on. One file for each step; what can be
//! found is in `src/doctor_findings.tsv`.

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
    discovery,
    log::{Event, Events},
    source::Source,
};
use finding::{Finding, Id, step};

/// What a check may do.
#[derive(Clone, Copy, Debug, Default)]
pub struct CheckOptions {
    /// Whether a production source may be asked with a secret (of a public client: a client id) that is certainly wrong. An EHR
    /// may count such requests. Sources that are not for production are asked in any case.
    pub try_wrong_secret: bool,
    /// The client's store is not the application's own, so that it is not checked.
    pub skip_store: bool,
}

/// Checks a source, step by step. It sends at most five kinds of requests: for the server's conformance
/// statement, for its SMART configuration, two or three to the token endpoint, and for the own JWKS document. The store keeps a test record for a moment.
pub fn check(context: &Context<'_>, source: &Source, options: CheckOptions) -> Vec<CheckStep> {
    vec![
        step("metadata", metadata::check(context, source)),
        step("endpoints", endpoints::check(source, discovery::published(source, context.network))),
        step("client", client::check(context, source, options)),
        step("system_account", system_account::check(context, source)),
        step("redirect_uris", configuration::redirect_uris(source)),
        step("resources", configuration::resources(source)),
        step("secrets", configuration::secrets(context, source)),
        step("keys", keys::check(context, source)),
        step("vault", configuration::vault(context)),
        step("ca_file", configuration::ca_file(context.network)),
        if options.skip_store {
            Finding::new(Id::StoreOfHost).into()
        } else {
            step("store", store::check(context))
        },
        not_checked(source, options),
    ]
}

/// What only a launch and a pull can show.
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
    Finding::new(Id::NotChecked).with("list", list.join("; ")).into()
}

/// Logs how the steps ended: names only.
pub fn log_steps(events: Events<'_>, source: &Source, steps: &[CheckStep]) {
    for step in steps {
        let (status, finding) = (step.status.name(), step.finding);
        events.log(Event::SourceChecked { source: &source.id, step: step.name, status, finding });
    }
}
