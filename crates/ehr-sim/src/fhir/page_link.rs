//! The links to the pages of a search, in the form of each personality.

use crate::{ehr::Ehr, fhir::pages::Search, http::Form, options::Personality};

/// The page of a stored search that a link leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PageLink {
    /// The token of the search in [`crate::fhir::pages::Pages`].
    pub(crate) token: String,
    /// How many matches come before the page.
    pub(crate) offset: usize,
}

impl PageLink {
    /// Reads the query of a link; none if it is not complete.
    pub(crate) fn parse(form: &Form) -> Option<Self> {
        if let Some(token) = form.get("_getpages") {
            let offset = form.get("_getpagesoffset").unwrap_or("0").parse().ok()?;
            return Some(Self { token: token.to_owned(), offset });
        }
        let (token, offset) = form.get("pageContext").or_else(|| form.get("sessionID"))?.rsplit_once('.')?;
        Some(Self { token: token.to_owned(), offset: offset.parse().ok()? })
    }

    /// The link, relative to the FHIR base URL.
    pub(crate) fn relative_url(&self, ehr: &Ehr, search: &Search) -> String {
        let Self { token, offset } = self;
        let resource_type = &search.resource_type;
        match ehr.options.personality {
            Personality::Oracle => {
                format!("{resource_type}?pageContext={token}.{offset}&direction=NEXT")
            }
            Personality::Epic => format!("{resource_type}?sessionID={token}.{offset}"),
            Personality::Smart | Personality::Generic => format!(
                "?_getpages={token}&_getpagesoffset={offset}&_count={}&_bundletype=searchset",
                search.page_size
            ),
        }
    }
}

/// Whether a query is that of a link to a page, complete or not.
pub(crate) fn is_page_link(form: &Form) -> bool {
    ["pageContext", "sessionID", "_getpages"].iter().any(|name| form.get(name).is_some())
}
