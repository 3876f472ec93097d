//! The members of a handle in C and PHP, generated from one table such as `src/row_members.tsv`.

use std::fmt::Write as _;

/// One table and the names that its members get in Rust, C and PHP.
pub(crate) struct Schema {
    /// The table's file, below `crates/capi/src`.
    pub(crate) file: &'static str,
    pub(crate) table: &'static str,
    /// What a member belongs to, for the comments in the header.
    pub(crate) subject: &'static str,
    /// The Rust type that holds the values, with its module.
    pub(crate) rust_type: &'static str,
    /// The start of the constants' names, such as `FHIR_EHR_ROW_`.
    pub(crate) prefix: &'static str,
    /// The name of the C array that php-ext reads the members with.
    pub(crate) c_array: &'static str,
}

/// How a member is represented in Rust, C and PHP.
enum Kind<'a> {
    Text,
    OptionalText,
    /// A text that a method of the Rust type returns.
    MethodText,
    Bool,
    Integer,
    /// An enum with `name()` in Rust and a backed enum of this name in PHP.
    Enum(&'a str),
}

struct Member<'a> {
    number: usize,
    name: &'a str,
    kind: Kind<'a>,
    sentence: &'a str,
}

impl<'a> Kind<'a> {
    fn parse(cell: &'a str) -> Self {
        match (cell, cell.strip_prefix("enum ")) {
            ("text", _) => Kind::Text,
            ("text?", _) => Kind::OptionalText,
            ("text()", _) => Kind::MethodText,
            ("bool", _) => Kind::Bool,
            ("integer", _) => Kind::Integer,
            (_, Some(name)) => Kind::Enum(name),
            _ => panic!("{cell} is not a kind of member"),
        }
    }

    /// What the text of fhir_ehr_rows_get() holds.
    fn in_c(&self) -> &'static str {
        match self {
            Kind::Text | Kind::MethodText | Kind::Enum(_) => "text",
            Kind::OptionalText => "text or absent",
            Kind::Bool => "`true` or `false`",
            Kind::Integer => "decimal digits",
        }
    }

    fn in_php(&self) -> &str {
        match self {
            Kind::Text | Kind::MethodText => "string",
            Kind::OptionalText => "?string",
            Kind::Bool => "bool",
            Kind::Integer => "int",
            Kind::Enum(name) => name,
        }
    }

    /// An expression of type `Option<Cow<str>>`.
    fn in_rust(&self, name: &str) -> String {
        match self {
            Kind::Text => format!("Some(Cow::Borrowed(&value.{name}))"),
            Kind::OptionalText => format!("value.{name}.as_deref().map(Cow::Borrowed)"),
            Kind::MethodText => format!("Some(Cow::Owned(value.{name}()))"),
            Kind::Bool => format!("Some(Cow::Borrowed(if value.{name} {{ \"true\" }} else {{ \"false\" }}))"),
            Kind::Integer => format!("Some(Cow::Owned(value.{name}.to_string()))"),
            Kind::Enum(_) => format!("Some(Cow::Borrowed(value.{name}.name()))"),
        }
    }

    /// The kind and the PHP enum, as php-ext/src/value.h declares them.
    fn in_php_c(&self) -> String {
        let kind = match self {
            Kind::Text | Kind::MethodText => "TEXT",
            Kind::OptionalText => "OPTIONAL_TEXT",
            Kind::Bool => "BOOL",
            Kind::Integer => "INTEGER",
            Kind::Enum(name) => return format!("FE_KIND_ENUM, &fe_{name}_ce"),
        };
        format!("FE_KIND_{kind}, NULL")
    }
}

impl Schema {
    fn members(&self) -> Vec<Member<'_>> {
        let rows = self.table.lines().filter(|row| !row.is_empty() && !row.starts_with('#'));
        let members: Vec<Member<'_>> = rows
            .map(|row| {
                let cells: Vec<&str> = row.split('\t').collect();
                let [number, name, kind, sentence] = cells[..] else {
                    panic!("{}: four cells are needed: {row}", self.file);
                };
                Member { number: number.parse().expect("a number"), name, kind: Kind::parse(kind), sentence }
            })
            .collect();
        let numbers = members.iter().map(|member| member.number);
        assert!(numbers.eq(1..=members.len()), "{}: the numbers are 1, 2, 3 and so on", self.file);
        members
    }

    /// The names of the members, in the order of their numbers.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.members().iter().map(|member| member.name).collect()
    }

    fn constant(&self, name: &str) -> String {
        format!("{}{}", self.prefix, name.to_uppercase())
    }

    /// The sentence of a member, with its references to other members written as `reference` does.
    fn sentence(&self, member: &Member<'_>, reference: impl Fn(&str) -> String) -> String {
        let names = self.names();
        let mut text = String::new();
        for (index, part) in member.sentence.split('`').enumerate() {
            if index % 2 == 0 {
                text.push_str(part);
            } else {
                assert!(names.contains(&part), "{}: `{part}` is not a member", self.file);
                text.push_str(&reference(part));
            }
        }
        text
    }

    /// The Rust module with the constants of the C ABI and the values of the members.
    pub(crate) fn rust_module(&self) -> String {
        let members = self.members();
        let type_name = self.rust_type.rsplit("::").next().expect("a name");
        let mut text = format!(
            "//! The members of {}, generated from {} by tests/header.rs; do not edit.\n\nuse {};\nuse std::borrow::Cow;\n",
            self.subject, self.file, self.rust_type
        );
        for member in &members {
            let sentence = self.sentence(member, |name| self.constant(name));
            let comment = format!("Member of {}, {}: {sentence}", self.subject, member.kind.in_c());
            text.push('\n');
            for line in wrap(&comment, 106) {
                let _ = writeln!(text, "/// {line}");
            }
            let _ = writeln!(text, "pub const {}: u32 = {};", self.constant(member.name), member.number);
        }
        let _ = write!(
            text,
            "\n/// cbindgen:ignore\npub(crate) const COUNT: usize = {};\n\n\
             /// The members' texts, in the order of their numbers.\n\
             pub(crate) fn texts(value: &{type_name}) -> [Option<Cow<'_, str>>; COUNT] {{\n    [\n",
            members.len()
        );
        for member in &members {
            let _ = writeln!(text, "        {},", member.kind.in_rust(member.name));
        }
        text.push_str("    ]\n}\n");
        text
    }

    /// The C header with which php-ext fills the properties of an object.
    pub(crate) fn php_header(&self) -> String {
        let mut text = format!(
            "/* Generated from crates/capi/{} by crates/capi/tests/header.rs; do not edit. */\n\n\
             static const fe_handle_member {}[] = {{\n",
            self.file, self.c_array
        );
        for member in self.members() {
            let _ = writeln!(text, "\t{{{}, {}}},", self.constant(member.name), member.kind.in_php_c());
        }
        text.push_str("};\n");
        text
    }

    /// The stub of the PHP class with its properties replaced; the rest of the stub is written by hand.
    pub(crate) fn php_stub(&self, stub: &str) -> String {
        let (start, end) = ("\n{\n", "\n    private function __construct() {}\n");
        let (head, rest) = stub.split_once(start).expect("the start of the class");
        let (_, tail) = rest.split_once(end).expect("the constructor");
        let mut properties = String::new();
        for member in self.members() {
            let sentence = self.sentence(&member, |name| format!("${}", camel_case(name)));
            let sentence = sentence.replace("absent", "null");
            let lines = wrap(&sentence, 110);
            let comment = match &lines[..] {
                [line] => format!("    /** {line} */\n"),
                lines => {
                    lines.iter().fold("    /**\n".to_owned(), |text, line| format!("{text}     * {line}\n"))
                        + "     */\n"
                }
            };
            let _ = writeln!(
                properties,
                "{comment}    public readonly {} ${};",
                member.kind.in_php(),
                camel_case(member.name)
            );
        }
        format!("{head}{start}{properties}{end}{tail}")
    }
}

fn camel_case(snake: &str) -> String {
    let mut words = snake.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| text + &word[..1].to_uppercase() + &word[1..])
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("one line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.len() + 1 + word.len() > width {
            lines.push(word.to_owned());
        } else {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines
}
