//! The terms of the configuration that the whole library uses: environment, FHIR version, vendor.

use crate::error::{Code, Error, Result, escape_for_display};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The environment of a source or project. Data from a sandbox or test source cannot go into a
/// production project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// A vendor's public sandbox or a simulator.
    Sandbox,
    /// A hospital's test system.
    Test,
    /// Real patients.
    Production,
}

impl Environment {
    /// All environments.
    pub const ALL: [Self; 3] = [Environment::Sandbox, Environment::Test, Environment::Production];

    /// The name in documents, such as `sandbox`.
    pub fn name(self) -> &'static str {
        match self {
            Environment::Sandbox => "sandbox",
            Environment::Test => "test",
            Environment::Production => "production",
        }
    }

    /// The environment with this name in documents.
    ///
    /// # Errors
    /// [`Code::RequestInvalid`] for any other text.
    pub fn from_name(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name).ok_or_else(|| {
            Error::new(Code::RequestInvalid)
                .detail(format!("{} is not an environment", escape_for_display(name)))
                .hint("Use sandbox, test or production.")
        })
    }
}

/// A FHIR version that the library supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FhirVersion {
    /// 1.0.2
    Dstu2,
    /// 4.0.1
    R4,
}

impl FhirVersion {
    /// The name in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            FhirVersion::Dstu2 => "dstu2",
            FhirVersion::R4 => "r4",
        }
    }
}

/// The vendor whose preset a source starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Vendor {
    /// No vendor: the specifications without quirks.
    #[default]
    Generic,
    /// The SMART Health IT sandbox.
    Smart,
    /// Oracle Health (Cerner).
    Oracle,
    /// Epic.
    Epic,
}

impl Vendor {
    /// The name in the configuration and in the presets.
    pub fn name(self) -> &'static str {
        match self {
            Vendor::Generic => "generic",
            Vendor::Smart => "smart",
            Vendor::Oracle => "oracle",
            Vendor::Epic => "epic",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_has_one_name_in_documents_and_calls() {
        for environment in Environment::ALL {
            assert_eq!(serde_json::to_value(environment).unwrap(), environment.name());
            assert_eq!(Environment::from_name(environment.name()).unwrap(), environment);
        }
        for wrong in ["", "Sandbox", "production ", "live"] {
            assert_eq!(Environment::from_name(wrong).unwrap_err().code(), Code::RequestInvalid, "{wrong}");
        }
    }
}
