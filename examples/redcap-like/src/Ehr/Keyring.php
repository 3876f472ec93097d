<?php

// The application's secret provider: keys derived from one key file, and client secrets encrypted in the database.

declare(strict_types=1);

namespace App\Ehr;

use FhirEhr\SecretProvider;
use PDO;
use RuntimeException;

final class Keyring implements SecretProvider
{
    private ?string $master = null;

    public function __construct(
        private readonly PDO $database,
        private readonly string $file,
        /** @var array<string, string> secrets that are not stored yet, by their names in the database, to check a configuration with them */
        #[\SensitiveParameter] private readonly array $unsaved = [],
    ) {}

    /** The secret for "hook:vault", "hook:index", "hook:secret-REGISTRATION" or "hook:key-KID" in the configuration of fhir_ehr. */
    public function secret(string $name): string
    {
        return match (true) {
            $name === 'vault', $name === 'index' => base64_encode($this->derived($name)),
            str_starts_with($name, 'secret-') => $this->stored(substr($name, strlen('secret-')))
                ?? throw new RuntimeException('This client secret does not exist'),
            str_starts_with($name, 'key-') => $this->stored('key:' . substr($name, strlen('key-')))
                ?? throw new RuntimeException('This signing key does not exist'),
            default => throw new RuntimeException('This key does not exist'),
        };
    }

    /** A stored secret; null if there is none. The name is that of a registration, or "key:KID" for a private key. */
    public function stored(string $name): ?string
    {
        if (isset($this->unsaved[$name])) {
            return $this->unsaved[$name];
        }
        $found = $this->database->prepare('SELECT sealed FROM secret WHERE name = ?');
        $found->execute([$name]);
        /** @var string|false $sealed */
        $sealed = $found->fetchColumn();
        return $sealed === false ? null : $this->open($sealed, $name);
    }

    /**
     * Stores new client secrets and private keys, and deletes those that the configuration no longer names.
     *
     * @param array<string, string> $new by registration, or by "key:KID"
     * @param list<string> $names all registrations with a secret here, and all keys as "key:KID"
     */
    public function keepSecrets(#[\SensitiveParameter] array $new, array $names): void
    {
        $keep = $this->database->prepare('REPLACE INTO secret (name, sealed) VALUES (?, ?)');
        foreach ($new as $name => $secret) {
            $keep->execute([$name, $this->seal($secret, (string) $name)]);
        }
        $drop = $this->database->prepare('DELETE FROM secret WHERE name = ?');
        /** @var list<string> $known */
        $known = $this->database->query('SELECT name FROM secret')->fetchAll(PDO::FETCH_COLUMN);
        foreach (array_diff($known, $names) as $name) {
            $drop->execute([$name]);
        }
    }

    /** Encrypts a text for the database. Only open() with the same purpose can decrypt it. */
    public function seal(#[\SensitiveParameter] string $text, string $purpose): string
    {
        $nonce = random_bytes(SODIUM_CRYPTO_AEAD_XCHACHA20POLY1305_IETF_NPUBBYTES);
        $key = $this->derived('database');
        return base64_encode($nonce . sodium_crypto_aead_xchacha20poly1305_ietf_encrypt($text, $purpose, $nonce, $key));
    }

    public function open(string $sealed, string $purpose): string
    {
        $bytes = (string) base64_decode($sealed, true);
        $nonce = substr($bytes, 0, SODIUM_CRYPTO_AEAD_XCHACHA20POLY1305_IETF_NPUBBYTES);
        $cipher = substr($bytes, strlen($nonce));
        $text = sodium_crypto_aead_xchacha20poly1305_ietf_decrypt($cipher, $purpose, $nonce, $this->derived('database'));
        return $text === false ? throw new RuntimeException('The application key cannot decrypt this entry') : $text;
    }

    /** Derives a separate key for each use. */
    private function derived(string $use): string
    {
        $this->master ??= (string) base64_decode(trim((string) file_get_contents($this->file)), true);
        if (strlen($this->master) !== 32) {
            throw new RuntimeException('The key file does not contain 32 bytes in base64');
        }
        return hash_hkdf('sha256', $this->master, 32, 'redcap-like ' . $use);
    }
}
