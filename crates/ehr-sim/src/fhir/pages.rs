//! Searches with more pages than one: their results are stored, and each next link returns a page of them.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use crate::random::random_token;

/// How many searches are stored. A new one replaces the oldest.
const MAX_SEARCHES: usize = 10_000;

/// A search and its matches.
#[derive(Debug)]
pub(crate) struct Search {
    pub(crate) resource_type: String,
    /// The query of the request, for the self link.
    pub(crate) query: String,
    /// It has the parameter `identifier`.
    pub(crate) by_identifier: bool,
    /// It has the parameter `_count`.
    pub(crate) has_count: bool,
    /// Indexes of [`crate::resources::Resources`].
    pub(crate) matches: Vec<usize>,
    /// How many matches are on a page.
    pub(crate) page_size: usize,
}

/// The stored searches, by the token in their next links.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    searches: HashMap<String, Arc<Search>>,
    /// Tokens, the oldest first.
    order: VecDeque<String>,
}

impl Pages {
    /// Stores a search and returns its token.
    pub(crate) fn add(&mut self, search: &Arc<Search>) -> String {
        let token = random_token::<18>();
        self.searches.insert(token.clone(), search.clone());
        self.order.push_back(token.clone());
        if self.order.len() > MAX_SEARCHES
            && let Some(oldest) = self.order.pop_front()
        {
            self.searches.remove(&oldest);
        }
        token
    }

    pub(crate) fn get(&self, token: &str) -> Option<&Arc<Search>> {
        self.searches.get(token)
    }
}
