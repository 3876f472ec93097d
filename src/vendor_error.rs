//! The error as the EHR's server reports it.

/// The error as the EHR's server reports it, for a ticket to the EHR team. It holds no token, code or state of the request, and
/// its texts have no characters that a page, a terminal or a log could misread.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
pub struct VendorError {
    /// The vendor's own code: an OAuth error, the last segments of an Oracle URN (O17), an Epic
    /// number (E18).
    pub code: Option<String>,
    /// The id under which the vendor's support finds the event (O16).
    pub correlation_id: Option<String>,
    /// The client id that the server names (O16). It is not a secret.
    #[serde(default)]
    pub client_id: Option<String>,
    /// The tenant that the server names (O16).
    #[serde(default)]
    pub tenant: Option<String>,
    /// The page of the server about this error (O16). The library never requests it. A person may open it.
    #[serde(default)]
    pub link: Option<String>,
}

impl VendorError {
    pub(crate) const NONE: VendorError =
        VendorError { code: None, correlation_id: None, client_id: None, tenant: None, link: None };
}
