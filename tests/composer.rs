//! The Composer package of type `library`: an application installs it offline from a path and gets the PHP classes and the stubs for
//! IDEs. Composer does not autoload a package of type `php-ext`, so the classes have their own package.
#![allow(clippy::print_stderr, missing_docs, reason = "a test")]

use serde_json::{Value, json};
use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("the program runs");
    let text = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned();
    assert!(output.status.success(), "{command:?}:\n{text}");
    text
}

fn package(file: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(root().join(file)).expect(file)).expect("JSON")
}

#[test]
fn one_composer_package_has_the_extension_and_the_other_one_the_classes() {
    let (extension, classes) = (package("composer.json"), package("php-ext/php/composer.json"));
    assert_eq!((&extension["type"], &classes["type"]), (&json!("php-ext"), &json!("library")));
    assert!(extension.get("autoload").is_none(), "Composer autoloads nothing from a php-ext package");
    assert!(extension["suggest"].get(classes["name"].as_str().expect("a name")).is_some());
    assert_eq!(extension["require"]["php"], classes["require"]["php"]);
}

#[test]
fn composer_installs_the_classes_and_the_stubs_without_a_network() {
    let found =
        |name: &str| Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found("composer").is_err() || found("php").is_err() {
        assert!(env::var_os("CI").is_none(), "composer is missing (scripts/packages-php.txt)");
        eprintln!("SKIPPED: the Composer package was not installed: composer or php missing");
        return;
    }
    let work = tempfile::tempdir().expect("a folder");
    let composer = |arguments: &[&str]| {
        let mut command = Command::new("composer");
        command.args(arguments).args(["--no-interaction", "--no-ansi"]).current_dir(work.path());
        command.env("COMPOSER_HOME", work.path().join("home")).env("COMPOSER_DISABLE_NETWORK", "1");
        command.env("COMPOSER_ALLOW_SUPERUSER", "1").env("COMPOSER_ROOT_VERSION", "1.0.0");
        run(&mut command)
    };
    let manifest = root().join("php-ext/php/composer.json");
    composer(&["validate", "--strict", manifest.to_str().expect("a path")]);
    let project = json!({
        "name": "hospital/application", "description": "a test", "license": "proprietary",
        "require": {"fhir-ehr/fhir-ehr-php": "*@dev"},
        "repositories": [
            {"type": "path", "url": root().join("php-ext/php"), "options": {"symlink": false}},
            {"packagist.org": false},
        ],
    });
    fs::write(work.path().join("composer.json"), project.to_string()).expect("the folder can be written");
    composer(&["install"]);
    assert!(work.path().join("vendor/fhir-ehr/fhir-ehr-php/stubs/fhir_ehr.php").is_file(), "the stubs");
    // Without the extension, the package's polyfill defines the interfaces.
    let code = "require 'vendor/autoload.php';
        interface_exists(FhirEhr\\Store::class) || require 'vendor/fhir-ehr/fhir-ehr-php/polyfill.php';
        foreach ([FhirEhr\\PdoStore::class, FhirEhr\\PdoMigrations::class, FhirEhr\\PdoStoreException::class,
            FhirEhr\\Psr3Log::class, FhirEhr\\Pdo\\Failure::class] as $class) {
            class_exists($class) || exit(\"no $class\");
        }
        echo 'all there';";
    let output = run(Command::new("php").args(["-n", "-r", code]).current_dir(work.path()));
    assert_eq!(output, "all there");
}
