//! The options of `keys`.

use super::ConfigArg;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `keys`
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Create an ES384 key in a new file (mode 0600), and print its entry for the configuration.
    Generate(GenerateKeyArgs),
    /// Check the private key in a file (EC on P-384, or RSA), and print its entry for the configuration.
    Import(ImportKeyArgs),
    /// List the keys of all key rings, with the state and the thumbprint of each.
    List(ListKeysArgs),
    /// Print the entries that retire the current key and make the next key current.
    Retire(RetireKeyArgs),
    /// Print the JWKS document of a key ring, with public keys only.
    Jwks(JwksArgs),
    /// Print a public key as PEM, for a console that takes a .pem file.
    Pem(PemArgs),
}

/// `keys generate`
#[derive(Debug, Args)]
pub(crate) struct GenerateKeyArgs {
    /// New file for the private key (PKCS#8 PEM, mode 0600).
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Id of the key. [default: its thumbprint]
    #[arg(long, value_name = "KID")]
    pub(crate) kid: Option<String>,
}

/// `keys import`
#[derive(Debug, Args)]
pub(crate) struct ImportKeyArgs {
    /// File with the private key (PKCS#8 PEM, or a private JWK).
    #[arg(long, value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Id of the key. [default: its thumbprint]
    #[arg(long, value_name = "KID")]
    pub(crate) kid: Option<String>,
}

/// `keys list`
#[derive(Debug, Args)]
pub(crate) struct ListKeysArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
}

/// `keys retire`
#[derive(Debug, Args)]
pub(crate) struct RetireKeyArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    /// Key ring, by its name in the configuration.
    #[arg(long, value_name = "NAME")]
    pub(crate) ring: String,
    /// Current key to retire.
    #[arg(long, value_name = "KID")]
    pub(crate) kid: String,
}

/// `keys jwks`
#[derive(Debug, Args)]
pub(crate) struct JwksArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    /// Key ring, by its name in the configuration.
    #[arg(long, value_name = "NAME")]
    pub(crate) ring: String,
}

/// `keys pem`
#[derive(Debug, Args)]
pub(crate) struct PemArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArg,
    /// Key ring, by its name in the configuration.
    #[arg(long, value_name = "NAME")]
    pub(crate) ring: String,
    /// Key, by its id.
    #[arg(long, value_name = "KID")]
    pub(crate) kid: String,
}
