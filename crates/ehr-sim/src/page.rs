//! The frame of every page of the EHR: head, style, header bar, main part.

use crate::http::{Reply, escape};

/// What the EHR is called on its pages.
const NAME: &str = "Example Hospital EHR";

/// Inline, so that a page is one request in the log.
const STYLE: &str = include_str!("style.css");

/// How a page is laid out: a class of its body.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Look {
    Plain,
    /// The application fills the window below the patient's header.
    Chart,
    /// A card that fits into a small frame of the application's page too.
    SignIn,
}

/// A page; `main` is HTML and brings its h1, `user` is who works at the EHR.
pub(crate) fn page(status: u16, look: Look, title: &str, user: Option<&str>, main: &str) -> Reply {
    let class = match look {
        Look::Plain => "",
        Look::Chart => " class=\"chart\"",
        Look::SignIn => " class=\"sign-in\"",
    };
    let user = user.map_or_else(String::new, |user| {
        format!("<span class=\"end\">Signed in as <strong>{}</strong></span>", escape(user))
    });
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{} - {NAME} (simulated)</title><link rel=\"icon\" href=\"data:,\">\n<style>\n{STYLE}</style></head>\n\
         <body{class}>\n<header class=\"bar\"><strong>{NAME}</strong><span class=\"badge\">simulated</span>{user}</header>\n\
         <main>\n{main}\n</main></body></html>\n",
        escape(title)
    );
    Reply::new(status, "text/html; charset=utf-8", page).with("cache-control", "no-store")
}

/// A page that says what is wrong; `help` is HTML.
pub(crate) fn error(status: u16, look: Look, title: &str, why: &str, help: &str) -> Reply {
    let main = format!("<h1>{}</h1>\n<p role=\"alert\">{}</p>\n{help}", escape(title), escape(why));
    page(status, look, title, None, &main)
}
