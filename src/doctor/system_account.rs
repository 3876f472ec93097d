//! The step `system_account`: checks that the system account gets a token with all scopes. The token is not stored.

use super::finding::{Finding, FindingId, StepResult, has_reserved_characters, is_client_refused};
use crate::{
    context::Context,
    grant::{TokenClient, token_endpoint::TokenRequest},
    scope::{ReadAccess, ScopeSet},
    source::{Credentials, Source},
};

pub(super) fn check(context: &Context<'_>, source: &Source) -> StepResult {
    let Some(registration) = &source.system_registration else {
        return Ok(Finding::new(FindingId::SystemAccountMissing));
    };
    let scopes = source.system_scopes();
    let answer = match TokenClient::new(context).send_request_unlogged(
        source,
        registration,
        &TokenRequest::ClientCredentials(&scopes),
    ) {
        Ok(answer) => answer,
        Err(error) if is_client_refused(&error) => {
            let credentials = source.credentials(registration, context.secrets)?;
            let id = match &credentials {
                Credentials::Key(_) => FindingId::SystemAccountKeyWrong,
                other if has_reserved_characters(&registration.client_id, other.secret()) => {
                    FindingId::SystemAccountWrongEncoding
                }
                _ => FindingId::SystemAccountWrong,
            };
            let other = (!source.policy.basic_form_encoded).to_string();
            return Ok(Finding::new(id).with("registration", &registration.id).with("other", other));
        }
        Err(error) => return Err(error),
    };
    Ok(match &answer.scope {
        Some(granted) => compare_scopes(source, granted),
        None => Finding::new(FindingId::SystemAccountScopesUnknown),
    })
}

fn compare_scopes(source: &Source, granted: &ScopeSet) -> Finding {
    let with = |reading: ReadAccess| {
        source.policy.resources.iter().filter(move |resource| granted.read_access(resource) == reading)
    };
    let scopes = |resource: &String| source.system_scopes_for(std::slice::from_ref(resource)).to_string();
    let missing: Vec<String> = with(ReadAccess::None).map(scopes).collect();
    let limited: Vec<&str> = with(ReadAccess::Some).map(String::as_str).collect();
    if !missing.is_empty() {
        Finding::new(FindingId::SystemAccountScopesMissing).with("scopes", missing.join(", "))
    } else if limited.is_empty() {
        Finding::new(FindingId::SystemAccountOk)
    } else {
        Finding::new(FindingId::SystemAccountScopesLimited).with("types", limited.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::finding::{CheckStatus, to_check_step},
        *,
    };
    use crate::source::tests::source;

    #[test]
    fn missing_scopes_are_named() {
        let source = source(r#", "resources": ["Patient", "Observation", "Condition"]"#);
        let judged = |granted: &str| {
            to_check_step("system_account", Ok(compare_scopes(&source, &ScopeSet::parse(granted))))
        };
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
