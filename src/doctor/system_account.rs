//! The step `system_account`: it gets a token with all scopes. The token is dropped.

use super::finding::{Finding, Found, Id, has_reserved_characters, refuses_client};
use crate::{
    config::Policy,
    context::Context,
    grant::{TokenClient, token_endpoint::TokenRequest},
    scope::{Reading, ScopeSet},
    source::{Credentials, Source},
};

pub(super) fn check(context: &Context<'_>, source: &Source) -> Found {
    let Some(registration) = &source.system_registration else {
        return Ok(Finding::new(Id::SystemAccountMissing));
    };
    let scopes = source.system_scopes();
    let answer = match TokenClient::new(context).send_request_unlogged(
        source,
        registration,
        &TokenRequest::ClientCredentials(&scopes),
    ) {
        Ok(answer) => answer,
        Err(error) if refuses_client(&error) => {
            let credentials = source.credentials(registration, context.secrets)?;
            let id = match &credentials {
                Credentials::Key(_) => Id::SystemAccountKeyWrong,
                other if has_reserved_characters(&registration.client_id, other.secret()) => {
                    Id::SystemAccountWrongEncoding
                }
                _ => Id::SystemAccountWrong,
            };
            let other = (!source.policy.basic_form_encoded).to_string();
            return Ok(Finding::new(id).with("registration", &registration.id).with("other", other));
        }
        Err(error) => return Err(error),
    };
    Ok(match &answer.scope {
        Some(granted) => granted_all(&source.policy, granted),
        None => Finding::new(Id::SystemAccountScopesUnknown),
    })
}

fn granted_all(policy: &Policy, granted: &ScopeSet) -> Finding {
    let with = |reading: Reading| {
        policy.resources.iter().filter(move |resource| granted.reading(resource) == reading)
    };
    let scopes = |resource: &String| {
        ScopeSet::from_template(&policy.system_scopes, std::slice::from_ref(resource)).to_string()
    };
    let missing: Vec<String> = with(Reading::None).map(scopes).collect();
    let limited: Vec<&str> = with(Reading::Some).map(String::as_str).collect();
    if !missing.is_empty() {
        Finding::new(Id::SystemAccountScopesMissing).with("scopes", missing.join(", "))
    } else if limited.is_empty() {
        Finding::new(Id::SystemAccountOk)
    } else {
        Finding::new(Id::SystemAccountScopesLimited).with("types", limited.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::finding::{CheckStatus, step},
        *,
    };

    #[test]
    fn scopes_that_are_missing_are_named() {
        let policy = Policy {
            resources: ["Patient", "Observation", "Condition"].map(str::to_owned).to_vec(),
            system_scopes: vec!["system/{resource}.read".to_owned()],
            ..Policy::default()
        };
        let judged =
            |granted: &str| step("system_account", Ok(granted_all(&policy, &ScopeSet::parse(granted))));
        let all = judged("system/*.read");
        assert_eq!(
            (all.status, all.text.as_str()),
            (CheckStatus::Ok, "The system account gets a token with all scopes.")
        );
        let part = judged("system/*.rs?category=laboratory");
        assert!(part.status == CheckStatus::Ok && !part.text.contains("all scopes"), "{part:?}");
        let found = judged("system/Patient.read system/Observation.rs");
        assert_eq!(found.text, "The system account gets a token, but without system/Condition.read.");
        assert_eq!(found.error, Some("fhir_denied"));
    }
}
