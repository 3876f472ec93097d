//! A small HTTP client, a few resources, and the steps that tests share.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use ehr_sim::{DataSource, FhirRelease, LaunchOptions, Options, Personality, Simulator};
use serde_json::Value;

pub(crate) const FHIR_JSON: &str = "application/fhir+json";
pub(crate) const REDIRECT: &str = "http://127.0.0.1:4711/callback";
pub(crate) const SECRET: &str = "user secret+1:2";

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// Sends a request on a new connection. `target` may be an absolute URL of the simulator.
pub(crate) fn send(
    sim: &Simulator,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let path = target.strip_prefix(sim.base_url()).unwrap_or(target);
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", sim.address());
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    let mut stream = TcpStream::connect(sim.address()).expect("the simulator listens");
    stream.write_all(request.as_bytes()).expect("the request is sent");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("an answer");
    let text = String::from_utf8(bytes).expect("UTF-8");
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

pub(crate) fn get(sim: &Simulator, target: &str, token: &str) -> Answer {
    send(sim, "GET", target, &[("Authorization", &format!("Bearer {token}")), ("Accept", FHIR_JSON)], "")
}

pub(crate) fn post_token(sim: &Simulator, basic: Option<(&str, &str)>, form: &[(&str, &str)]) -> Answer {
    let mut headers = vec![("Content-Type", "application/x-www-form-urlencoded")];
    let value;
    if let Some((client, secret)) = basic {
        value = format!("Basic {}", STANDARD.encode(format!("{client}:{secret}")));
        headers.push(("Authorization", &value));
    }
    send(sim, "POST", "/auth/token", &headers, &query(form))
}

pub(crate) fn query(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Two patients with resources that are hard to match: partial dates, components, numbers with trailing zeros.
pub(crate) fn resources() -> Vec<String> {
    let observation = |id: &str, patient: &str, date: &str, code: &str, value: &str| {
        format!(
            r#"{{"resourceType":"Observation","id":"{id}","status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}]}},"subject":{{"reference":"Patient/{patient}"}},"effectiveDateTime":"{date}","valueQuantity":{{"value":{value}}}}}"#
        )
    };
    vec![
        r#"{"resourceType":"Patient","id":"a","identifier":[{"type":{"text":"MRN","coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]},"system":"urn:oid:1.2.3","value":"0001"}],"name":[{"family":"Ängström","given":["Ada"]}],"birthDate":"1970-12-24","gender":"female"}"#.to_owned(),
        r#"{"resourceType":"Patient","id":"b","identifier":[{"system":"urn:oid:1.2.3","value":"0002"}],"name":[{"family":["<Brown>"],"given":["Ben"]}],"birthDate":"1980"}"#.to_owned(),
        observation("w1", "a", "2020-01-01T08:00:00+02:00", "29463-7", "1.10"),
        observation("w2", "a", "2020-02-01T08:00:00Z", "29463-7", "96.90476228975749"),
        observation("w3", "a", "2020-03", "29463-7", "100"),
        observation("h1", "a", "2020-02-02", "8302-2", "1e2"),
        observation("other", "b", "2020-02-02", "29463-7", "70.0"),
        r#"{"resourceType":"Observation","id":"bp","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]}}],"subject":{"reference":"Patient/a"},"issued":"2019-05-05T00:00:00Z"}"#.to_owned(),
        r#"{"resourceType":"Condition","id":"c1","clinicalStatus":{"coding":[{"code":"active"}]},"category":[{"coding":[{"code":"problem-list-item"}]}],"subject":{"reference":"Patient/a"}}"#.to_owned(),
        r#"{"resourceType":"Encounter","id":"e1","status":"finished","period":{"start":"2020-01-01"},"subject":{"reference":"Patient/a"}}"#.to_owned(),
        r#"{"resourceType":"Practitioner","id":"p1"}"#.to_owned(),
    ]
}

pub(crate) fn options(personality: Personality) -> Options {
    Options {
        personality,
        data: DataSource::Resources(resources()),
        client_secret: Some(SECRET.to_owned()),
        system_secret: Some("s".to_owned()),
        ..Options::default()
    }
}

pub(crate) fn start(personality: Personality) -> Simulator {
    Simulator::start(options(personality)).expect("it starts")
}

pub(crate) fn start_dstu2(personality: Personality) -> Simulator {
    Simulator::start(Options { fhir: FhirRelease::Dstu2, ..options(personality) }).expect("it starts")
}

/// An access token of the system account, for all types in these tests.
pub(crate) fn system_token(sim: &Simulator) -> String {
    let scope = ["Patient", "Observation", "Condition", "Encounter", "Immunization", "Practitioner"]
        .map(|name| format!("system/{name}.read"))
        .join(" ");
    let answer = post_token(
        sim,
        Some(("app-system", "s")),
        &[("grant_type", "client_credentials"), ("scope", &scope)],
    );
    answer.json()["access_token"].as_str().expect("a token").to_owned()
}

pub(crate) fn authorize_url(sim: &Simulator, extra: &[(&str, &str)]) -> String {
    let iss = sim.iss();
    let mut pairs = vec![
        ("response_type", "code"),
        ("client_id", "app-user"),
        ("redirect_uri", REDIRECT),
        ("state", "the state"),
        ("aud", &iss),
    ];
    pairs.retain(|(name, _)| !extra.iter().any(|(other, _)| other == name));
    pairs.extend(extra.iter().filter(|(_, value)| !value.is_empty()));
    format!("{}/auth/authorize?{}", sim.base_url(), query(&pairs))
}

/// The value of a parameter of a callback URL.
pub(crate) fn parameter(url: &str, name: &str) -> Option<String> {
    url::Url::parse(url)
        .expect("a URL")
        .query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// The token answer of an EHR launch for patient a, with the scope `launch` and these scopes.
pub(crate) fn launched(sim: &Simulator, scope: &str) -> Value {
    let launch = sim.launch(&LaunchOptions {
        patient: "a".to_owned(),
        encounter: Some("e1".to_owned()),
        user: Some("DOCTOR".to_owned()),
        need_patient_banner: true,
        ..LaunchOptions::default()
    });
    let url = authorize_url(sim, &[("scope", &format!("launch {scope}")), ("launch", &launch)]);
    let callback = sim.approve(&url).expect("a callback");
    let code = parameter(&callback, "code").unwrap_or_else(|| panic!("no code in {callback}"));
    exchange(sim, &code).json()
}

pub(crate) fn exchange(sim: &Simulator, code: &str) -> Answer {
    post_token(
        sim,
        Some(("app-user", SECRET)),
        &[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", REDIRECT)],
    )
}

pub(crate) fn refresh(sim: &Simulator, token: &str) -> Answer {
    post_token(sim, Some(("app-user", SECRET)), &[("grant_type", "refresh_token"), ("refresh_token", token)])
}

/// The ids of the matches in a search set, in order.
pub(crate) fn ids(bundle: &Value) -> Vec<String> {
    let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
    entries
        .iter()
        .filter(|entry| entry["search"]["mode"] == "match")
        .filter_map(|entry| entry["resource"]["id"].as_str().map(str::to_owned))
        .collect()
}

pub(crate) fn link(bundle: &Value, relation: &str) -> Option<String> {
    bundle["link"]
        .as_array()?
        .iter()
        .find(|link| link["relation"] == relation)
        .and_then(|link| link["url"].as_str().map(str::to_owned))
}
