//! The key ring that seals and opens grants, launches, links and staged rows.
//!
//! A sealed record is `version(1) | key id length(1) | key id | salt(16) | AES-256-GCM ciphertext and
//! tag`. Key and nonce of each record come by HKDF-SHA-256 from the ring's key and a salt of the
//! system's random source, so no two records share them, whatever was forked or restored from a
//! backup. Associated data bind a record to its place: one that was moved does not open.

use crate::{
    config::VaultConfig,
    error::{Code, Error, Result},
    secret::{self, ExposeSecret, Secret, SecretProvider},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    digest, hkdf, hmac,
};
use serde::{Serialize, de::DeserializeOwned};
use std::path::Path;
use zeroize::Zeroizing;

const FORMAT: u8 = 1;
const SALT: usize = 16;

struct RingKey {
    id: String,
    bytes: Zeroizing<Vec<u8>>,
}

/// The key ring. `Debug` shows key ids only.
pub struct Vault {
    current: usize,
    keys: Vec<RingKey>,
    index: hmac::Key,
    /// The names of two keys that are the same.
    same: Option<(String, String)>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| &key.id)).finish()
    }
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn decode_key(name: &str, text: &Secret) -> Result<Zeroizing<Vec<u8>>> {
    let bytes = STANDARD.decode(text.expose_secret().trim()).map(Zeroizing::new).ok();
    bytes.filter(|bytes| bytes.len() == 32).ok_or_else(|| {
        Error::new(Code::ConfigInvalid)
            .detail(format!("vault key {name} is not the base64 text of 32 bytes"))
            .hint("make one with: head -c 32 /dev/urandom | base64")
    })
}

fn same_keys(ring: &[RingKey], index: &[u8]) -> Option<(String, String)> {
    let named = |key: &RingKey| (key.id.clone(), key.bytes.to_vec());
    let all: Vec<(String, Zeroizing<Vec<u8>>)> = ring
        .iter()
        .map(named)
        .chain([("index_key".to_owned(), index.to_vec())])
        .map(|(name, bytes)| (name, Zeroizing::new(bytes)))
        .collect();
    all.iter().enumerate().find_map(|(position, (name, bytes))| {
        let twin = all[position + 1..].iter().find(|(_, other)| other == bytes)?;
        Some((name.clone(), twin.0.clone()))
    })
}

impl Vault {
    /// Reads the ring's keys from where the configuration says they are.
    ///
    /// # Errors
    /// [`Code::SecretUnavailable`], or [`Code::ConfigInvalid`] when a key is not 32 bytes in base64
    /// or `current` names none of them.
    pub fn open(
        config: &VaultConfig,
        base: Option<&Path>,
        secrets: Option<&dyn SecretProvider>,
    ) -> Result<Self> {
        let mut ring = Vec::new();
        for key in &config.keys {
            let again = ring.iter().any(|known: &RingKey| known.id == key.id);
            if again || !(1..=255).contains(&key.id.len()) {
                let detail = "the id of a vault key is used twice, empty or over 255 bytes";
                return Err(Error::new(Code::ConfigInvalid).detail(detail));
            }
            let bytes = decode_key(&key.id, &secret::resolve(&key.key, base, secrets)?)?;
            ring.push(RingKey { id: key.id.clone(), bytes });
        }
        let current = ring.iter().position(|key| key.id == config.current).ok_or_else(|| {
            Error::new(Code::ConfigInvalid).detail("vault.current names no key of vault.keys")
        })?;
        let index = decode_key("index_key", &secret::resolve(&config.index_key, base, secrets)?)?;
        let same = same_keys(&ring, &index);
        Ok(Vault { current, keys: ring, index: hmac::Key::new(hmac::HMAC_SHA256, &index), same })
    }

    /// The names of two keys that are the same, of the ring and the index key.
    pub fn same_keys(&self) -> Option<(&str, &str)> {
        self.same.as_ref().map(|(first, second)| (first.as_str(), second.as_str()))
    }

    /// How many keys there are, with the index key.
    pub fn key_count(&self) -> usize {
        self.keys.len() + 1
    }

    fn cipher(key: &RingKey, salt: &[u8]) -> Result<(LessSafeKey, Nonce)> {
        let fail = || Error::new(Code::Internal).detail("key derivation failed");
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(&key.bytes);
        let mut okm = Zeroizing::new([0u8; 44]);
        prk.expand(&[b"fhir_ehr seal 1"], Length(44))
            .and_then(|out| out.fill(&mut okm[..]))
            .map_err(|_| fail())?;
        let cipher = UnboundKey::new(&AES_256_GCM, &okm[..32]).map_err(|_| fail())?;
        let nonce = Nonce::try_assume_unique_for_key(&okm[32..]).map_err(|_| fail())?;
        Ok((LessSafeKey::new(cipher), nonce))
    }

    /// Seals a value for one place.
    ///
    /// # Errors
    /// [`Code::Internal`] when the system gives no random bytes.
    pub fn seal<T: Serialize>(&self, place: &Place<'_>, value: &T) -> Result<Vec<u8>> {
        let key = &self.keys[self.current];
        let salt = secret::random::<SALT>()?;
        let (cipher, nonce) = Self::cipher(key, &salt)?;
        let internal = |what: &str| Error::new(Code::Internal).detail(what.to_owned());
        let mut body =
            serde_json::to_vec(value).map_err(|_| internal("a record cannot be written as JSON"))?;
        let mut sealed = vec![FORMAT, u8::try_from(key.id.len()).map_err(|_| internal("key id too long"))?];
        sealed.extend_from_slice(key.id.as_bytes());
        sealed.extend_from_slice(&salt);
        cipher
            .seal_in_place_append_tag(nonce, Aad::from(place.associated_data()), &mut body)
            .map_err(|_| internal("sealing failed"))?;
        sealed.append(&mut body);
        Ok(sealed)
    }

    /// The id of the key that a sealed record names.
    pub fn key_id(sealed: &[u8]) -> Option<&[u8]> {
        let (head, rest) = sealed.split_at_checked(2)?;
        (head[0] == FORMAT).then(|| rest.get(..usize::from(head[1])))?
    }

    /// Opens what was sealed for the same place.
    ///
    /// # Errors
    /// [`Code::VaultKeyMissing`] when the ring does not hold the key that the record names,
    /// [`Code::VaultOpenFailed`] when key, bytes or place are not those of the sealing.
    pub fn open_sealed<T: DeserializeOwned>(&self, place: &Place<'_>, sealed: &[u8]) -> Result<T> {
        let failed = || Error::new(Code::VaultOpenFailed).detail(format!("record kind {}", place.kind));
        let (head, rest) = sealed.split_at_checked(2).ok_or_else(failed)?;
        if head[0] != FORMAT {
            return Err(failed().hint("the record is of another version of fhir_ehr"));
        }
        let (id, rest) = rest.split_at_checked(usize::from(head[1])).ok_or_else(failed)?;
        let (salt, body) = rest.split_at_checked(SALT).ok_or_else(failed)?;
        let key = self.keys.iter().find(|key| key.id.as_bytes() == id).ok_or_else(|| {
            let id = crate::error::escape_for_display(&String::from_utf8_lossy(id));
            Error::new(Code::VaultKeyMissing)
                .detail(format!("key id {id}"))
                .hint("put the key of this id back into vault.keys; records sealed with it stay as they are")
        })?;
        let (cipher, nonce) = Self::cipher(key, salt)?;
        let mut body = Zeroizing::new(body.to_vec());
        let opened = cipher
            .open_in_place(nonce, Aad::from(place.associated_data()), &mut body)
            .map_err(|_| failed())?;
        serde_json::from_slice(opened).map_err(|_| failed())
    }

    /// A keyed hash for clear columns and stable keys: equal inputs give equal text, and without the
    /// index key nobody learns the inputs. The index key is apart from the sealing keys, so that
    /// rotating those leaves all hashes as they are.
    pub fn index(&self, purpose: &str, parts: &[&str]) -> String {
        let mut context = hmac::Context::with_key(&self.index);
        for part in std::iter::once(&purpose).chain(parts) {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(context.sign())
    }
}

/// Where a sealed record lives: what its associated data are made of.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The kind of record.
    pub kind: &'a str,
    /// The record's key.
    pub key: &'a str,
    /// Whose record it is.
    pub organization: &'a str,
    /// The project, or empty.
    pub project: &'a str,
    /// The subject's keyed hash, or empty.
    pub subject: &'a str,
}

impl Place<'_> {
    fn associated_data(&self) -> Vec<u8> {
        let mut data = Vec::new();
        for part in [self.kind, self.key, self.organization, self.project, self.subject] {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part.as_bytes());
        }
        data
    }
}

/// SHA-256 of some text, for values that are compared but must not be kept.
pub fn sha256(text: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, text.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::VaultKeyConfig;

    fn config(current: &str, ids: &[(&str, u8)]) -> VaultConfig {
        let key = |fill: u8| Secret::from(STANDARD.encode([fill; 32]));
        VaultConfig {
            current: current.into(),
            keys: ids.iter().map(|(id, fill)| VaultKeyConfig { id: (*id).into(), key: key(*fill) }).collect(),
            index_key: key(9),
        }
    }

    const PLACE: Place<'_> = Place { kind: "grant", key: "k", organization: "o", project: "", subject: "" };

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let vault = Vault::open(&config("a", &[("a", 1)]), None, None).unwrap();
        let sealed = vault.seal(&PLACE, &"secret").unwrap();
        assert!(!String::from_utf8_lossy(&sealed).contains("secret"));
        assert_eq!(vault.open_sealed::<String>(&PLACE, &sealed).unwrap(), "secret");
        let moved = Place { project: "other", ..PLACE };
        assert_eq!(vault.open_sealed::<String>(&moved, &sealed).unwrap_err().code(), Code::VaultOpenFailed);
        // Lengths are part of the associated data: moving a border between two parts shows.
        let shifted = Place { key: "ko", organization: "", ..PLACE };
        assert!(vault.open_sealed::<String>(&shifted, &sealed).is_err());
        for cut in 0..sealed.len() {
            assert!(vault.open_sealed::<String>(&PLACE, &sealed[..cut]).is_err());
        }
    }

    #[test]
    fn an_older_key_still_opens_and_a_missing_one_is_named() {
        let old = Vault::open(&config("a", &[("a", 1)]), None, None).unwrap();
        let sealed = old.seal(&PLACE, &1).unwrap();
        let both = Vault::open(&config("b", &[("a", 1), ("b", 2)]), None, None).unwrap();
        assert_eq!(both.open_sealed::<i32>(&PLACE, &sealed).unwrap(), 1);
        let without = Vault::open(&config("b", &[("b", 2)]), None, None).unwrap();
        let error = without.open_sealed::<i32>(&PLACE, &sealed).unwrap_err();
        assert_eq!(error.code(), Code::VaultKeyMissing);
        assert!(error.message().contains("key id a"));
        let wrong = Vault::open(&config("a", &[("a", 7)]), None, None).unwrap();
        assert_eq!(wrong.open_sealed::<i32>(&PLACE, &sealed).unwrap_err().code(), Code::VaultOpenFailed);
    }

    #[test]
    fn hashes_depend_on_the_borders_between_parts() {
        let vault = Vault::open(&config("a", &[("a", 1)]), None, None).unwrap();
        assert_eq!(vault.index("p", &["ab", "c"]), vault.index("p", &["ab", "c"]));
        assert_ne!(vault.index("p", &["ab", "c"]), vault.index("p", &["a", "bc"]));
    }
}
