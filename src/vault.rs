//! The key ring that encrypts and decrypts stored records: grants, launches, links and staged rows.
//!
//! A sealed record is `format(1) | key id length(1) | key id | salt(16) | AES-256-GCM ciphertext and tag`, with lengths in
//! bytes. HKDF-SHA-256 derives the key and nonce of each record from the key of the ring and a random salt of the operating
//! system. So no two records share them, even after a fork or after a backup was restored. The place of a record is its
//! associated data, so a record that was moved cannot be decrypted.

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
const SALT_BYTES: usize = 16;

struct RingKey {
    id: String,
    bytes: Zeroizing<Vec<u8>>,
}

/// The key ring. `Debug` shows key ids only.
pub struct Vault {
    current: usize,
    keys: Vec<RingKey>,
    index: hmac::Key,
    /// The names of two keys with equal bytes, if there are any.
    equal_keys: Option<(String, String)>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| &key.id)).finish()
    }
}

/// The number of bytes to derive.
struct OutputLength(usize);

impl hkdf::KeyType for OutputLength {
    fn len(&self) -> usize {
        self.0
    }
}

fn decode_key(name: &str, text: &Secret) -> Result<Zeroizing<Vec<u8>>> {
    let bytes = STANDARD.decode(text.expose_secret().trim()).map(Zeroizing::new).ok();
    bytes.filter(|bytes| bytes.len() == 32).ok_or_else(|| {
        Error::new(Code::ConfigInvalid)
            .detail(format!("vault key {name} is not the base64 text of 32 bytes"))
            .hint("Generate a key with: head -c 32 /dev/urandom | base64")
    })
}

fn find_equal_keys(ring: &[RingKey], index: &[u8]) -> Option<(String, String)> {
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
    /// Reads the keys that the configuration names.
    ///
    /// # Errors
    /// [`Code::SecretUnavailable`], or [`Code::ConfigInvalid`] if a key is not 32 bytes in base64 or `current` names no key
    /// of the ring.
    pub fn open(
        config: &VaultConfig,
        base: Option<&Path>,
        secrets: Option<&dyn SecretProvider>,
    ) -> Result<Self> {
        let mut ring = Vec::new();
        for key in &config.keys {
            let again = ring.iter().any(|known: &RingKey| known.id == key.id);
            if again || !(1..=255).contains(&key.id.len()) {
                let detail = "the id of a vault key is used twice, is empty, or has more than 255 bytes";
                return Err(Error::new(Code::ConfigInvalid).detail(detail));
            }
            let bytes = decode_key(&key.id, &secret::resolve(&key.key, base, secrets)?)?;
            ring.push(RingKey { id: key.id.clone(), bytes });
        }
        let current = ring.iter().position(|key| key.id == config.current).ok_or_else(|| {
            Error::new(Code::ConfigInvalid).detail("no key in vault.keys has the id in vault.current")
        })?;
        let index = decode_key("index_key", &secret::resolve(&config.index_key, base, secrets)?)?;
        let equal_keys = find_equal_keys(&ring, &index);
        Ok(Vault { current, keys: ring, index: hmac::Key::new(hmac::HMAC_SHA256, &index), equal_keys })
    }

    /// The names of two keys with equal bytes, if there are any. The index key is compared too, as `index_key`.
    pub fn equal_keys(&self) -> Option<(&str, &str)> {
        self.equal_keys.as_ref().map(|(first, second)| (first.as_str(), second.as_str()))
    }

    /// The number of keys, including the index key.
    pub fn key_count(&self) -> usize {
        self.keys.len() + 1
    }

    fn cipher(key: &RingKey, salt: &[u8]) -> Result<(LessSafeKey, Nonce)> {
        let fail = || Error::new(Code::Internal).detail("key derivation failed");
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(&key.bytes);
        let mut okm = Zeroizing::new([0u8; 44]);
        prk.expand(&[b"fhir_ehr seal 1"], OutputLength(44))
            .and_then(|out| out.fill(&mut okm[..]))
            .map_err(|_| fail())?;
        let cipher = UnboundKey::new(&AES_256_GCM, &okm[..32]).map_err(|_| fail())?;
        let nonce = Nonce::try_assume_unique_for_key(&okm[32..]).map_err(|_| fail())?;
        Ok((LessSafeKey::new(cipher), nonce))
    }

    /// Encrypts a value for one place, with the current key.
    ///
    /// # Errors
    /// [`Code::Internal`] if the operating system returns no random bytes.
    pub fn seal<T: Serialize>(&self, place: &Place<'_>, value: &T) -> Result<Vec<u8>> {
        let key = &self.keys[self.current];
        let salt = secret::random::<SALT_BYTES>()?;
        let (cipher, nonce) = Self::cipher(key, &salt)?;
        let internal = |what: &str| Error::new(Code::Internal).detail(what.to_owned());
        let mut body =
            serde_json::to_vec(value).map_err(|_| internal("a record cannot be written as JSON"))?;
        let mut sealed = vec![FORMAT, u8::try_from(key.id.len()).map_err(|_| internal("key id too long"))?];
        sealed.extend_from_slice(key.id.as_bytes());
        sealed.extend_from_slice(&salt);
        cipher
            .seal_in_place_append_tag(nonce, Aad::from(place.associated_data()), &mut body)
            .map_err(|_| internal("encryption failed"))?;
        sealed.append(&mut body);
        Ok(sealed)
    }

    /// The id of the key that encrypted a record, or `None` if the format is unknown.
    pub fn key_id(sealed: &[u8]) -> Option<&[u8]> {
        let (head, rest) = sealed.split_at_checked(2)?;
        (head[0] == FORMAT).then(|| rest.get(..usize::from(head[1])))?
    }

    /// Decrypts a record that was encrypted for the same place.
    ///
    /// # Errors
    /// [`Code::VaultKeyMissing`] if the ring does not contain the key that the record names. [`Code::VaultOpenFailed`] if the
    /// key, the bytes or the place differ from those of the encryption.
    pub fn open_sealed<T: DeserializeOwned>(&self, place: &Place<'_>, sealed: &[u8]) -> Result<T> {
        let failed = || Error::new(Code::VaultOpenFailed).detail(format!("record kind {}", place.kind));
        let (head, rest) = sealed.split_at_checked(2).ok_or_else(failed)?;
        if head[0] != FORMAT {
            return Err(failed().hint("Use the version of fhir_ehr that wrote the record, or a later one."));
        }
        let (id, rest) = rest.split_at_checked(usize::from(head[1])).ok_or_else(failed)?;
        let (salt, body) = rest.split_at_checked(SALT_BYTES).ok_or_else(failed)?;
        let key = self.keys.iter().find(|key| key.id.as_bytes() == id).ok_or_else(|| {
            let id = crate::error::escape_for_display(&String::from_utf8_lossy(id));
            Error::new(Code::VaultKeyMissing)
                .detail(format!("key id {id}"))
                .hint("Add the key with this id to vault.keys again. Stored records still use it.")
        })?;
        let (cipher, nonce) = Self::cipher(key, salt)?;
        let mut body = Zeroizing::new(body.to_vec());
        let opened = cipher
            .open_in_place(nonce, Aad::from(place.associated_data()), &mut body)
            .map_err(|_| failed())?;
        serde_json::from_slice(opened).map_err(|_| failed())
    }

    /// A keyed hash (HMAC-SHA-256) as URL-safe base64, 43 characters, for clear columns and stable keys. Equal inputs have
    /// equal hashes, and the inputs cannot be found without the index key. The index key is not a key of the ring, so the
    /// hashes stay equal when the ring's keys are rotated.
    pub fn index(&self, purpose: &str, parts: &[&str]) -> String {
        let mut context = hmac::Context::with_key(&self.index);
        for part in std::iter::once(&purpose).chain(parts) {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(context.sign())
    }
}

/// The place of a sealed record in the store. It is the associated data of the encryption.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The kind of record.
    pub kind: &'a str,
    /// The record's key.
    pub key: &'a str,
    /// The organization that owns the record.
    pub organization: &'a str,
    /// The project, or empty.
    pub project: &'a str,
    /// The keyed hash of the subject, or empty.
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

/// The SHA-256 hash of a text, for values that are compared but must not be stored.
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
    fn a_record_can_be_decrypted_in_its_place_only() {
        let vault = Vault::open(&config("a", &[("a", 1)]), None, None).unwrap();
        let sealed = vault.seal(&PLACE, &"secret").unwrap();
        assert!(!String::from_utf8_lossy(&sealed).contains("secret"));
        assert_eq!(vault.open_sealed::<String>(&PLACE, &sealed).unwrap(), "secret");
        let moved = Place { project: "other", ..PLACE };
        assert_eq!(vault.open_sealed::<String>(&moved, &sealed).unwrap_err().code(), Code::VaultOpenFailed);
        // The associated data contain the length of each part, so a letter cannot move from one part to the next.
        let shifted = Place { key: "ko", organization: "", ..PLACE };
        assert!(vault.open_sealed::<String>(&shifted, &sealed).is_err());
        for cut in 0..sealed.len() {
            assert!(vault.open_sealed::<String>(&PLACE, &sealed[..cut]).is_err());
        }
    }

    #[test]
    fn an_older_key_still_decrypts_and_a_missing_one_is_named() {
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
    fn hashes_depend_on_where_each_part_ends() {
        let vault = Vault::open(&config("a", &[("a", 1)]), None, None).unwrap();
        assert_eq!(vault.index("p", &["ab", "c"]), vault.index("p", &["ab", "c"]));
        assert_ne!(vault.index("p", &["ab", "c"]), vault.index("p", &["a", "bc"]));
    }
}
