//! The proxy for requests: the configured one, the one of the environment, or none. Loopback addresses never use a proxy.

use crate::error::{Code, Error, Result, escape_for_display};
use std::env;
use url::Url;

/// Hosts that never use a proxy: requests to them may be unencrypted, so they must not leave this computer.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// The proxy setting of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Proxy {
    /// The proxy in `https_proxy` or `all_proxy` of the environment, in lower or upper case, except for the hosts in
    /// `no_proxy`.
    #[default]
    Environment,
    /// No proxy. The environment is ignored.
    None,
    /// The proxy at this URL.
    At(Url),
}

impl Proxy {
    /// Reads the setting `proxy`. `None` means that it is absent.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] if it is not `http://HOST:PORT`, `https://HOST:PORT`, `none` or `environment`.
    pub fn parse(text: Option<&str>) -> Result<Self> {
        match text {
            None | Some("environment") => Ok(Proxy::Environment),
            Some("none") => Ok(Proxy::None),
            Some(text) => Url::parse(text).ok().filter(is_usable).map(Proxy::At).ok_or_else(|| {
                Error::new(Code::ConfigInvalid)
                    .detail(format!("proxy: {}", escape_for_display(&without_user(text))))
                    .hint(
                        "Write http://HOST:PORT, none, or environment. A proxy that asks for a password is not supported.",
                    )
            }),
        }
    }

    /// The proxy for the HTTP client, or `None` if requests are sent directly.
    pub(super) fn reqwest_proxy(&self) -> Result<Option<reqwest::Proxy>> {
        let (url, without) = match self {
            Proxy::None => return Ok(None),
            Proxy::At(url) => (url.clone(), None),
            Proxy::Environment => {
                let named = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
                let text = named.iter().find_map(|name| env::var(name).ok()).filter(|text| !text.is_empty());
                let Some(text) = text else { return Ok(None) };
                // A name without a scheme is an http proxy, as for curl.
                let url = if text.contains("://") { text } else { format!("http://{text}") };
                let url = Url::parse(&url).map_err(|_| {
                    Error::new(Code::NetworkUnreachable)
                        .detail("the proxy in the environment (https_proxy or all_proxy) is not a URL")
                })?;
                (url, ["no_proxy", "NO_PROXY"].iter().find_map(|name| env::var(name).ok()))
            }
        };
        let without = without.map_or_else(|| LOOPBACK.to_owned(), |own| format!("{own},{LOOPBACK}"));
        let proxy = reqwest::Proxy::all(url)
            .map_err(|_| Error::new(Code::NetworkUnreachable).detail("the proxy's address cannot be used"))?;
        Ok(Some(proxy.no_proxy(reqwest::NoProxy::from_string(&without))))
    }
}

fn is_usable(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
}

/// The address without its user name and password, which are secrets.
fn without_user(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((_, host)) => format!("...@{host}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_an_address_without_a_password() {
        assert_eq!(Proxy::parse(None).unwrap(), Proxy::Environment);
        assert_eq!(Proxy::parse(Some("environment")).unwrap(), Proxy::Environment);
        assert_eq!(Proxy::parse(Some("none")).unwrap(), Proxy::None);
        let at = Proxy::parse(Some("http://proxy.example:3128")).unwrap();
        assert_eq!(at, Proxy::At(Url::parse("http://proxy.example:3128").unwrap()));
        for wrong in ["", "proxy:3128", "socks5://p:1", "http://u:geheim@p:1", "http://geheim@p:1"] {
            let error = Proxy::parse(Some(wrong)).unwrap_err();
            assert_eq!(error.code(), Code::ConfigInvalid, "{wrong}");
            assert!(!error.message().contains("geheim"), "{error}");
        }
    }
}
