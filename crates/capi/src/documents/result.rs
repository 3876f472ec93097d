//! Documents that C gets. Later versions may add members.

use super::schema;
use fhir_ehr::{
    CheckStep, Code, Discovery, Environment, ErrorDocument, FhirVersion, Field, GrantPage, Introspection,
    KeepAliveResult, LaunchContext, LaunchLogEntry, LaunchResult, LaunchView, Mapping, MinimumScopes,
    PatientResult, Preselect, PullReport, PullResult, RegistrationSheet, Result, SaveSet, ServerMetadata,
    SignIn, SignedOutGrant, Source, Sources, StagedRow, UserLinkEntry, UserRemoval, Vendor,
    field_catalog as core_fields,
};
use schemars::{JsonSchema, generate::Contract};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a launch, a callback or a login leads to: the result of fhir_ehr_client_handle_launch() and
/// fhir_ehr_client_finish_login().
#[derive(Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schemars(title = "Launch result")]
pub(crate) enum LaunchResultDocument<'a> {
    /// Redirect the browser.
    Redirect {
        /// The URL to redirect to.
        url: &'a str,
    },
    /// Send the browser to the authorization server with a form: the source's `authorize_method` is `post`. Show a page with a form
    /// of method POST, these hidden fields and a button. A script may submit it.
    Form {
        /// The `action` of the form.
        url: &'a str,
        /// The names and values of its hidden fields.
        fields: &'a BTreeMap<String, String>,
    },
    /// The user is signed in. Give the browser a new session id, and redirect it to a URL without the query.
    SignedIn {
        /// Names the launch in fhir_ehr_client_launch_view() and fhir_ehr_client_create_handoff(). Keep it in the browser's session
        /// on the server.
        launch_id: &'a str,
        /// The application's user.
        user: &'a str,
        /// The id of the source in the configuration.
        source: &'a str,
        /// The launch context.
        context: &'a LaunchContext,
    },
    /// The EHR's user is linked to no user of the application. Show the application's own login, then call
    /// fhir_ehr_client_finish_login().
    LoginRequired {
        /// Keep it in the browser's session on the server; it can be used once.
        handover: &'a str,
        /// The EHR's id for the user, or null.
        ehr_user: Option<&'a str>,
        /// The id of the source in the configuration.
        source: &'a str,
    },
}

pub(crate) fn launch_result(launch_result: &LaunchResult) -> LaunchResultDocument<'_> {
    match launch_result {
        LaunchResult::Redirect(url) => LaunchResultDocument::Redirect { url },
        LaunchResult::Form(form) => LaunchResultDocument::Form { url: &form.url, fields: &form.fields },
        LaunchResult::SignedIn(user) => sign_in(user),
        LaunchResult::LoginRequired { handover, ehr_user, source } => {
            LaunchResultDocument::LoginRequired { handover, ehr_user: ehr_user.as_deref(), source }
        }
    }
}

pub(crate) fn sign_in(sign_in: &SignIn) -> LaunchResultDocument<'_> {
    LaunchResultDocument::SignedIn {
        launch_id: &sign_in.launch_id,
        user: &sign_in.user,
        source: &sign_in.source,
        context: &sign_in.context,
    }
}

/// A checked mapping: the result of fhir_ehr_client_check_mapping().
#[derive(Serialize, JsonSchema)]
#[schemars(title = "Mapping")]
pub(crate) struct MappingDocument<'a> {
    /// The study field that holds the MRN, or null.
    record_identifier: Option<&'a str>,
    /// The lines of the mapping that name a source field.
    lines: Vec<MappingLineDocument<'a>>,
    /// What was ignored or is probably not intended, in sentences.
    warnings: &'a [String],
}

/// A line of the mapping.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MappingLine")]
struct MappingLineDocument<'a> {
    /// The source field, such as `29463-7`.
    source_field: &'a str,
    /// A label for the source field.
    label: &'a str,
    /// The study field for the value.
    study_field: &'a str,
    /// The event of the study field, or empty.
    event: &'a str,
    /// The study field whose date limits the values, or null.
    temporal_field: Option<&'a str>,
    /// Which of several values is preselected, or null.
    preselect: Option<Preselect>,
    /// The unit that a value must have to be preselected, or null.
    unit: Option<&'a str>,
}

pub(crate) fn mapping(mapping: &Mapping) -> MappingDocument<'_> {
    let lines = mapping.lines.iter().map(|line| MappingLineDocument {
        source_field: &line.source_field.name,
        label: &line.source_field.label,
        study_field: &line.study_field,
        event: &line.event,
        temporal_field: line.temporal_field.as_deref(),
        preselect: line.preselect,
        unit: line.unit.as_deref(),
    });
    MappingDocument {
        record_identifier: mapping.record_identifier.as_deref(),
        lines: lines.collect(),
        warnings: &mapping.warnings,
    }
}

/// A patient: the result of fhir_ehr_client_patient(). Keep it out of logs.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "Patient")]
pub(crate) struct PatientDocument<'a> {
    /// The FHIR id.
    patient_id: &'a str,
    /// The medical record numbers, in the order of the source's `mrn_systems`; may be empty.
    mrns: &'a [String],
    /// The FHIR ids of the same patient in other FHIR versions of the EHR, by version (`dstu2`, `r4`), as far as the EHR states them.
    other_ids: &'a BTreeMap<String, String>,
    /// The values of the requested fields, by field name. A field without a value is absent.
    values: &'a BTreeMap<String, String>,
}

pub(crate) fn patient(found: &PatientResult) -> PatientDocument<'_> {
    let PatientResult { patient_id, mrns, other_ids, values } = found;
    PatientDocument { patient_id, mrns, other_ids, values }
}

/// A source of the configuration.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Source")]
pub(crate) struct SourceDocument<'a> {
    /// The id in the configuration.
    id: &'a str,
    /// The name to show: the configured one, or the id.
    name: &'a str,
    /// The FHIR base URL.
    iss: &'a str,
    /// The organization of the tenant.
    organization: &'a str,
    /// The environment.
    environment: Environment,
    /// The FHIR version.
    fhir_version: FhirVersion,
    /// The vendor.
    vendor: Vendor,
    /// Whether the source has a system account.
    system_account: bool,
    /// The redirect URIs of the registration for users that serve the environment.
    redirect_uris: Vec<&'a str>,
    /// The origins that may show the application in a frame.
    frame_ancestors: &'a [String],
    /// The configured authorization endpoint, or null: it is discovered.
    authorization_endpoint: Option<&'a str>,
    /// The configured token endpoint, or null: it is discovered.
    token_endpoint: Option<&'a str>,
    /// The identifier systems of MRNs, the preferred one first.
    mrn_systems: &'a [String],
    /// The IANA name of the site's time zone, or null.
    time_zone: Option<&'a str>,
}

pub(crate) fn sources(sources: &Sources) -> Vec<SourceDocument<'_>> {
    sources.iter().map(source).collect()
}

fn source(source: &Source) -> SourceDocument<'_> {
    SourceDocument {
        id: &source.id,
        name: &source.name,
        iss: &source.iss,
        organization: &source.organization,
        environment: source.environment,
        fhir_version: source.fhir_version,
        vendor: source.vendor,
        system_account: source.system_registration.is_some(),
        redirect_uris: source.redirect_uris().collect(),
        frame_ancestors: &source.frame_ancestors,
        authorization_endpoint: source.authorization_endpoint.as_ref().map(|url| url.as_str()),
        token_endpoint: source.token_endpoint.as_ref().map(|url| url.as_str()),
        mrn_systems: &source.mrn_systems,
        time_zone: source.time_zone.as_ref().and_then(|zone| zone.iana_name()),
    }
}

/// What a server says about itself: the result of fhir_ehr_client_discover(). The server wrote these texts: escape them
/// before you show them.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "Discovery")]
pub(crate) struct DiscoveryDocument<'a> {
    /// The authorization endpoint, or null.
    authorization_endpoint: Option<&'a str>,
    /// The token endpoint.
    token_endpoint: &'a str,
    /// The introspection endpoint, or null.
    introspection_endpoint: Option<&'a str>,
    /// The revocation endpoint, or null.
    revocation_endpoint: Option<&'a str>,
    /// The page where users manage what they have authorized, or null.
    management_endpoint: Option<&'a str>,
    /// The endpoint for dynamic client registration, or null.
    registration_endpoint: Option<&'a str>,
    /// The URL of the server's public keys, or null.
    jwks_uri: Option<&'a str>,
    /// The issuer, or null.
    issuer: Option<&'a str>,
    /// The FHIR version, or null when the server names none or one that this library does not support.
    fhir_version: Option<FhirVersion>,
    /// Where the endpoints were found.
    #[schemars(extend("enum" = ["smart-configuration", "metadata", "openid-configuration"]))]
    found_in: &'a str,
    /// The scopes that the server says it supports.
    scopes_supported: &'a [String],
    /// The SMART capabilities that the server says it has.
    capabilities: &'a [String],
    /// The PKCE methods that the server advertises.
    code_challenge_methods: &'a [String],
    /// The vendor that the server's CapabilityStatement names, or null: the `vendor` to propose for the configuration.
    vendor: Option<Vendor>,
}

/// Approved endpoints: the result of fhir_ehr_client_approve_endpoints(). The server wrote these texts: escape them before you show
/// them.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "Approved endpoints")]
pub(crate) struct ApprovedEndpointsDocument<'a> {
    /// The document that named the endpoints.
    #[schemars(extend("enum" = ["smart-configuration", "metadata", "openid-configuration"]))]
    found_in: &'a str,
    /// The endpoints by their names in the configuration, such as `token_endpoint`.
    endpoints: BTreeMap<&'a str, &'a str>,
}

pub(crate) fn approved_endpoints(approved: &ServerMetadata) -> ApprovedEndpointsDocument<'_> {
    ApprovedEndpointsDocument {
        found_in: approved.found_in.name(),
        endpoints: approved.endpoints.members().collect(),
    }
}

pub(crate) fn discovery(discovery: &Discovery) -> DiscoveryDocument<'_> {
    let endpoints = &discovery.endpoints;
    let member = |name: &str| endpoints.members().find(|(member, _)| *member == name).map(|(_, text)| text);
    DiscoveryDocument {
        authorization_endpoint: member("authorization_endpoint"),
        token_endpoint: endpoints.token.as_str(),
        introspection_endpoint: member("introspection_endpoint"),
        revocation_endpoint: member("revocation_endpoint"),
        management_endpoint: member("management_endpoint"),
        registration_endpoint: member("registration_endpoint"),
        jwks_uri: member("jwks_uri"),
        issuer: member("issuer"),
        fhir_version: discovery.fhir_version,
        found_in: discovery.found_in.name(),
        scopes_supported: &discovery.scopes_supported,
        capabilities: &discovery.capabilities,
        code_challenge_methods: &discovery.code_challenge_methods,
        vendor: discovery.vendor,
    }
}

/// The result of a pull besides its rows: fhir_ehr_rows_report().
#[derive(Serialize, JsonSchema)]
#[schemars(title = "Pull report")]
pub(crate) struct PullReportDocument<'a> {
    /// The id of the pull.
    pull_id: &'a str,
    /// The patient's FHIR id.
    patient_id: &'a str,
    /// Whether everything that was requested was received.
    complete: bool,
    /// Details.
    report: &'a PullReport,
}

pub(crate) fn pull_report(pull_result: &PullResult) -> PullReportDocument<'_> {
    PullReportDocument {
        pull_id: &pull_result.pull_id,
        patient_id: &pull_result.patient_id,
        complete: pull_result.report.is_complete(),
        report: &pull_result.report,
    }
}

/// Rows as fhir_ehr_rows_json() returns them: the members of a row without the keyed hashes, which only the store
/// needs, and with `decision`.
pub(crate) fn rows(rows: &[StagedRow]) -> Result<Value> {
    let row = |row: &StagedRow| {
        let mut value = serde_json::to_value(row).map_err(|_| Code::Internal)?;
        if let Some(members) = value.as_object_mut() {
            for hash in ["patient", "fingerprint", "window"] {
                members.remove(hash);
            }
            members.insert("decision".to_owned(), row.decision().into());
        }
        Ok(value)
    };
    rows.iter().map(row).collect()
}

fn rows_schema() -> Value {
    let mut rows = schema::<Vec<StagedRow>>(Contract::Serialize);
    rows["title"] = "Rows".into();
    rows["description"] = "Staged rows: the result of fhir_ehr_rows_json().".into();
    let row = &mut rows["$defs"]["StagedRow"];
    row["properties"]["decision"] = json!({"type": "string"});
    for line in include_str!("../row_members.tsv").lines().filter(|line| !line.starts_with('#')) {
        if let [_number, name, _kind, sentence] = line.split('\t').collect::<Vec<_>>()[..] {
            row["properties"][name]["description"] = sentence.into();
        }
    }
    if let Some(required) = row["required"].as_array_mut() {
        required.push("decision".into());
    }
    rows
}

/// A row of the error table.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ErrorTableRow")]
pub(crate) struct ErrorTableRow {
    /// The stable number, FHIR_EHR_E_....
    code: u32,
    /// The stable name.
    name: &'static str,
    /// The step in which the error occurs.
    stage: &'static str,
    /// Who can fix the problem.
    owner: &'static str,
    /// When a retry makes sense.
    retry: &'static str,
    /// The plain sentence.
    sentence: &'static str,
}

pub(crate) fn error_table() -> Vec<ErrorTableRow> {
    let row = |code: Code| {
        let [stage, owner, retry] = code.words();
        let (name, sentence) = (code.name(), code.sentence());
        ErrorTableRow { code: code.number(), name, stage, owner, retry, sentence }
    };
    Code::all().map(row).collect()
}

/// A field that a mapping can name.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Field")]
pub(crate) struct FieldDocument<'a> {
    /// The name in mappings.
    name: &'a str,
    /// The name to show.
    label: &'a str,
    /// The group of fields that it belongs to.
    category: &'a str,
    /// Other words that people type to find the field, such as `WBC`; may be empty.
    synonyms: &'a [String],
    /// Whether its values have a time, so that a date window applies.
    temporal: bool,
    /// Whether fhir_ehr_client_patient() can return it.
    demographic: bool,
}

pub(crate) fn field_catalog() -> Vec<FieldDocument<'static>> {
    let document = |field: &'static Field| FieldDocument {
        name: &field.name,
        label: &field.label,
        category: &field.category,
        synonyms: &field.synonyms,
        temporal: field.is_temporal(),
        demographic: field.is_demographic(),
    };
    core_fields().iter().map(document).collect()
}

pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    use Contract::Serialize;
    vec![
        ("launch_result", schema::<LaunchResultDocument<'_>>(Serialize)),
        ("grants", schema::<GrantPage>(Serialize)),
        ("introspections", schema::<Vec<Introspection>>(Serialize)),
        ("keep_alive", schema::<KeepAliveResult>(Serialize)),
        ("signed_out", schema::<Vec<SignedOutGrant>>(Serialize)),
        ("user_removal", schema::<UserRemoval>(Serialize)),
        ("launch_view", schema::<LaunchView>(Serialize)),
        ("launches", schema::<Vec<LaunchLogEntry>>(Serialize)),
        ("mapping", schema::<MappingDocument<'_>>(Serialize)),
        ("patient", schema::<PatientDocument<'_>>(Serialize)),
        ("pull_report", schema::<PullReportDocument<'_>>(Serialize)),
        ("rows", rows_schema()),
        ("save_set", schema::<SaveSet>(Serialize)),
        ("sources", schema::<Vec<SourceDocument<'_>>>(Serialize)),
        ("user_links", schema::<Vec<UserLinkEntry>>(Serialize)),
        ("discovery", schema::<DiscoveryDocument<'_>>(Serialize)),
        ("approved_endpoints", schema::<ApprovedEndpointsDocument<'_>>(Serialize)),
        ("minimum_scopes", schema::<MinimumScopes>(Serialize)),
        ("registration_sheet", schema::<RegistrationSheet>(Serialize)),
        ("check_steps", schema::<Vec<CheckStep>>(Serialize)),
        ("error", schema::<ErrorDocument<'_>>(Serialize)),
        ("error_table", schema::<Vec<ErrorTableRow>>(Serialize)),
        ("field_catalog", schema::<Vec<FieldDocument<'_>>>(Serialize)),
    ]
}
