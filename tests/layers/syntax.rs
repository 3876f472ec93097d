//! Finds the paths of a Rust file: its `use` items and every `a::b` in its code, also inside macros.
//!
//! Comments, literals and items under `#[cfg(test)]` are left out.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A path as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
    /// How many inline modules of the file surround it.
    pub(crate) depth: usize,
}

/// What a Rust file refers to and defines.
#[derive(Debug, Default)]
pub(crate) struct Syntax {
    /// The names that `use` items bind, with their paths.
    pub(crate) uses: Vec<(String, Path)>,
    /// The paths before `::*`.
    pub(crate) globs: Vec<Path>,
    /// All other paths with two segments or more.
    pub(crate) paths: Vec<Path>,
    /// The names of the items at the top level of the file.
    pub(crate) items: BTreeSet<String>,
}

/// The words before the name of an item.
const ITEM_WORDS: &[&str] = &["fn", "struct", "enum", "union", "trait", "type", "const", "static", "mod"];

/// The words that begin an item without a body, or with a body before its semicolon.
const SEMICOLON_WORDS: &[&str] = &["use", "const", "static", "type", "let"];

impl Syntax {
    /// The path that a `use` item binds to a name.
    pub(crate) fn bound_path(&self, name: &str) -> Option<&Path> {
        self.uses.iter().find(|(bound, _)| bound == name).map(|(_, path)| path)
    }

    /// Reads a file.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let stream: TokenStream = text.parse().map_err(|error| format!("{error}"))?;
        let mut syntax = Self::default();
        syntax.walk(stream, 0, true);
        Ok(syntax)
    }

    /// `top_level`: the tokens are those of the file itself, so that their items are items of the module.
    fn walk(&mut self, stream: TokenStream, depth: usize, top_level: bool) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            if attribute(&tokens, at).is_some_and(is_cfg_test) {
                at = end_of_item(&tokens, at);
                continue;
            }
            match &tokens[at] {
                TokenTree::Ident(ident) if ident == "use" && !is_punct(tokens.get(at + 1), '<') => {
                    let end = position(&tokens, at, |token| is_punct(Some(token), ';'));
                    self.read_use(&tokens[at + 1..end], &[], depth);
                    at = end;
                }
                TokenTree::Ident(ident) if ident == "mod" && is_brace(tokens.get(at + 2)) => {
                    self.read_item(&tokens, at, top_level);
                    if let Some(TokenTree::Group(group)) = tokens.get(at + 2) {
                        self.walk(group.stream(), depth + 1, false);
                    }
                    at += 3;
                }
                TokenTree::Ident(_) => {
                    self.read_item(&tokens, at, top_level);
                    at = self.read_path(&tokens, at, depth);
                }
                TokenTree::Group(group) => {
                    self.walk(group.stream(), depth, false);
                    at += 1;
                }
                _ => at += 1,
            }
        }
    }

    /// Notes the name of an item that begins here.
    fn read_item(&mut self, tokens: &[TokenTree], at: usize, top_level: bool) {
        let word = tokens[at].to_string();
        if top_level
            && ITEM_WORDS.contains(&word.as_str())
            && let Some(TokenTree::Ident(name)) = tokens.get(at + 1)
        {
            self.items.insert(name.to_string());
        }
    }

    /// Reads the path that begins here, and returns the index after it.
    fn read_path(&mut self, tokens: &[TokenTree], at: usize, depth: usize) -> usize {
        let mut segments = vec![tokens[at].to_string()];
        let line = tokens[at].span().start().line;
        let mut next = at + 1;
        while is_path_separator(tokens, next)
            && let Some(TokenTree::Ident(segment)) = tokens.get(next + 2)
        {
            segments.push(segment.to_string());
            next += 3;
        }
        // `::name` is another crate, and `<T>::name` belongs to a type.
        let is_continuation = at >= 2 && is_path_separator(tokens, at - 2);
        if segments.len() > 1 && !is_continuation {
            self.paths.push(Path { segments, line, depth });
        }
        next
    }

    /// Reads a use tree. `prefix` holds the segments before it.
    fn read_use(&mut self, tokens: &[TokenTree], prefix: &[String], depth: usize) {
        // The last tree is empty after a trailing comma.
        let trees = tokens.split(|token| is_punct(Some(token), ',')).filter(|tree| !tree.is_empty());
        for tree in trees {
            let mut segments = prefix.to_owned();
            let mut line = 0;
            let mut alias = None;
            let mut parts = tree.iter();
            while let Some(token) = parts.next() {
                match token {
                    TokenTree::Ident(ident) if ident == "as" => {
                        alias = parts.next().map(ToString::to_string);
                    }
                    TokenTree::Ident(ident) => {
                        line = ident.span().start().line;
                        segments.push(ident.to_string());
                    }
                    TokenTree::Punct(punct) if punct.as_char() == '*' => {
                        line = punct.span().start().line;
                        self.globs.push(Path { segments: std::mem::take(&mut segments), line, depth });
                    }
                    TokenTree::Group(group) => {
                        let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                        self.read_use(&inner, &segments, depth);
                        segments.clear();
                    }
                    _ => {}
                }
            }
            // `use a::{self}` binds `a`.
            if segments.len() > 1 && segments.last().is_some_and(|last| last == "self") {
                segments.pop();
            }
            if let Some(last) = segments.last() {
                let name = alias.unwrap_or_else(|| last.clone());
                self.uses.push((name, Path { segments, line, depth }));
            }
        }
    }
}

fn is_punct(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

fn is_brace(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace)
}

fn is_path_separator(tokens: &[TokenTree], at: usize) -> bool {
    is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':')
}

/// The index of the first token that matches, or the end.
fn position(tokens: &[TokenTree], from: usize, matches: impl Fn(&TokenTree) -> bool) -> usize {
    tokens[from..].iter().position(matches).map_or(tokens.len(), |found| from + found)
}

/// The brackets of an outer attribute that begins here.
fn attribute(tokens: &[TokenTree], at: usize) -> Option<&Group> {
    match (&tokens[at], tokens.get(at + 1)) {
        (TokenTree::Punct(punct), Some(TokenTree::Group(group)))
            if punct.as_char() == '#' && group.delimiter() == Delimiter::Bracket =>
        {
            Some(group)
        }
        _ => None,
    }
}

/// Whether an attribute is `#[cfg(test)]`.
fn is_cfg_test(attribute: &Group) -> bool {
    attribute.stream().to_string().split_whitespace().collect::<String>() == "cfg(test)"
}

/// The index after the item whose first attribute begins here.
fn end_of_item(tokens: &[TokenTree], mut at: usize) -> usize {
    while at < tokens.len() && attribute(tokens, at).is_some() {
        at += 2;
    }
    let mut ends_at_brace = true;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            TokenTree::Ident(ident) if SEMICOLON_WORDS.contains(&ident.to_string().as_str()) => {
                ends_at_brace = false;
            }
            // A `const fn` has a body.
            TokenTree::Ident(ident) if ident == "fn" => ends_at_brace = true,
            token if is_punct(Some(token), ';') || ends_at_brace && is_brace(Some(token)) => return at,
            _ => {}
        }
    }
    at
}
