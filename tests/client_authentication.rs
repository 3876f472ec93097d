//! How a client authenticates at the token endpoint: the exact HTTP requests, assertions, the rotation of secrets and of keys.

mod common;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use common::{
    SESSION, patient, query_of, request,
    stub::{ReceivedRequest, Reply, StubServer, searchset, token_answer},
};
use fhir_ehr::{
    AllowAll, Client, Code, Config, ExposeSecret, Hooks, LaunchResult, Log, LogLevel, PrivateKey,
    PullRequest, SqliteStore,
};
use ring::signature::{
    ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA384, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

const RSA_PEM: &str = include_str!("../src/jose/test_keys/rsa.pem");
const REDIRECT: &str = "http://127.0.0.1/ehr";

/// A key ring `main` with a current key, and a registration that uses it.
fn use_key(document: &mut Value, key: &str, algorithm: &str) {
    document["key_rings"] = json!([{"name": "main", "keys": [{"kid": "k1", "key": key, "algorithm": algorithm, "state": "current"}]}]);
    let registration = &mut document["registrations"][0];
    registration["key_ring"] = "main".into();
    registration["redirect_uris"] = json!([REDIRECT]);
    registration.as_object_mut().unwrap().remove("client_secret");
}

fn es384() -> String {
    PrivateKey::generate_es384().unwrap().expose_secret().to_owned()
}

/// A server whose answers to token requests a test defines. FHIR requests find one patient.
fn server(token: impl Fn(&ReceivedRequest) -> Reply + Send + Sync + 'static) -> StubServer {
    StubServer::start(move |asked| {
        if asked.path == "/token" { token(asked) } else { Reply::json(searchset(&[&patient("p1", "M-1")])) }
    })
}

fn token_requests(server: &StubServer) -> Vec<ReceivedRequest> {
    server.requests().into_iter().filter(|one| one.path == "/token").collect()
}

fn system_pull(client: &Client) -> fhir_ehr::Result<()> {
    let user = request("alice", "M-1", "gender,,sex,,,\n");
    client.pull(&PullRequest { system: true, ..user }).map(drop)
}

fn form(one: &ReceivedRequest) -> Vec<(String, String)> {
    url::form_urlencoded::parse(one.body.as_bytes()).into_owned().collect()
}

fn member(one: &ReceivedRequest, name: &str) -> String {
    form(one).into_iter().find(|(key, _)| key == name).map(|(_, value)| value).unwrap_or_default()
}

fn part(token: &str, number: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(number).unwrap()).unwrap()).unwrap()
}

/// The claims of an assertion, after its signature was verified with the JWKS document.
fn verified(one: &ReceivedRequest, jwks: &str) -> Value {
    assert_eq!(
        member(one, "client_assertion_type"),
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
    assert!(one.authorization().is_empty(), "the assertion is in the body (O12)");
    assert!(form(one).iter().all(|(name, _)| name != "client_id" && name != "client_secret"));
    let assertion = member(one, "client_assertion");
    let (message, signature) = assertion.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let header = part(&assertion, 0);
    let set: Value = serde_json::from_str(jwks).unwrap();
    let key =
        set["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]).expect("the kid");
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let is_valid = match header["alg"].as_str().unwrap() {
        "ES384" => {
            let point = [vec![4], bytes("x"), bytes("y")].concat();
            UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point).verify(message.as_bytes(), &signature)
        }
        "RS384" => RsaPublicKeyComponents { n: bytes("n"), e: bytes("e") }.verify(
            &RSA_PKCS1_2048_8192_SHA384,
            message.as_bytes(),
            &signature,
        ),
        other => panic!("{other}"),
    };
    assert!(is_valid.is_ok(), "the published key verifies the assertion");
    assert_eq!(header["typ"], "JWT");
    part(&assertion, 1)
}

#[test]
fn each_method_sends_its_request() {
    let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
    let scope = "scope=system%2FPatient.read";
    for (registration, policy, authorization, body) in [
        (
            json!({"client_secret": "s/e+c r"}),
            json!({}),
            basic("app-1:s/e+c r"),
            format!("grant_type=client_credentials&{scope}"),
        ),
        (
            json!({"client_secret": "s/e+c r"}),
            json!({"basic_form_encoded": true}),
            basic("app-1:s%2Fe%2Bc+r"),
            format!("grant_type=client_credentials&{scope}"),
        ),
        (
            json!({"client_secret": "s/e+c r", "authentication": "client_secret_post"}),
            json!({}),
            String::new(),
            format!("grant_type=client_credentials&{scope}&client_id=app-1&client_secret=s%2Fe%2Bc+r"),
        ),
        (
            json!({"client_secret": "s/e+c r"}),
            json!({"client_id_in_body": true}),
            basic("app-1:s/e+c r"),
            format!("grant_type=client_credentials&{scope}&client_id=app-1"),
        ),
        // The body has it once.
        (
            json!({"client_secret": "s/e+c r", "authentication": "client_secret_post"}),
            json!({"client_id_in_body": true}),
            String::new(),
            format!("grant_type=client_credentials&{scope}&client_id=app-1&client_secret=s%2Fe%2Bc+r"),
        ),
        (
            json!({"client_secret": ""}),
            json!({"client_id_in_body": true}),
            String::new(),
            format!("grant_type=client_credentials&{scope}&client_id=app-1"),
        ),
        (
            json!({"client_secret": ""}),
            json!({}),
            String::new(),
            format!("grant_type=client_credentials&{scope}&client_id=app-1"),
        ),
        (
            json!({"client_secret": "s", "authentication": "none"}),
            json!({}),
            String::new(),
            format!("grant_type=client_credentials&{scope}&client_id=app-1"),
        ),
        (
            json!({}),
            json!({"system_scopes": ["system/{resource}.rs"]}),
            basic("app-1:secret-of-app-1"),
            "grant_type=client_credentials&scope=system%2FPatient.rs".to_owned(),
        ),
    ] {
        let server = server(|_| token_answer());
        let folder = tempfile::tempdir().unwrap();
        let client = server.client_with(folder.path(), |document| {
            for (name, value) in registration.as_object().unwrap() {
                document["registrations"][0][name] = value.clone();
            }
            document["sources"][0]["policy"] = policy.clone();
            document["sources"][0]["resources"] = json!(["Patient"]);
        });
        system_pull(&client).unwrap();
        let sent = token_requests(&server);
        assert_eq!(sent.len(), 1, "{registration}");
        assert_eq!(
            (sent[0].authorization(), &sent[0].body),
            (authorization.as_str(), &body),
            "{registration}"
        );
        assert_eq!(sent[0].method, "POST");
    }
}

#[test]
fn a_code_a_refresh_token_and_a_system_account_are_sent_with_a_new_assertion_each() {
    for (key, algorithm) in [(es384(), "ES384"), (RSA_PEM.to_owned(), "RS384")] {
        let server = StubServer::start(|asked| match asked.path.as_str() {
            "/token" => Reply::json(
                r#"{"access_token": "AT", "token_type": "Bearer", "expires_in": 300, "refresh_token": "RT", "username": "u"}"#,
            ),
            // The token was revoked, so the pull refreshes it.
            _ => Reply::json("{}").with_status(401),
        });
        let folder = tempfile::tempdir().unwrap();
        let client = server.client_with(folder.path(), |document| {
            use_key(document, &key, algorithm);
            document["key_rings"][0]["jwks_url"] = "https://app.example/jwks".into();
        });
        let LaunchResult::Redirect(url) = client
            .handle_launch(&format!("iss={}/fhir&launch=x", server.origin()), SESSION, REDIRECT)
            .unwrap()
        else {
            panic!("a redirect")
        };
        let query = query_of(&url);
        let state =
            url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "state").unwrap().1;
        let LaunchResult::LoginRequired { handover, .. } =
            client.handle_launch(&format!("code=c&state={state}"), SESSION, REDIRECT).unwrap()
        else {
            panic!("a login")
        };
        client.finish_login(&handover, SESSION, "alice").unwrap();
        client.pull(&request("alice", "M-1", "gender,,sex,,,\n")).unwrap_err();
        system_pull(&client).unwrap_err();
        let sent = token_requests(&server);
        let types: BTreeSet<String> = sent.iter().map(|one| member(one, "grant_type")).collect();
        assert!(types.iter().eq(["authorization_code", "client_credentials", "refresh_token"]), "{types:?}");
        let jwks = client.jwks("main").unwrap().json;
        let mut ids = BTreeSet::new();
        for one in &sent {
            let claims = verified(one, &jwks);
            assert_eq!((&claims["iss"], &claims["sub"]), (&json!("app-1"), &json!("app-1")));
            assert_eq!(claims["aud"], format!("{}/token", server.origin()));
            assert!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap() <= 300);
            assert_eq!(part(&member(one, "client_assertion"), 0)["jku"], "https://app.example/jwks");
            let jti = claims["jti"].as_str().unwrap().to_owned();
            assert_eq!(URL_SAFE_NO_PAD.decode(&jti).unwrap().len(), 32);
            assert!(ids.insert(jti), "an assertion was sent twice");
        }
    }
}

#[test]
fn a_retry_makes_a_new_assertion() {
    let count = AtomicUsize::new(0);
    let server = server(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::json("{}").with_status(503).with_header("Retry-After: 0"),
        _ => token_answer(),
    });
    let folder = tempfile::tempdir().unwrap();
    let client = server.client_with(folder.path(), |document| use_key(document, &es384(), "ES384"));
    system_pull(&client).unwrap();
    let jwks = client.jwks("main").unwrap().json;
    let ids: Vec<Value> =
        token_requests(&server).iter().map(|one| verified(one, &jwks)["jti"].clone()).collect();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
}

/// An HTTP date that is some seconds from now.
fn date(seconds: i64) -> String {
    let now = std::time::SystemTime::now();
    let offset = std::time::Duration::from_secs(seconds.unsigned_abs());
    httpdate::fmt_http_date(if seconds < 0 { now - offset } else { now + offset })
}

#[test]
fn the_servers_clock_is_learned_from_its_answers() {
    for skew in [-900, 900] {
        let count = AtomicUsize::new(0);
        let server = server(move |_| {
            let answer = match count.fetch_add(1, Ordering::SeqCst) {
                0 => Reply::json(r#"{"error": "invalid_client"}"#).with_status(401),
                _ => Reply::json(r#"{"access_token": "AT", "token_type": "Bearer", "expires_in": 0}"#),
            };
            answer.with_header(format!("Date: {}", date(skew)))
        });
        let folder = tempfile::tempdir().unwrap();
        let client = server.client_with(folder.path(), |document| use_key(document, &es384(), "ES384"));
        let _ = system_pull(&client);
        let _ = system_pull(&client);
        let jwks = client.jwks("main").unwrap().json;
        let sent = token_requests(&server);
        let issued: Vec<i64> = sent.iter().map(|one| verified(one, &jwks)["iat"].as_i64().unwrap()).collect();
        assert!(issued.len() >= 3, "{issued:?}");
        for later in &issued[1..] {
            assert!((later - issued[0] - skew).abs() < 120, "{issued:?}");
        }
    }
}

#[test]
fn a_refused_assertion_is_not_repeated_when_the_clocks_agree() {
    let server = server(|_| {
        let answer = Reply::json(r#"{"error": "invalid_client"}"#).with_status(401);
        answer.with_header(format!("Date: {}", date(0)))
    });
    let folder = tempfile::tempdir().unwrap();
    let client = server.client_with(folder.path(), |document| use_key(document, &es384(), "ES384"));
    let error = system_pull(&client).unwrap_err();
    assert_eq!(error.code(), Code::InvalidClient);
    assert!(error.hint_text().is_some_and(|hint| hint.contains("background user")), "{error:?}");
    assert_eq!(token_requests(&server).len(), 1);
}

#[test]
fn a_system_account_that_is_forbidden_gets_a_hint_about_the_background_user() {
    let server = server(|_| Reply::json("<html>forbidden</html>").with_status(403));
    let folder = tempfile::tempdir().unwrap();
    let error = system_pull(&server.client(folder.path())).unwrap_err();
    assert_eq!(error.http_status(), Some(403));
    assert!(error.hint_text().is_some_and(|hint| hint.contains("background user")), "{error:?}");
}

/// A token endpoint that accepts one secret. Its tokens expire at once, so each pull requests one.
fn accepting(secret: &'static str) -> StubServer {
    let expected = format!("Basic {}", STANDARD.encode(format!("app-1:{secret}")));
    server(move |asked| {
        if asked.authorization() == expected {
            Reply::json(r#"{"access_token": "AT", "token_type": "Bearer", "expires_in": 0}"#)
        } else {
            Reply::json(r#"{"error": "invalid_client"}"#).with_status(401)
        }
    })
}

fn secrets_sent(server: &StubServer) -> Vec<String> {
    token_requests(server)
        .iter()
        .map(|one| {
            let pair = STANDARD.decode(one.authorization().trim_start_matches("Basic ")).unwrap();
            String::from_utf8(pair).unwrap().trim_start_matches("app-1:").to_owned()
        })
        .collect()
}

#[test]
fn a_secret_is_rotated_without_a_failed_request() {
    for (accepted, expected) in [
        // Before the change at the vendor's console, and after it.
        ("old", vec!["old", "old"]),
        ("new", vec!["old", "new", "new"]),
    ] {
        let server = accepting(accepted);
        let folder = tempfile::tempdir().unwrap();
        let client = server.client_with(folder.path(), |document| {
            document["registrations"][0]["client_secret"] = "old".into();
            document["registrations"][0]["client_secret_next"] = "new".into();
        });
        let _ = system_pull(&client);
        let first = secrets_sent(&server).len();
        let _ = system_pull(&client);
        let sent = secrets_sent(&server);
        assert!(sent.len() > first && sent[..first].iter().eq(&expected[..first]), "{sent:?}");
        assert!(sent[first..].iter().all(|secret| secret == accepted), "{sent:?}");
    }
}

/// Keeps the names of events and their fields.
struct EventLog(Arc<Mutex<Vec<String>>>);

impl Log for EventLog {
    fn event(&self, level: LogLevel, name: &str, fields: &[(&str, &str)]) {
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.0.lock().unwrap().push(format!("{level:?} {name} {}", fields.join(" ")));
    }
}

#[test]
fn the_log_says_once_that_the_next_secret_is_used() {
    let server = accepting("new");
    let folder = tempfile::tempdir().unwrap();
    let mut configured = Value::Null;
    server.client_with(folder.path(), |document| {
        document["registrations"][0]["client_secret"] = "old".into();
        document["registrations"][0]["client_secret_next"] = "new".into();
        configured = document.clone();
    });
    let events = Arc::new(Mutex::new(Vec::new()));
    let store = Box::new(SqliteStore::new(folder.path().join("store")));
    let hooks =
        Hooks { log: Some(Box::new(EventLog(events.clone()))), ..Hooks::new(store, Box::new(AllowAll)) };
    let client = Client::new(Config::from_json(&configured.to_string()).unwrap(), hooks).unwrap();
    let _ = system_pull(&client);
    let _ = system_pull(&client);
    let events = events.lock().unwrap();
    let changed: Vec<&String> =
        events.iter().filter(|event| event.contains("client_secret_changed")).collect();
    assert_eq!(
        changed,
        ["Warning client_secret_changed registration=app secret=client_secret_next"],
        "{events:?}"
    );
}

#[test]
fn two_refused_secrets_are_two_requests_and_one_error() {
    let server = accepting("another");
    let folder = tempfile::tempdir().unwrap();
    let client = server.client_with(folder.path(), |document| {
        document["registrations"][0]["client_secret"] = "old".into();
        document["registrations"][0]["client_secret_next"] = "new".into();
    });
    assert_eq!(system_pull(&client).unwrap_err().code(), Code::InvalidClient);
    assert_eq!(secrets_sent(&server), ["old", "new"]);
}

#[test]
fn another_error_than_a_refused_client_is_not_repeated_with_the_next_secret() {
    for (status, error) in [(400, "invalid_grant"), (400, "invalid_scope"), (500, "server_error")] {
        let server = server(move |_| Reply::json(json!({"error": error}).to_string()).with_status(status));
        let folder = tempfile::tempdir().unwrap();
        let client = server.client_with(folder.path(), |document| {
            document["registrations"][0]["client_secret_next"] = "new".into();
        });
        system_pull(&client).unwrap_err();
        assert_eq!(token_requests(&server).len(), 1, "{error}");
    }
}

#[test]
fn the_document_has_all_keys_and_only_the_current_one_signs() {
    let server = server(|_| token_answer());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("current.pem"), es384()).unwrap();
    let next = es384();
    let client = server.client_with(folder.path(), |document| {
        use_key(document, "", "ES384");
        let current = format!("file:{}", folder.path().join("current.pem").display());
        document["key_rings"][0]["keys"] = json!([
            {"kid": "2027", "key": next, "algorithm": "ES384", "state": "next"},
            {"kid": "2026", "key": current, "algorithm": "ES384", "state": "current"},
            {"kid": "2025", "key": RSA_PEM, "algorithm": "RS384", "state": "retired"}]);
    });
    let document = client.jwks("main").unwrap();
    let set: Value = serde_json::from_str(&document.json).unwrap();
    let ids: Vec<&str> =
        set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap()).collect();
    assert_eq!(ids, ["2027", "2026", "2025"]);
    for private in ["\"d\"", "\"p\"", "\"q\"", "\"dp\"", "\"dq\"", "\"qi\"", "\"k\"", "\"oth\""] {
        assert!(!document.json.contains(private), "{private}");
    }
    system_pull(&client).unwrap();
    let sent = token_requests(&server);
    assert_eq!(part(&member(&sent[0], "client_assertion"), 0)["kid"], "2026");
    verified(&sent[0], &document.json);
    let error = client.jwks("other").unwrap_err();
    assert!(error.hint_text().is_some_and(|hint| hint.contains("main")), "{error:?}");
    std::fs::write(folder.path().join("current.pem"), RSA_PEM).unwrap();
    let error = client.jwks("main").unwrap_err();
    assert!(error.message().contains("key ring main, key 2026: the key is for RS384"), "{error:?}");
}

#[test]
fn the_doctor_fetches_the_published_document() {
    let (key, other) = (es384(), es384());
    for (published, finding) in [(&key, "keys_ok"), (&other, "keys_differ")] {
        let folder = tempfile::tempdir().unwrap();
        let document = Arc::new(Mutex::new(String::new()));
        let served = document.clone();
        let server = StubServer::start(move |asked| match asked.path.as_str() {
            "/jwks" => Reply::json(served.lock().unwrap().clone()),
            "/token" => Reply::json(r#"{"error": "invalid_grant"}"#).with_status(400),
            _ => Reply::json("{}").with_status(404),
        });
        let publisher = server.client_with(folder.path(), |document| use_key(document, published, "ES384"));
        *document.lock().unwrap() = publisher.jwks("main").unwrap().json;
        let client = server.client_with(folder.path(), |document| {
            use_key(document, &key, "ES384");
            document["key_rings"][0]["jwks_url"] = format!("{}/jwks", server.origin()).into();
        });
        let steps = client.check_source("admin", "sim").unwrap();
        let found = |name: &str| steps.iter().find(|step| step.name == name).unwrap();
        assert_eq!(found("keys").finding, finding, "{:?}", found("keys"));
        assert_eq!(found("client").finding, "client_key_same_answer");
        *document.lock().unwrap() = String::new();
        let steps = client.check_source("admin", "sim").unwrap();
        assert!(steps.iter().any(|step| step.finding == "keys_differ"));
    }
}
