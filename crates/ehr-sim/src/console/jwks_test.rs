//! The "Test" button: fetches a JWKS URL, lists its keys, and checks an assertion with them.

use crate::{
    auth::assertion,
    ehr::Ehr,
    fetch::{Document, fetch},
    http::{Form, Reply, escape},
    jose::{self, Jwk, Jwt},
};

use super::pages;

pub(super) fn answer(root: &Ehr, form: &Form) -> Reply {
    let url = form.get("url").unwrap_or_default().trim();
    let text = form.get("assertion").unwrap_or_default().trim();
    let mut main = "<h1>JWKS test</h1>\n".to_owned();
    match fetch(url).and_then(|document| Ok((jose::parse_jwks(&document.body)?, document))) {
        Ok((keys, document)) => {
            main.push_str(&list("The document", &document_problems(&document, &keys)));
            main.push_str(&table(&keys));
            if !text.is_empty() {
                main.push_str(&list("The assertion", &assertion_problems(root, text, &keys)));
            }
        }
        Err(problem) => {
            main.push_str(&format!("<p role=\"alert\">{}. No key was read.</p>\n", escape(&problem)));
        }
    }
    main.push_str(&pages::jwks_form(url, text));
    pages::result(&main)
}

/// The result of one part of the test.
fn list(title: &str, problems: &[String]) -> String {
    if problems.is_empty() {
        return format!("<h2>{title}</h2>\n<p>No problem was found.</p>\n");
    }
    let items: String = problems.iter().map(|problem| format!("<li>{}</li>", escape(problem))).collect();
    format!("<h2>{title}</h2>\n<p role=\"alert\">It has problems:</p>\n<ul>{items}</ul>\n")
}

fn document_problems(document: &Document, keys: &[Jwk]) -> Vec<String> {
    let mut problems = Vec::new();
    let media_type = document.content_type.as_deref().unwrap_or("none");
    if !matches!(
        media_type.split(';').next().map(str::trim),
        Some("application/json" | "application/jwk-set+json")
    ) {
        problems.push(format!("The Content-Type is {media_type}, not application/json"));
    }
    if document.cache_control.is_none() {
        problems.push(
            "The reply has no Cache-Control, so a server does not know how long it may keep the keys"
                .to_owned(),
        );
    }
    if keys.is_empty() {
        problems.push("The document has no key".to_owned());
    }
    for (at, key) in keys.iter().enumerate() {
        if key.kid.is_some() && keys[..at].iter().any(|other| other.kid == key.kid) {
            problems.push(format!("The kid {} occurs twice", key.kid.as_deref().unwrap_or_default()));
        }
    }
    problems
}

fn table(keys: &[Jwk]) -> String {
    let rows: String = keys
        .iter()
        .map(|key| {
            let problems =
                if key.problems.is_empty() { "usable".to_owned() } else { key.problems.join("; ") };
            format!(
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                escape(key.kid.as_deref().unwrap_or("no kid")),
                escape(&key.kty),
                escape(key.alg.as_deref().unwrap_or("no alg")),
                escape(&problems)
            )
        })
        .collect();
    format!(
        "<table class=\"list\"><caption>Keys</caption><thead><tr><th scope=\"col\">kid</th><th scope=\"col\">kty</th>\
         <th scope=\"col\">alg</th><th scope=\"col\">Result</th></tr></thead>\n<tbody>\n{rows}</tbody></table>\n"
    )
}

/// What is wrong with an assertion for one of the token endpoints. It is not recorded as used.
fn assertion_problems(root: &Ehr, text: &str, keys: &[Jwk]) -> Vec<String> {
    let jwt = match Jwt::parse(text) {
        Ok(jwt) => jwt,
        Err(problem) => return vec![problem.to_owned()],
    };
    let audience = jwt.claim_text("aud");
    let base = root.bases().find(|base| audience == Some(base.token_endpoint().as_str())).unwrap_or(root);
    let client = jwt.claim_text("iss").unwrap_or_default();
    let registration = root.state().registry.active(client, root.clock.now_ms());
    let mut problems: Vec<String> =
        assertion::problems(base, registration.as_deref(), &jwt).into_iter().map(str::to_owned).collect();
    match registration {
        None => problems.push(format!("No active application has the client id {client}")),
        Some(registration) if !registration.is_enabled_for(&base.tenant) => {
            problems.push(format!("The tenant {} has not enabled the application", base.tenant));
        }
        Some(_) => {}
    }
    let checked = jose::find_key(keys, jwt.header_text("kid").unwrap_or_default())
        .and_then(|key| jose::verify(&jwt, key));
    problems.extend(checked.err().map(str::to_owned));
    problems
}
