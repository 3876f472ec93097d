//! The scopes of a source, and what is unusual about them.

use super::Source;
use crate::scope::{ReadAccess, Scope, ScopeContext, ScopeKind, ScopeSet};

impl Source {
    /// The scopes of an EHR launch.
    pub fn launch_scopes(&self) -> ScopeSet {
        self.fill(&self.policy.scopes, &self.policy.resources)
    }

    /// The scopes of a sign-in that starts in the application. They have no `launch`. If there are `patient/` scopes, they
    /// have `launch/patient` instead, so that the EHR lets the user choose a patient.
    pub fn standalone_scopes(&self) -> ScopeSet {
        without_launch(&self.launch_scopes())
    }

    /// The scopes of the system account.
    pub fn system_scopes(&self) -> ScopeSet {
        self.fill(&self.policy.system_scopes, &self.policy.resources)
    }

    /// The scopes of an EHR launch that reads only these resource types. A site that lists its scopes without `{resource}` gets the
    /// list of the preset.
    pub(crate) fn launch_scopes_for(&self, resources: &[String]) -> ScopeSet {
        let is_template = self.policy.scopes.iter().any(|scope| scope.contains("{resource}"));
        self.fill(if is_template { &self.policy.scopes } else { &self.policy.preset_scopes }, resources)
    }

    /// The scopes of a sign-in from the application that reads only these resource types.
    pub(crate) fn standalone_scopes_for(&self, resources: &[String]) -> ScopeSet {
        without_launch(&self.launch_scopes_for(resources))
    }

    /// The scopes of a system account that reads only these resource types.
    pub(crate) fn system_scopes_for(&self, resources: &[String]) -> ScopeSet {
        let is_template = self.policy.system_scopes.iter().any(|scope| scope.contains("{resource}"));
        let preset = ["system/{resource}.{read}".to_owned()];
        self.fill(if is_template { &self.policy.system_scopes } else { &preset }, resources)
    }

    /// The scopes to request with a refresh: those of the policy that are fewer than the ones `granted` at the sign-in. Empty: request
    /// none, and keep what was granted. A refresh requests no scope that was not granted (D33, #108).
    pub(crate) fn refresh_scopes(&self, granted: &ScopeSet) -> ScopeSet {
        let chosen = self.fill(&self.policy.refresh_scopes, &self.policy.resources);
        if chosen.is_empty() || granted.is_empty() {
            return ScopeSet::default();
        }
        let narrower = |scope: &Scope| {
            let of_grant: Vec<Scope> =
                granted.scopes().iter().filter(|own| chosen_covers(scope, own)).cloned().collect();
            match of_grant.is_empty() && granted.covers(scope) {
                true => vec![scope.clone()],
                false => of_grant,
            }
        };
        // Without them, some servers issue no new refresh token.
        let refresh = granted.scopes().iter().filter(|own| matches!(own.kind(), ScopeKind::Refresh(_)));
        let narrow: ScopeSet = chosen.scopes().iter().flat_map(narrower).chain(refresh.cloned()).collect();
        let is_subset = narrow.scopes().iter().any(|scope| scope.resource().is_some())
            && granted.scopes().iter().any(|own| !narrow.covers(own));
        if is_subset { narrow } else { ScopeSet::default() }
    }

    fn fill(&self, template: &[String], resources: &[String]) -> ScopeSet {
        ScopeSet::from_template(template, resources, self.policy.scope_version, self.policy.access)
    }

    /// What is unusual about the scopes, one sentence each. Nothing of it blocks a sign-in.
    pub(crate) fn scope_warnings(&self) -> Vec<String> {
        let lists = [
            ("policy.scopes", self.launch_scopes(), true),
            ("policy.system_scopes", self.system_scopes(), false),
        ];
        let mut warnings = Vec::new();
        for (member, scopes, is_launch) in lists {
            if !is_launch && self.system_registration.is_none() {
                continue;
            }
            let missing = self.missing_scopes(&scopes, is_launch);
            if !missing.is_empty() {
                warnings.push(format!("{member} does not contain {}.", missing.join(", ")));
            }
            warnings.extend(self.other_syntax(member, &scopes));
            warnings.extend(self.wildcards(member, &scopes));
            warnings.extend(self.too_long(member, &scopes));
        }
        warnings
    }

    /// What the resource types, `access` and the preset require, and a site's own list does not contain.
    fn missing_scopes(&self, scopes: &ScopeSet, is_launch: bool) -> Vec<String> {
        let resources = &self.policy.resources;
        let expected = if is_launch {
            self.fill(&self.policy.preset_scopes, resources)
        } else {
            self.system_scopes_for(resources)
        };
        let is_missing = |scope: &&Scope| match scope.resource() {
            // A site may have chosen `patient/` instead of `user/`.
            Some(resource) => scopes.read_access(&resource.resource) == ReadAccess::None,
            None => !scopes.covers(scope),
        };
        expected.scopes().iter().filter(is_missing).map(|scope| scope.text().to_owned()).collect()
    }

    /// Scopes that are written in another syntax than that of the registration (O11).
    fn other_syntax(&self, member: &str, scopes: &ScopeSet) -> Option<String> {
        let version = self.policy.scope_version;
        let others: ScopeSet = scopes
            .scopes()
            .iter()
            .filter(|scope| scope.resource().is_some_and(|resource| resource.version != version))
            .cloned()
            .collect();
        (!others.is_empty()).then(|| {
            let version = version.name();
            let translated = others.in_version(self.policy.scope_version);
            let advice = if translated == others {
                "A client for SMART v1 does not get them. Set scope_version to v2 if the client is registered for v2"
                    .to_owned()
            } else {
                format!("Write {translated}, or correct scope_version")
            };
            format!("{member} contains {others}, but scope_version is {version}. {advice}.")
        })
    }

    fn wildcards(&self, member: &str, scopes: &ScopeSet) -> Option<String> {
        let is_wildcard = |scope: &&Scope| scope.resource().is_some_and(|resource| resource.resource == "*");
        let wildcards: Vec<&str> = scopes.scopes().iter().filter(is_wildcard).map(Scope::text).collect();
        (self.policy.refuses_wildcards && !wildcards.is_empty()).then(|| {
            let wildcards = wildcards.join(", ");
            format!("{member} contains {wildcards}, and this EHR refuses wildcards (O10). Name each resource type.")
        })
    }

    fn too_long(&self, member: &str, scopes: &ScopeSet) -> Option<String> {
        let (bytes, most) = (scopes.to_string().len(), self.policy.scope_bytes);
        (most > 0 && bytes > most).then(|| {
            let shorter = scopes.shortest().to_string().len();
            let shorter = if shorter < bytes { format!(" The same scopes fit into {shorter} bytes.") } else { String::new() };
            format!(
                "{member} has {bytes} bytes. With more than {most}, the access token can be larger than this EHR accepts in a \
                 request (O10). Remove resource types that no mapping uses.{shorter}"
            )
        })
    }
}

/// The scopes of a sign-in from the application, from those of an EHR launch.
fn without_launch(scopes: &ScopeSet) -> ScopeSet {
    let is_of_patient =
        |scope: &Scope| scope.resource().is_some_and(|own| own.context == ScopeContext::Patient);
    let patients = scopes.scopes().iter().any(is_of_patient);
    scopes.replace("launch", patients.then_some("launch/patient"))
}

/// Whether a scope of the policy covers a granted one.
fn chosen_covers(chosen: &Scope, granted: &Scope) -> bool {
    ScopeSet::from_iter([chosen.clone()]).covers(granted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        error::Code,
        source::{
            Sources,
            tests::{config, source},
        },
    };

    const DSTU2: &str = r#", "vendor": "oracle", "policy": {"scopes": ["patient/{resource}.{read}", "launch", "{access}"], "access": "none"},
        "resources": ["AllergyIntolerance", "Immunization", "MedicationOrder", "Condition", "Observation", "Patient"]"#;

    /// #46 #148
    #[test]
    fn the_scopes_are_exactly_those_that_redcap_requests_whatever_the_order_of_the_resource_types() {
        assert_eq!(
            source(DSTU2).launch_scopes().to_string(),
            "patient/Patient.read patient/Observation.read patient/Condition.read patient/MedicationOrder.read \
             patient/Immunization.read patient/AllergyIntolerance.read launch"
        );
        for resources in [
            r#"["Patient", "Encounter", "Observation"]"#,
            r#"["Observation", "Patient", "Encounter", "Patient"]"#,
        ] {
            assert_eq!(
                source(&format!(r#", "resources": {resources}"#)).launch_scopes().to_string(),
                "openid fhirUser launch user/Patient.read user/Encounter.read user/Observation.read online_access"
            );
        }
    }

    #[test]
    fn the_preset_of_each_version_has_the_scopes_that_redcap_requests() {
        use crate::config::{FhirVersion, Policy, Vendor};
        for (version, expected) in [
            (
                FhirVersion::Dstu2,
                "patient/Patient.read patient/Observation.read patient/Condition.read patient/MedicationOrder.read \
                 patient/Immunization.read patient/AllergyIntolerance.read launch",
            ),
            (
                FhirVersion::R4,
                "openid fhirUser launch user/Patient.read user/Encounter.read user/Observation.read online_access",
            ),
        ] {
            for vendor in [Vendor::Generic, Vendor::Smart, Vendor::Oracle, Vendor::Epic] {
                let policy = Policy::build(vendor, version, None).unwrap();
                let scopes = ScopeSet::from_template(
                    &policy.scopes,
                    &policy.resources,
                    policy.scope_version,
                    policy.access,
                );
                assert_eq!(scopes.to_string(), expected, "{vendor:?}");
            }
        }
    }

    /// #215 #216 (O6, E6)
    #[test]
    fn access_is_none_online_or_offline_for_each_source() {
        let scopes = |vendor: &str, policy: &str| {
            source(&format!(r#", "vendor": "{vendor}", "policy": {{{policy}}}"#)).launch_scopes().to_string()
        };
        let resources = "openid fhirUser launch user/Patient.read user/Encounter.read user/Observation.read";
        for vendor in ["oracle", "epic"] {
            assert_eq!(scopes(vendor, r#""access": "offline""#), format!("{resources} offline_access"));
            assert_eq!(scopes(vendor, r#""access": "none""#), resources);
            assert_eq!(
                scopes(vendor, r#""access": "offline", "scope_version": "v2""#),
                "openid fhirUser launch user/Patient.rs user/Encounter.rs user/Observation.rs offline_access"
            );
        }
    }

    /// #143 (O11)
    #[test]
    fn each_source_has_its_own_syntax_also_for_the_system_account() {
        assert_eq!(
            source("").system_scopes().to_string(),
            "system/Patient.read system/Encounter.read system/Observation.read"
        );
        assert_eq!(
            source(r#", "policy": {"scope_version": "v2"}"#).system_scopes().to_string(),
            "system/Patient.rs system/Encounter.rs system/Observation.rs"
        );
    }

    /// #38 #161 #166
    #[test]
    fn a_standalone_sign_in_has_no_launch_scope() {
        assert_eq!(
            source("").standalone_scopes().to_string(),
            "openid fhirUser user/Patient.read user/Encounter.read user/Observation.read online_access"
        );
        let patient = source(
            r#", "policy": {"scopes": ["launch", "patient/{resource}.rs"]}, "resources": ["Patient"]"#,
        );
        assert_eq!(patient.standalone_scopes().to_string(), "launch/patient patient/Patient.rs");
    }

    /// #38 #219
    #[test]
    fn a_standalone_sign_in_has_no_launch_scope_in_the_uri_form_either() {
        let scopes = |context: &str| {
            let uri = "http://smarthealthit.org/fhir/scopes/";
            let policy = format!(r#", "policy": {{"scopes": ["{uri}launch", "{uri}{context}/Patient.rs"]}}"#);
            source(&policy).standalone_scopes().to_string().replace(uri, "U:")
        };
        assert_eq!(scopes("user"), "U:user/Patient.rs");
        assert_eq!(scopes("patient"), "U:launch/patient U:patient/Patient.rs");
    }

    /// #132
    #[test]
    fn a_granular_scope_may_use_the_placeholder_of_the_syntax() {
        let lab = source(
            r#", "policy": {"scope_version": "v2", "scopes": ["user/Observation.{read}?category=laboratory"]}"#,
        );
        assert_eq!(lab.launch_scopes().to_string(), "user/Observation.rs?category=laboratory");
    }

    #[test]
    fn a_configuration_that_lists_its_own_scopes_is_sent_as_written() {
        let own =
            source(r#", "policy": {"scopes": ["launch", "user/{resource}.read", "user/Condition.rs", "x"]}"#);
        assert_eq!(
            own.launch_scopes().to_string(),
            "launch user/Patient.read user/Encounter.read user/Observation.read user/Condition.rs x"
        );
    }

    /// #120 #122 #124
    #[test]
    fn a_scope_that_allows_to_write_is_refused_when_the_configuration_is_read() {
        for (policy, place) in [
            (
                r#"{"scopes": ["launch", "user/Patient.write"]}"#,
                "sources[0].policy.scopes[1]: user/Patient.write: ",
            ),
            (r#"{"system_scopes": ["system/*.*"]}"#, "sources[0].policy.system_scopes[0]: system/*.*: "),
            (
                r#"{"refresh_scopes": ["user/Patient.u"]}"#,
                "sources[0].policy.refresh_scopes[0]: user/Patient.u: ",
            ),
        ] {
            let text = format!(
                r#"[{{"id": "s", "iss": "https://x.example", "environment": "test", "fhir_version": "r4", "registration": "r",
                    "policy": {policy}}}]"#
            );
            let error = Sources::build(&config(&text)).unwrap_err();
            assert_eq!(error.code(), Code::ScopeRefused);
            assert!(error.message().contains(place), "{error}");
            assert!(error.message().contains("this library only reads"), "{error}");
        }
    }

    /// #46 #148 (O10, O11)
    #[test]
    fn unusual_scopes_are_warnings() {
        let warnings = |extra: &str| source(extra).scope_warnings().join("\n");
        assert_eq!(warnings(""), "");
        assert_eq!(warnings(DSTU2), "policy.scopes does not contain openid, fhirUser.");
        let literal = r#", "vendor": "oracle", "policy": {"scopes": ["launch", "openid", "fhirUser", "patient/Patient.rs", "user/*.read"]}"#;
        let found = warnings(literal);
        for part in [
            "policy.scopes does not contain online_access.",
            "policy.scopes contains patient/Patient.rs, but scope_version is v1. Write patient/Patient.read, or correct",
            "policy.scopes contains user/*.read, and this EHR refuses wildcards (O10).",
        ] {
            assert!(found.contains(part), "{found}");
        }
        let v2 = r#", "policy": {"scope_version": "v2", "scopes": ["launch", "openid", "fhirUser", "user/*.read", "online_access"]}"#;
        assert!(
            warnings(v2).contains("scope_version is v2. Write user/*.rs, or correct"),
            "{}",
            warnings(v2)
        );
        let granular = r#", "policy": {"scopes": ["launch", "openid", "fhirUser", "user/*.read", "online_access",
            "user/Observation.rs?category=laboratory"]}"#;
        assert!(warnings(granular).contains("Set scope_version to v2"), "{}", warnings(granular));
        let many: Vec<String> =
            (0..100).map(|number| format!("\"user/Patient.rs?_id={number:09}\"")).collect();
        let long = format!(
            r#", "vendor": "oracle", "policy": {{"scope_version": "v2", "scopes": ["launch", "openid", "fhirUser", "online_access",
                "user/{{resource}}.rs", {}]}}"#,
            many.join(", ")
        );
        let found = warnings(&long);
        assert!(found.contains("With more than 2000") && found.contains("fit into 90 bytes"), "{found}");
    }

    /// #107 #108 (D33)
    #[test]
    fn a_refresh_requests_fewer_scopes_only_and_never_one_that_was_not_granted() {
        let with = |scopes: &str| source(&format!(r#", "policy": {{"refresh_scopes": {scopes}}}"#));
        for (policy, granted, expected) in [
            ("[]", "user/Patient.read user/Observation.read", ""),
            (r#"["user/Patient.read"]"#, "user/Patient.read user/Observation.read", "user/Patient.read"),
            (r#"["user/Patient.read"]"#, "user/Patient.rs user/Observation.rs", "user/Patient.rs"),
            (
                r#"["user/Patient.read"]"#,
                "launch user/Patient.read user/Observation.read offline_access",
                "user/Patient.read offline_access",
            ),
            (r#"["user/Patient.rs"]"#, "user/*.rs", "user/Patient.rs"),
            (r#"["user/Patient.rs", "user/Condition.rs"]"#, "user/Patient.rs launch", "user/Patient.rs"),
            // The grant is no wider than the policy, or has nothing of it.
            (r#"["user/*.rs"]"#, "user/Patient.rs user/Observation.rs", ""),
            (r#"["user/Condition.rs"]"#, "user/Patient.rs offline_access", ""),
            (r#"["user/Patient.rs"]"#, "", ""),
            (
                r#"["user/Observation.rs"]"#,
                "user/Patient.rs user/Observation.rs?category=laboratory",
                "user/Observation.rs?category=laboratory",
            ),
        ] {
            let requested = with(policy).refresh_scopes(&ScopeSet::parse(granted));
            assert_eq!(requested.to_string(), expected, "{policy} {granted}");
        }
    }
}
