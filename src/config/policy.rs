//! The differences between vendors, versions and sites as data: a preset, and the members that a site overrides.

use super::terms::{FhirVersion, Vendor};
use crate::{
    error::{Code, Error, Result},
    scope::{RefreshAccess, ScopeVersion},
    words,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

const PRESETS: &str = include_str!("presets.json");

/// The policies of one source. A site writes only the members that differ from the preset.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// The scopes of an EHR launch, in order. `{resource}` is replaced with each resource type in a fixed order, `{read}` with
    /// `read` or `rs`, and `{access}` with the scope for a refresh token.
    pub scopes: Vec<String>,
    /// The scopes of the system account, in order, with the same placeholders.
    pub system_scopes: Vec<String>,
    /// The syntax of `{read}`: `v1` (`read`) or `v2` (`rs`), as the client is registered (O11, E8). The metadata of a server does
    /// not show it.
    pub scope_version: ScopeVersion,
    /// The refresh token that `{access}` requests: `none`, `online` (`online_access`: while the user is signed in to the EHR) or
    /// `offline` (`offline_access`).
    pub access: RefreshAccess,
    /// Fewer scopes to request with each refresh, in the form of `scopes`. If empty, a refresh requests no scopes and keeps the
    /// granted ones. Scopes that were not granted are never requested (D33).
    pub refresh_scopes: Vec<String>,
    /// The server refuses scopes with `*`, such as `user/*.read` (O10).
    pub refuses_wildcards: bool,
    /// The longest list of scopes, in bytes, before the doctor warns. 0: no limit. A long list makes a long access token, and
    /// Oracle accepts only 4 to 8 KB of request headers (O10).
    pub scope_bytes: usize,
    /// The resource types to request scopes for.
    pub resources: Vec<String>,
    /// Media types to accept. After HTTP 406, the library tries the next one (O20).
    pub accept: Vec<String>,
    /// The page size (`_count`) for each resource type. If absent, the server's default is used (O24).
    pub count: BTreeMap<String, u32>,
    /// Queries that together return all of a resource type, if one search does not (O26), such as `category=laboratory`. Each is
    /// added to the search; for Observation, to each search by codes.
    pub searches: BTreeMap<String, Vec<String>>,
    /// Whether a launch needs a valid id_token: `strict`, `soft`, or `required`.
    pub id_token: IdTokenPolicy,
    /// Issuers whose id_tokens are accepted in addition to the issuer that the source publishes, exactly as in the token; a slash
    /// at the end may differ (O19). If the source publishes none, only these are accepted; an empty list then accepts the FHIR base URL
    /// and issuers at the origin of the token endpoint.
    pub id_token_issuers: Vec<String>,
    /// Read the resource that `fhirUser` names, with one more request in each launch. Add `user/Practitioner.read` to `scopes` where
    /// the EHR requires it.
    pub read_fhir_user: bool,
    /// Where the EHR user's name is taken from. The first one that is present is used.
    pub user_name_sources: Vec<UserNameSource>,
    /// What identifies the EHR user in a user link. All that are present are stored and compared; so is the `sub` of a valid id_token,
    /// also if it is not in the list. `launch_parameter`, `preferred_username` and `practitioner_name` are not allowed, because none is
    /// proved to be of one person.
    pub user_link_keys: Vec<UserNameSource>,
    /// The members of the token response that name the EHR user, for `token_response`. The first one that is present is used.
    pub user_name_members: Vec<String>,
    /// The system of the identifier that `practitioner_identifier` uses, such as the system of user names.
    pub user_identifier_system: Option<String>,
    /// The `aud` parameter, if it must differ from the `iss` received (client-js#79).
    pub aud: Option<String>,
    /// Whether a sign-in uses PKCE (S256): `on`, `off`, or `required`: the sign-in fails if the server does not advertise S256.
    pub pkce: PkcePolicy,
    /// How the browser sends the authorization request: `get`, or `post` with a form that submits itself. Long scopes may exceed
    /// what a server accepts in a URL (O10).
    pub authorize_method: AuthorizeMethod,
    /// Minimum seconds between two refreshes of one sign-in. A token that the EHR refuses sooner after a refresh is not refreshed
    /// again, and one that is about to expire is used until it expires. Oracle throttles refreshes more often than once a minute
    /// (O1).
    pub refresh_spacing_seconds: u32,
    /// Whether the EHR answers a refresh with a new refresh token and then refuses the old one (E7, O3). If unset, its answers
    /// show it: one without a refresh token, or one with another token; one with the same token shows nothing. After a lost answer,
    /// only a refresh token that is not rotated is sent again.
    pub rotates_refresh_tokens: Option<bool>,
    /// Whether the EHR answers `invalid_grant` with a link also for a refresh token that it only suspended (O4). The sign-in is
    /// then kept until the EHR team has approved the application again.
    pub suspends_refresh_tokens: bool,
    /// Days after which the EHR ends an offline sign-in that no one has used (O2). 0: the EHR does not say.
    pub offline_idle_days: u32,
    /// Days after which a keep-alive call refreshes an offline sign-in that no one has used (O2). 0: it refreshes none.
    pub keep_alive_days: u32,
    /// Form-encode client id and secret in HTTP Basic, as RFC 6749 specifies. EHRs require them unencoded (E9).
    pub basic_form_encoded: bool,
    /// Send the client id in the body of a token request too, although HTTP Basic or the assertion names it. SMART forbids it; a few
    /// servers require it (X4).
    pub client_id_in_body: bool,
    /// Repeat a refresh, or a token request of the system account, once after HTTP 400 without an OAuth error or with `invalid_client`.
    /// Epic sends that at times although the credentials are right (E24). A code is never sent twice.
    pub retry_bare_400: bool,
    /// Search patients also by the type text of the identifier (E14).
    pub patient_by_type_text: bool,
    /// Search Observations by system and code, which some servers require (O25).
    pub code_with_system: bool,
    /// The server's `Bundle.total` is an estimate, so fewer matches than `total` do not make the answer incomplete.
    pub total_is_estimate: bool,
    /// How many Medications a pull reads, at most, for prescriptions that only refer to one. Each is read once.
    pub medication_reads: usize,
    /// Include preliminary Observations.
    pub include_preliminary: bool,
    /// Convert values to the unit that a mapping line names, if an exact conversion exists (docs/fields.md, Units).
    pub convert_units: bool,
    /// Sandbox sources only: trust a `user` in the launch query.
    pub trust_user_hint: bool,
    /// The scopes of the preset, to compare with `scopes` of a site that lists its own.
    #[serde(skip)]
    pub(crate) preset_scopes: Vec<String>,
}

/// Whether a sign-in uses PKCE.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PkcePolicy {
    /// Send a challenge. A server without PKCE ignores it (X1).
    #[default]
    On,
    /// Send no challenge: some old servers refuse parameters that they do not know.
    Off,
    /// Send a challenge only to a server that advertises S256, and fail otherwise.
    Required,
}

/// Whether a launch needs a valid id_token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdTokenPolicy {
    /// An id_token that is not valid ends the sign-in. A server that sends none is accepted, and the launch result says so.
    #[default]
    Strict,
    /// An id_token that is not valid is logged and named in the launch result. The sign-in continues, and nothing is taken from the
    /// token.
    Soft,
    /// As `strict`; a server that sends no id_token ends the sign-in too.
    Required,
}

/// Where a name of the EHR user comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UserNameSource {
    /// The parameter `user` of the launch query; only with `trust_user_hint`.
    LaunchParameter,
    /// A member of the token response (`user_name_members`).
    TokenResponse,
    /// The claim `preferred_username` of the id_token. OpenID Connect does not promise that it is unique.
    PreferredUsername,
    /// The reference to the user's FHIR resource, such as `Practitioner/123`.
    FhirUser,
    /// The claim `sub` of the id_token, together with its issuer.
    Sub,
    /// The identifier of the user's FHIR resource that has the system `user_identifier_system`; needs `read_fhir_user`.
    PractitionerIdentifier,
    /// The name in the user's FHIR resource; needs `read_fhir_user`.
    PractitionerName,
}

impl UserNameSource {
    /// Its name in documents.
    pub fn name(self) -> &'static str {
        match self {
            UserNameSource::LaunchParameter => "launch_parameter",
            UserNameSource::TokenResponse => "token_response",
            UserNameSource::PreferredUsername => "preferred_username",
            UserNameSource::FhirUser => "fhir_user",
            UserNameSource::Sub => "sub",
            UserNameSource::PractitionerIdentifier => "practitioner_identifier",
            UserNameSource::PractitionerName => "practitioner_name",
        }
    }

    /// Whether it can identify a user in a link. A launch query can be forged, and two people can have one name: OpenID Connect Core
    /// section 5.7 forbids to identify a user by `preferred_username`.
    pub fn identifies(self) -> bool {
        use UserNameSource::{LaunchParameter, PractitionerName, PreferredUsername};
        !matches!(self, LaunchParameter | PreferredUsername | PractitionerName)
    }
}

/// How the browser sends the authorization request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthorizeMethod {
    /// A redirect.
    #[default]
    Get,
    /// A form that submits itself (SMART capability `authorize-post`).
    Post,
}

/// Replaces members of `base` with those of `over`. Objects in both are merged member by member.
fn merge(base: &mut Value, over: &Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (name, value) in over {
                merge(base.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (base, over) => *base = over.clone(),
    }
}

impl Policy {
    /// The preset of a vendor and version, with the site's changes.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] if the site's changes have an unknown name or a wrong type.
    pub fn build(vendor: Vendor, version: FhirVersion, site: Option<&Value>) -> Result<Policy> {
        let invalid = |cause: serde_json::Error| {
            Error::new(Code::ConfigInvalid).detail(words::describe_data_error(&cause))
        };
        let presets: Value = serde_json::from_str(PRESETS).map_err(invalid)?;
        let mut policy = presets["base"][version.name()].clone();
        merge(&mut policy, &presets[vendor.name()]);
        let preset = serde_json::from_value(policy["scopes"].clone()).map_err(invalid)?;
        if let Some(site) = site {
            merge(&mut policy, site);
        }
        let policy: Policy = serde_json::from_value(policy).map_err(invalid)?;
        Ok(Policy { preset_scopes: preset, ..policy })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_site_overrides_one_member_and_keeps_the_others() {
        let site = json!({"count": {"Observation": 50}, "aud": "https://aud.example/"});
        let policy = Policy::build(Vendor::Epic, FhirVersion::R4, Some(&site)).unwrap();
        assert_eq!(policy.count["Observation"], 50);
        assert_eq!(policy.aud.as_deref(), Some("https://aud.example/"));
        assert!(policy.patient_by_type_text);
        let wrong = Policy::build(Vendor::Epic, FhirVersion::R4, Some(&json!({"cuont": 1})));
        assert_eq!(wrong.unwrap_err().code(), Code::ConfigInvalid);
    }

    #[test]
    fn every_vendor_has_a_preset() {
        for vendor in [Vendor::Generic, Vendor::Smart, Vendor::Oracle, Vendor::Epic] {
            for version in [FhirVersion::Dstu2, FhirVersion::R4] {
                assert!(!Policy::build(vendor, version, None).unwrap().accept.is_empty());
            }
        }
    }
}
