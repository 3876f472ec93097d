//! What the library asks the authorization server about a token.

use crate::world::*;

requirements! {
    requirement_270 = 270 shall introspection_follows_rfc_7662;
}

fn introspection_follows_rfc_7662(switch: Switch) -> Checked {
    let world = World::start(switch, Setup::default());
    world.launch()?;
    let answers = said(world.client.introspect("admin", Some("alice"), "sim"));
    let requests = world.received("/auth/introspect");
    expect(!requests.is_empty(), "no introspection request was sent")?;
    for request in &requests {
        equal("the method", request.method.as_str(), "POST")?;
        header_is(request, "content-type", "application/x-www-form-urlencoded")?;
        expect(!parameter(request, "token")?.is_empty(), "the token is empty")?;
        expect(request.query.is_empty(), "the request has a query")?;
        expect(request.header("authorization").is_some(), "the client is not authenticated")?;
    }
    expect(answers?.iter().all(|answer| answer.active), "a token of the sign-in is not active")
}
