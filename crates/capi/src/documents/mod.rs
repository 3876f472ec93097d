//! The JSON documents that C passes and gets, and their JSON Schemas.

mod request;
mod result;

pub(crate) use request::{decisions, keys, patient_request, pull_request};
pub(crate) use result::{
    approved_endpoints, discovery, error_table, field_catalog, launch_result, mapping, patient, pull_report,
    rows, sign_in, sources,
};

use crate::text::Text;
use fhir_ehr::{Code, Result};
use schemars::{
    JsonSchema,
    generate::{Contract, SchemaSettings},
};
use serde::Serialize;
use serde_json::Value;

/// A document as text for C.
pub(crate) fn to_text(document: &impl Serialize) -> Result<Text> {
    serde_json::to_string(document).map(Text::new).map_err(|_| Code::Internal.into())
}

fn schema<T: JsonSchema>(contract: Contract) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.contract = contract);
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// The schema of each document, by the name of its file in docs/schemas without `.schema.json`.
pub fn schemas() -> Vec<(&'static str, Value)> {
    let mut schemas = request::schemas();
    schemas.extend(result::schemas());
    schemas
}
