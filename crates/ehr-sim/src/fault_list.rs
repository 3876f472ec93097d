//! The faults that the simulator has, with their arguments and effects.

/// A fault, for `--help` and `--fault help`.
#[derive(Debug, Clone, Copy)]
pub struct FaultDoc {
    /// The name, with its argument if it has one.
    pub usage: &'static str,
    /// What it does, as part of a sentence.
    pub effect: &'static str,
    pub(crate) argument: Argument,
    pub(crate) endpoint: Endpoint,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Argument {
    None,
    Number,
    Text,
    /// A number that can be negative. The fault cannot have a count.
    SignedRest,
    /// The rest of the text with its colons (an HTTP date, JSON). The fault cannot have a count.
    Rest,
}

/// Where a fault without a target applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// FHIR reads and searches.
    Fhir,
    Token,
    /// The authorize request.
    Authorize,
    Discovery,
    /// The redirect to the application.
    Callback,
}

const fn doc(usage: &'static str, effect: &'static str, argument: Argument, endpoint: Endpoint) -> FaultDoc {
    FaultDoc { usage, effect, argument, endpoint }
}

/// All faults.
pub const FAULTS: &[FaultDoc] = &[
    doc("fhir-status:CODE", "FHIR requests get an error with this status", Argument::Number, Endpoint::Fhir),
    doc(
        "token-status:CODE",
        "token requests get an error with this status",
        Argument::Number,
        Endpoint::Token,
    ),
    doc(
        "retry-after:SECONDS|DATE",
        "the errors of the two faults above have this Retry-After",
        Argument::Rest,
        Endpoint::Fhir,
    ),
    doc("html-error", "500 with an HTML page, as from a proxy", Argument::None, Endpoint::Fhir),
    doc("empty-body", "200 without a body", Argument::None, Endpoint::Fhir),
    doc("fhir-body:JSON", "200 with this body for every FHIR request", Argument::Rest, Endpoint::Fhir),
    doc(
        "status-of-success:CODE",
        "a successful answer has this status, such as 206",
        Argument::Number,
        Endpoint::Fhir,
    ),
    doc("bundle-type:TYPE", "the Bundle of a search has this type", Argument::Text, Endpoint::Fhir),
    doc("total-plus:NUMBER", "Bundle.total is too large by this number", Argument::Number, Endpoint::Fhir),
    doc(
        "truncated-json",
        "half of the body, with a Content-Length that matches",
        Argument::None,
        Endpoint::Fhir,
    ),
    doc("wrong-media-type", "correct JSON with the media type text/html", Argument::None, Endpoint::Fhir),
    doc(
        "next-foreign-origin",
        "the next link leads to http://localhost:PORT, another origin",
        Argument::None,
        Endpoint::Fhir,
    ),
    doc("next-loop", "the next link leads to the same page", Argument::None, Endpoint::Fhir),
    doc("next-relative", "the next link is relative to the FHIR base URL", Argument::None, Endpoint::Fhir),
    doc(
        "page-repeats",
        "a page begins with the last entry of the previous page (O27)",
        Argument::None,
        Endpoint::Fhir,
    ),
    doc(
        "outcome-in-searchset",
        "each search set has an OperationOutcome entry (E17)",
        Argument::None,
        Endpoint::Fhir,
    ),
    doc("other-patient", "a search set has an entry of another patient", Argument::None, Endpoint::Fhir),
    doc(
        "two-patients",
        "a search by identifier finds a second Patient with the same identifier (O23)",
        Argument::None,
        Endpoint::Fhir,
    ),
    doc("slow:MILLISECONDS", "the answer is delayed", Argument::Number, Endpoint::Fhir),
    doc("never-answers", "the request is read but never answered", Argument::None, Endpoint::Fhir),
    doc("close-early", "the connection closes in the middle of the body", Argument::None, Endpoint::Fhir),
    doc("huge-body:BYTES", "this many spaces come before the body", Argument::Number, Endpoint::Fhir),
    doc(
        "refused-token-status:CODE",
        "a refused access token gets this status instead of 401",
        Argument::Number,
        Endpoint::Fhir,
    ),
    doc(
        "token-answer:JSON",
        "token requests get this body, with status 200 or that of token-status",
        Argument::Rest,
        Endpoint::Token,
    ),
    doc(
        "suspended-refresh-token",
        "refresh tokens are refused like revoked ones, but work again later (O4)",
        Argument::None,
        Endpoint::Token,
    ),
    doc(
        "ended-user-session",
        "refresh tokens are refused, because the user's session at the EHR has ended (O2)",
        Argument::None,
        Endpoint::Token,
    ),
    doc(
        "code-before-client",
        "an unknown code is refused before the client is authenticated",
        Argument::None,
        Endpoint::Token,
    ),
    doc(
        "bad-code-is-invalid-request",
        "a bad code is refused with invalid_request instead of invalid_grant (FusionAuth)",
        Argument::None,
        Endpoint::Token,
    ),
    doc("no-expires-in", "the token answer has no expires_in", Argument::None, Endpoint::Token),
    doc("expires-in-string", "expires_in is a string", Argument::None, Endpoint::Token),
    doc("no-token-type", "the token answer has no token_type", Argument::None, Endpoint::Token),
    doc("lower-case-bearer", "token_type is bearer", Argument::None, Endpoint::Token),
    doc(
        "token-text-plain",
        "the token answer has the media type text/plain",
        Argument::None,
        Endpoint::Token,
    ),
    doc("id-token-missing", "the token answer has no id_token", Argument::None, Endpoint::Token),
    doc(
        "id-token-signature:HOW",
        "the id_token is signed wrongly: wrong, none, hs256 (with the public key), unknown-kid, own-key (in the header)",
        Argument::Text,
        Endpoint::Token,
    ),
    doc(
        "id-token-wrong:CLAIM",
        "this claim of the id_token is wrong, such as iss, aud, azp, exp, iat, nonce, at_hash",
        Argument::Text,
        Endpoint::Token,
    ),
    doc(
        "id-token-claims:JSON",
        "the id_token has these claims instead of its own; null removes one",
        Argument::Rest,
        Endpoint::Token,
    ),
    doc("id-token-duplicate", "the id_token has sub twice", Argument::None, Endpoint::Token),
    doc("id-token-huge", "the id_token is longer than 64 KiB", Argument::None, Endpoint::Token),
    doc(
        "jwks-status:CODE",
        "requests for the JWK set get an error with this status",
        Argument::Number,
        Endpoint::Discovery,
    ),
    doc("missing-access-token", "the token answer has no access_token", Argument::None, Endpoint::Token),
    doc("redirect-foreign", "302 to http://localhost:PORT, another origin", Argument::None, Endpoint::Fhir),
    doc(
        "deny-type:TYPE",
        "403 for one resource type, although the scope was granted (O34)",
        Argument::Text,
        Endpoint::Fhir,
    ),
    doc(
        "required-missing:TYPE",
        "500 with an OperationOutcome fatal/required for searches of one type (O22)",
        Argument::Text,
        Endpoint::Fhir,
    ),
    doc(
        "ignore-search-params",
        "a search returns all resources of the type that the token may read",
        Argument::None,
        Endpoint::Fhir,
    ),
    doc("page-expired", "requests for the next page are refused (E18)", Argument::None, Endpoint::Fhir),
    doc(
        "callback-iss:URL",
        "the callback has this iss, as in a mix-up of two servers (RFC 9207)",
        Argument::Rest,
        Endpoint::Callback,
    ),
    doc(
        "endpoint-base:URL",
        "the discovery documents have the endpoints below this URL instead of the real one",
        Argument::Rest,
        Endpoint::Discovery,
    ),
    doc(
        "bare-400",
        "400 without a body, as Epic sends at times although the credentials are right (E24)",
        Argument::None,
        Endpoint::Token,
    ),
    doc(
        "oracle-error:URN",
        "the error with these last segments of Oracle's URN: at the token endpoint if they begin with oauth2:token, otherwise at the authorize endpoint (O16, O17)",
        Argument::Rest,
        Endpoint::Token,
    ),
    doc(
        "auth_invalid_client_id",
        "SMART launcher: the callback has invalid_client",
        Argument::None,
        Endpoint::Authorize,
    ),
    doc(
        "auth_invalid_redirect_uri",
        "SMART launcher: 400 invalid_request as JSON, without a redirect",
        Argument::None,
        Endpoint::Authorize,
    ),
    doc(
        "auth_invalid_scope",
        "SMART launcher: the callback has invalid_scope",
        Argument::None,
        Endpoint::Authorize,
    ),
    doc("auth_invalid_client_secret", "SMART launcher: 401 invalid_client", Argument::None, Endpoint::Token),
    doc(
        "token_invalid_token",
        "SMART launcher: 401 invalid_client for a code, 401 invalid_grant for a refresh token",
        Argument::None,
        Endpoint::Token,
    ),
    doc(
        "token_expired_refresh_token",
        "SMART launcher: 403 invalid_grant for a refresh token",
        Argument::None,
        Endpoint::Token,
    ),
    doc(
        "token_expired_registration_token",
        "SMART launcher: 401 invalid_client for a system account",
        Argument::None,
        Endpoint::Token,
    ),
    doc(
        "token_invalid_scope",
        "SMART launcher: 400 invalid_scope for a system account",
        Argument::None,
        Endpoint::Token,
    ),
    doc(
        "token_invalid_jti",
        "SMART launcher: 401 invalid_client for a system account",
        Argument::None,
        Endpoint::Token,
    ),
    doc(
        "request_invalid_token",
        "SMART launcher: 401 with text for a FHIR request",
        Argument::None,
        Endpoint::Fhir,
    ),
    doc(
        "request_expired_token",
        "SMART launcher: 401 with text for a FHIR request",
        Argument::None,
        Endpoint::Fhir,
    ),
    doc(
        "clock-skew:SECONDS",
        "all Date headers, and the clock that assertions are checked with, are wrong by this; it can be negative",
        Argument::SignedRest,
        Endpoint::Discovery,
    ),
];

impl FaultDoc {
    /// The name without the argument.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.usage.split(':').next().unwrap_or(self.usage)
    }
}

/// The faults with their effects, one per line.
pub(crate) fn list() -> String {
    FAULTS.iter().map(|doc| format!("  {:<26} {}\n", doc.usage, doc.effect)).collect()
}
