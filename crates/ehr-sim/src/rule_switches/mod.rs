//! Switches that break one numbered rule of SMART App Launch 2.2.0 each, so that a test can show that it finds the defect.
//!
//! A rule about what the client sends: the simulator changes the request before it checks and logs it, as if the client had not
//! followed the rule. A rule about what the client accepts: the simulator changes its reply, so that a correct client refuses it.

mod change;
mod list;

use std::collections::{BTreeSet, HashMap};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use url::form_urlencoded;

use crate::http::{Form, Reply, Request};

use change::Parts;
use list::{LINES, Place};
pub use list::{RuleSwitch, rule_switches};

/// The switches that are on.
#[derive(Debug, Default)]
pub(crate) struct RuleSwitches {
    on: BTreeSet<u16>,
    first: HashMap<String, Value>,
}

impl RuleSwitches {
    /// Turns a switch on. The error is a sentence with the list.
    pub(crate) fn turn_on(&mut self, number: u16) -> Result<(), String> {
        if !LINES.iter().any(|line| line.number == number) {
            return Err(format!("There is no switch {number}. The switches are:\n{}", describe()));
        }
        self.on.insert(number);
        Ok(())
    }

    /// Changes a request as the switches say.
    pub(crate) fn change_request(&mut self, request: &mut Request) {
        if self.on.is_empty() {
            return;
        }
        let kind = kind(request);
        let grant = request.body_form().get("grant_type").map(str::to_owned).unwrap_or_default();
        let is_token = kind == "token";
        match kind {
            "authorize" => self.change_form(Place::Authorize, request),
            "introspect" => self.change_form(Place::Introspect, request),
            "register" => self.change_json(Place::Register, &mut request.body),
            "token" => {
                self.change_assertion(request);
                self.change_form(Place::Token(""), request);
                let grants = ["authorization_code", "refresh_token", "client_credentials"];
                if let Some(grant) = grants.into_iter().find(|name| *name == grant) {
                    self.change_form(Place::Token(grant), request);
                }
            }
            _ => {}
        }
        self.change_http(request, |named| named.is_empty() || named == kind || is_token && named == grant);
    }

    /// Changes the reply to a request as the switches say.
    pub(crate) fn change_reply(&mut self, request: &Request, reply: &mut Reply) {
        if self.on.is_empty() {
            return;
        }
        match kind(request) {
            "authorize" => self.change_callback(reply),
            "token" if reply.status == 200 => self.change_reply_json(Place::TokenAnswer, reply),
            "discovery" if request.path.ends_with("/smart-configuration") => {
                self.change_reply_json(Place::SmartConfiguration, reply);
            }
            _ => {}
        }
    }

    /// Changes the JWK set of a client that was fetched. None: the reply has another status than 200.
    pub(crate) fn change_client_keys(&mut self, document: String) -> Option<String> {
        let Ok(mut set) = serde_json::from_str::<Value>(&document) else { return Some(document) };
        for key in set["keys"].as_array_mut().into_iter().flatten() {
            if let Value::Object(parts) = key {
                self.change(|place| place == Place::ClientKey, parts);
            }
        }
        let mut reply = Parts::new();
        reply.insert(":status".to_owned(), 200.into());
        reply.insert(":body".to_owned(), set.to_string().into());
        self.change(|place| place == Place::ClientKeys, &mut reply);
        let body = &reply[":body"];
        (reply[":status"] == 200).then(|| body.as_str().map_or_else(|| body.to_string(), str::to_owned))
    }

    /// Changes the claims of an id_token before it is signed.
    pub(crate) fn change_id_token(&self, claims: &mut Parts) {
        for line in LINES.iter().filter(|line| self.on.contains(&line.number) && line.place == Place::IdToken)
        {
            line.change.apply(&line.name, claims, &mut HashMap::new());
        }
    }

    /// Applies the changes of the switches that are on. Whether there was one.
    fn change(&mut self, at: impl Fn(Place) -> bool, parts: &mut Parts) -> bool {
        let mut found = false;
        for line in LINES.iter().filter(|line| self.on.contains(&line.number) && at(line.place)) {
            line.change.apply(&line.name, parts, &mut self.first);
            found = true;
        }
        found
    }

    /// Changes the parameters in the query of a GET request, or in the body.
    fn change_form(&mut self, place: Place, request: &mut Request) {
        let in_query = request.method == "GET";
        let form = if in_query { request.query_form() } else { request.body_form() };
        let mut parts = parts_of(form);
        if self.change(|at| at == place, &mut parts) {
            let text = form_of(&parts);
            if in_query { request.query = text } else { request.body = text.into_bytes() }
        }
    }

    fn change_json(&mut self, place: Place, body: &mut Vec<u8>) {
        if let Ok(Value::Object(mut parts)) = serde_json::from_slice(body)
            && self.change(|at| at == place, &mut parts)
        {
            *body = Value::Object(parts).to_string().into_bytes();
        }
    }

    fn change_reply_json(&mut self, place: Place, reply: &mut Reply) {
        let mut body = std::mem::take(&mut reply.body).into_bytes();
        self.change_json(place, &mut body);
        reply.body = String::from_utf8(body).unwrap_or_default();
    }

    /// Changes the header and the claims of an assertion. Its signature stays, so it does not fit any more.
    fn change_assertion(&mut self, request: &mut Request) {
        let mut parts = parts_of(request.body_form());
        let Some(text) = parts.get("client_assertion").and_then(Value::as_str) else { return };
        let mut sections: Vec<String> = text.split('.').map(str::to_owned).collect();
        let mut found = false;
        for (section, place) in sections.iter_mut().zip([Place::AssertionHeader, Place::AssertionClaims]) {
            let mut bytes = URL_SAFE_NO_PAD.decode(&section).unwrap_or_default();
            let before = bytes.clone();
            self.change_json(place, &mut bytes);
            if bytes != before {
                *section = URL_SAFE_NO_PAD.encode(bytes);
                found = true;
            }
        }
        if found {
            parts.insert("client_assertion".to_owned(), sections.join(".").into());
            request.body = form_of(&parts).into_bytes();
        }
    }

    fn change_http(&mut self, request: &mut Request, at: impl Fn(&str) -> bool) {
        let headers = request.headers.iter().map(|(name, value)| (name.clone(), value.clone().into()));
        let mut parts: Parts = headers.collect();
        parts.insert(":method".to_owned(), request.method.clone().into());
        parts.insert(":query".to_owned(), request.query.clone().into());
        parts.insert(":body".to_owned(), String::from_utf8_lossy(&request.body).into());
        if !self.change(|place| matches!(place, Place::Http(named) if at(named)), &mut parts) {
            return;
        }
        let mut take = |name: &str| match parts.remove(name) {
            Some(Value::String(text)) => text,
            _ => String::new(),
        };
        (request.method, request.query, request.body) =
            (take(":method"), take(":query"), take(":body").into_bytes());
        request.headers =
            parts.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect();
    }

    /// Changes the parameters of a redirect to the application.
    fn change_callback(&mut self, reply: &mut Reply) {
        let Some((_, location)) = reply.headers.iter_mut().find(|(name, _)| *name == "location") else {
            return;
        };
        let Some((url, query)) = location.split_once('?') else { return };
        let mut parts = parts_of(Form::parse(query.as_bytes()));
        if self.change(|place| place == Place::Callback, &mut parts) {
            *location = format!("{url}?{}", form_of(&parts));
        }
    }
}

/// The kind of a request: the endpoint that it is for.
fn kind(request: &Request) -> &'static str {
    let path = request.path.as_str();
    if let Some((_, name)) = path.rsplit_once("/auth/") {
        let kinds = ["authorize", "token", "introspect", "register"];
        return kinds.into_iter().find(|kind| *kind == name).unwrap_or("other");
    }
    if path.contains("/.well-known/") || path.ends_with("/metadata") {
        "discovery"
    } else if path.starts_with("/fhir/") {
        "fhir"
    } else {
        "other"
    }
}

fn parts_of(form: Form) -> Parts {
    form.0.into_iter().map(|(name, value)| (name, value.into())).collect()
}

fn form_of(parts: &Parts) -> String {
    let texts = parts.iter().map(|(name, value)| (name, value.as_str().unwrap_or_default()));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(texts).finish()
}

/// The switches with their effects, one for each line.
pub(crate) fn describe() -> String {
    rule_switches().iter().map(|switch| format!("  {:<4} {}\n", switch.number, switch.effect)).collect()
}
