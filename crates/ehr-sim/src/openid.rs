//! The OpenID configuration.

use serde_json::json;

use crate::{ehr::Ehr, http::Reply, options::Personality};

/// The OpenID configuration. Oracle's names the issuer as authorize and token endpoint, so only its `jwks_uri` can be
/// used (O19).
pub(crate) fn configuration(ehr: &Ehr) -> Reply {
    let oracle = ehr.options.personality == Personality::Oracle;
    let endpoint = |name: &str| if oracle { ehr.issuer() } else { ehr.auth_url(name) };
    Reply::json(
        200,
        &json!({
            "issuer": ehr.issuer(),
            "authorization_endpoint": endpoint("authorize"),
            "token_endpoint": endpoint("token"),
            "jwks_uri": ehr.auth_url("jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ehr.id_token_algorithm().as_str()],
        }),
    )
}
