//! The parts that all pages of the EHR share: head, style sheet and header bar.

use crate::http::{Reply, escape};

/// The name of the EHR on its pages.
const NAME: &str = "Example Hospital EHR";

/// The style sheet is part of the page, so that a page is one request in the log.
const STYLE: &str = include_str!("style.css");

/// The layout of a page. It selects the class of its body.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Layout {
    Plain,
    /// The application fills the window below the header of the patient.
    Chart,
    /// A card that also fits into a small frame.
    SignIn,
}

/// A page. `main` is HTML that begins with an h1; `user` is the EHR user who is signed in.
pub(crate) fn page(status: u16, layout: Layout, title: &str, user: Option<&str>, main: &str) -> Reply {
    let class = match layout {
        Layout::Plain => "",
        Layout::Chart => " class=\"chart\"",
        Layout::SignIn => " class=\"sign-in\"",
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

/// An error page. `help` is HTML.
pub(crate) fn error(status: u16, layout: Layout, title: &str, message: &str, help: &str) -> Reply {
    let main = format!("<h1>{}</h1>\n<p role=\"alert\">{}</p>\n{help}", escape(title), escape(message));
    page(status, layout, title, None, &main)
}
