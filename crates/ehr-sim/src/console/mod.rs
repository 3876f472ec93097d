//! `/console`: the pages on which an application is registered, as in a vendor's developer console.

mod jwks_test;
mod pages;
mod registrations;

use crate::{
    ehr::Ehr,
    http::{Reply, Request},
};

pub(crate) fn answer(root: &Ehr, request: &Request) -> Reply {
    let form = request.body_form();
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/console") => pages::overview(root),
        ("POST", "/console/register") => registrations::register(root, &form),
        ("POST", "/console/tenants") => registrations::set_tenants(root, &form),
        ("POST", "/console/jwks-test") => jwks_test::answer(root, &form),
        (method, path) => Reply::text(404, format!("ehr-sim does not implement {method} {path}")),
    }
}
