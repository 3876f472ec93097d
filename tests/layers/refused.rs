//! The rules refuse a broken example of each kind, and accept a correct one.

use super::{Texts, c, check, check_sections, code_bases, page};

/// A page for the code base `src`.
fn problems(page: &str, files: &[(&str, &str)]) -> Vec<String> {
    let sections = page::parse(page).expect("the page is valid");
    let texts: Texts = files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
    check(&sections[0], &texts)
}

/// Three layers: `top`, then `left` and `right`, then `base`.
const PAGE: &str = "## src\n\n1. `lib`: declares the modules.\n2. `top`: the first layer.\n\
                    3. `left`, `right`: two modules.\n4. `base`: the last layer.\n";

/// The problems of four files with this text in `left.rs`.
fn problems_of_left(text: &str) -> Vec<String> {
    let base = "pub(crate) struct Base;";
    problems(PAGE, &[("lib.rs", ""), ("top.rs", ""), ("left.rs", text), ("right.rs", ""), ("base.rs", base)])
}

#[track_caller]
fn assert_refused(problems: &[String], parts: &[&str]) {
    assert_eq!(problems.len(), 1, "{problems:#?}");
    for part in parts {
        assert!(problems[0].contains(part), "{part} is not in: {}", problems[0]);
    }
}

#[test]
fn an_import_from_a_lower_layer_is_accepted() {
    let text = "use crate::base::Base;\nuse std::fmt;\nfn f() -> crate::base::Base { fmt::x(); Base }";
    assert_eq!(problems_of_left(text), Vec::<String>::new());
}

#[test]
fn an_import_that_points_upward_is_refused() {
    for text in [
        "\nuse crate::top::Top;",
        "\nuse crate::{base, top::Top,};",
        "\nuse super::top;",
        "\nuse crate::{top as other};",
        "\nfn f() { crate::top::f() }",
        "\nfn f() { println!(\"{}\", crate::top::f()) }",
        "\npub use super::{top::{self, Top}};",
        "\nmod inner { fn f() { super::super::top::f() } }",
        "\nuse crate::top::*;",
    ] {
        let found = problems_of_left(text);
        assert_refused(&found, &["src/left.rs:2:", "imports top.rs", "layer 3 cannot import from layer 2"]);
    }
}

#[test]
fn an_import_of_the_same_layer_is_refused() {
    let found = problems_of_left("use crate::right::Right;");
    assert_refused(&found, &["src/left.rs:1:", "`crate::right::Right` imports right.rs", "layer 3 has both"]);
}

#[test]
fn comments_literals_and_tests_are_not_imports() {
    let text = "//! [`crate::top`]\n// crate::top::f()\n/* use crate::top; */\nconst T: &str = r#\"crate::top::f()\"#;\n\
                #[cfg(test)]\nuse crate::top::Top;\n#[cfg(test)]\n#[derive(Debug)]\nstruct S { a: crate::top::Top }\n\
                #[cfg(test)]\nmod tests { use crate::top::Top; }\nfn f() {}\n";
    assert_eq!(problems_of_left(text), Vec::<String>::new());
    let after_tests = format!("{text}use crate::top::Top;");
    assert_refused(&problems_of_left(&after_tests), &["src/left.rs:13:"]);
}

#[test]
fn an_import_through_a_reexport_is_one_of_the_file_behind_it() {
    let page =
        "## src\n1. `lib`: all.\n2. `a/`: a folder.\n3. `b`: uses the folder.\n4. `a/low`: below it.\n";
    let files = |b| {
        [
            ("lib.rs", "pub use b::B;"),
            ("a/mod.rs", "mod low; mod high; pub use low::{Low as Renamed}; pub use high::*;"),
            ("a/low.rs", "pub struct Low;"),
            ("a/high.rs", "pub struct High;"),
            ("b.rs", b),
        ]
    };
    assert_eq!(problems(page, &files("use crate::a::Renamed;")), Vec::<String>::new());
    assert_refused(&problems(page, &files("use crate::a::High;")), &["imports a/high.rs", "above it"]);
    let relative = problems(page, &files("use crate::a;\nfn f() { a::High }"));
    assert_eq!(relative.len(), 2, "{relative:#?}");
    assert!(
        relative[0].contains("src/b.rs:1:") && relative[0].contains("imports a/mod.rs"),
        "{}",
        relative[0]
    );
    assert!(
        relative[1].contains("src/b.rs:2:") && relative[1].contains("imports a/high.rs"),
        "{}",
        relative[1]
    );
}

#[test]
fn a_file_in_no_layer_is_refused() {
    let found = problems(
        "## src\n1. `lib`: all.\n2. `a/`: a folder.\n",
        &[("lib.rs", ""), ("a/mod.rs", ""), ("a/b/c.rs", ""), ("new.rs", "")],
    );
    assert_refused(&found, &["src/new.rs: no layer in docs/layers.md names this file"]);
}

#[test]
fn a_layer_that_names_no_file_is_refused() {
    for name in ["gone", "gone/", "lib/"] {
        let page = format!("## src\n1. `lib`: all.\n2. `{name}`: nothing.\n");
        let found = problems(&page, &[("lib.rs", "")]);
        assert_refused(
            &found,
            &["docs/layers.md:3:", &format!("`{name}` is neither a file nor a folder of src")],
        );
    }
    let twice = problems("## src\n1. `lib`: all.\n2. `lib`: again.\n", &[("lib.rs", "")]);
    assert_refused(&twice, &["docs/layers.md:3:", "`lib` is in two layers"]);
}

#[test]
fn a_cycle_between_files_is_refused() {
    let page = "## src\n1. `lib`, `a/`: all.\n";
    let files = |one, two| {
        [
            ("lib.rs", "mod a;"),
            (
                "a/mod.rs",
                "mod one; mod two; mod three; pub(crate) use one::One; pub(crate) use three::Three;",
            ),
            ("a/one.rs", one),
            ("a/two.rs", two),
            ("a/three.rs", "use super::two; pub(crate) struct Three;"),
        ]
    };
    let direct = problems(page, &files("use super::two::Two;", "\nuse super::one::One;"));
    assert_refused(&direct, &["a/one.rs:1 imports a/two.rs", "a/two.rs:2 imports a/one.rs", "form a cycle"]);
    // Through the parent, which re-exports `One` and `Three`.
    let reexport = problems(page, &files("use super::Three; pub(crate) struct One;", "use super::One;"));
    assert_refused(&reexport, &["imports a/three.rs", "imports a/two.rs", "imports a/one.rs"]);
    let parent = problems(page, &files("use super::helper;", "use crate::a::helper;"));
    assert_eq!(parent, Vec::<String>::new(), "a module and its own children may refer to each other");
}

#[test]
fn headers_of_c_files_are_imports() {
    let page = "## src\n1. `Classes/`: the classes.\n2. `error`: errors.\n3. `value`: values.\n";
    let files = |value| {
        [
            (
                "Classes/Client.c",
                "#include \"../error.h\"\n#include \"Client_arginfo.h\"\n#include <php.h>\n",
            ),
            ("error.c", "#include \"error.h\"\n#include \"value.h\"\n#include \"Zend/zend_enum.h\"\n"),
            ("error.h", ""),
            ("value.c", value),
            ("value.h", ""),
        ]
    };
    assert_eq!(problems(page, &files("#include \"value.h\"")), Vec::<String>::new());
    let found = problems(page, &files("#include <php.h>\n#  include \"./error.h\" // upward"));
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].starts_with("src/value.c:2:") && found[0].contains("above it"), "{}", found[0]);
    assert!(found[1].contains("error.c:2 imports value, value.c:2 imports error"), "{}", found[1]);
}

#[test]
fn a_c_file_and_its_header_are_one_module() {
    // The `.c` file of the module entry uses everything, so the header that everything includes must be another module.
    let page = "## php-ext\n1. `module`: the module entry.\n2. `src/error`, `src/value`: two modules.\n";
    let files = |included| {
        [
            ("module.c", "#include \"module.h\"\n#include \"src/value.h\""),
            ("module.h", ""),
            ("src/error.c", "#include \"error.h\""),
            ("src/error.h", ""),
            ("src/value.c", "#include \"value.h\""),
            ("src/value.h", included),
        ]
    };
    assert_eq!(problems(page, &files("")), Vec::<String>::new());
    let upward = problems(page, &files("\n#include \"../module.h\""));
    assert_eq!(upward.len(), 2, "{upward:#?}");
    assert!(
        upward[0].starts_with("php-ext/src/value.h:2:") && upward[0].contains("above it"),
        "{}",
        upward[0]
    );
    assert!(
        upward[1].contains("module.c:2 imports src/value, src/value.h:2 imports module"),
        "{}",
        upward[1]
    );
    assert_refused(
        &problems(page, &files("#include \"error.h\"")),
        &["php-ext/src/value.h:1:", "imports src/error", "layer 2 has both"],
    );
}

#[test]
fn generated_c_files_do_not_count() {
    for (file, counts) in [
        ("src/value.h", true),
        ("src/FhirEhr/Client.c", true),
        ("src/FhirEhr/Client_arginfo.h", false),
        ("config.h", false),
        ("config.m4", false),
    ] {
        assert_eq!(c::is_source(file), counts, "{file}");
    }
}

#[test]
fn a_code_base_without_a_section_is_refused() {
    let names = code_bases();
    for name in ["src", "crates/capi/src", "crates/cli/src", "crates/ehr-sim/src", "php-ext"] {
        assert!(names.iter().any(|other| other == name), "{name} is not in {names:?}");
    }
    let sections = page::parse("## src\n1. `lib`: all.\n").expect("the page is valid");
    let found = check_sections(&sections, &["src".to_owned(), "crates/new/src".to_owned()]);
    assert_refused(&found, &["docs/layers.md has no section for crates/new/src"]);
}

#[test]
fn a_page_that_cannot_be_read_is_refused() {
    for (page, part) in [
        ("1. `a`: text.\n", "before any heading"),
        ("## src\n1. `a` text\n", "a colon"),
        ("## src\n1. a: text\n", "names no module"),
        ("## src\n## src\n", "two sections"),
    ] {
        let problem = page::parse(page).expect_err(page);
        assert!(problem.contains(part), "{problem}");
    }
    let wrapped = page::parse("## src\n1. `a`,\n   `b/`: `c` is\n   text.\n2. `d`: text.\n").expect("a page");
    let names: Vec<&[String]> = wrapped[0].layers.iter().map(|layer| layer.modules.as_slice()).collect();
    assert_eq!(names, [&["a".to_owned(), "b/".to_owned()][..], &["d".to_owned()]]);
}
