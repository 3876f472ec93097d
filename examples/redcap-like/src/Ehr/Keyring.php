<?php

// The application's key service: keys derived from one key file, and secrets sealed in the database under one of them.

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
    ) {}

    /** What the configuration of fhir_ehr writes as "hook:vault", "hook:index" and "hook:secret-REGISTRATION". */
    public function secret(string $name): string
    {
        return match (true) {
            $name === 'vault', $name === 'index' => base64_encode($this->derived($name)),
            str_starts_with($name, 'secret-') => $this->clientSecret(substr($name, strlen('secret-')))
                ?? throw new RuntimeException('There is no such secret'),
            default => throw new RuntimeException('There is no such key'),
        };
    }

    /** The client secret of a registration; null when none was entered. */
    public function clientSecret(string $registration): ?string
    {
        $found = $this->database->prepare('SELECT sealed FROM secret WHERE name = ?');
        $found->execute([$registration]);
        /** @var string|false $sealed */
        $sealed = $found->fetchColumn();
        return $sealed === false ? null : $this->open($sealed, $registration);
    }

    /**
     * Keeps new client secrets, and drops those of registrations that have none any more.
     *
     * @param array<string, string> $new by registration
     * @param list<string> $registrations all that have a secret here
     */
    public function keepSecrets(#[\SensitiveParameter] array $new, array $registrations): void
    {
        $keep = $this->database->prepare('REPLACE INTO secret (name, sealed) VALUES (?, ?)');
        foreach ($new as $registration => $secret) {
            $keep->execute([$registration, $this->seal($secret, (string) $registration)]);
        }
        $drop = $this->database->prepare('DELETE FROM secret WHERE name = ?');
        /** @var list<string> $known */
        $known = $this->database->query('SELECT name FROM secret')->fetchAll(PDO::FETCH_COLUMN);
        foreach (array_diff($known, $registrations) as $registration) {
            $drop->execute([$registration]);
        }
    }

    /** Encrypts a text for the database. It opens only with the same purpose. */
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
        return $text === false ? throw new RuntimeException('The application key does not open this entry') : $text;
    }

    /** A key of its own for each use. */
    private function derived(string $use): string
    {
        $this->master ??= (string) base64_decode(trim((string) file_get_contents($this->file)), true);
        if (strlen($this->master) !== 32) {
            throw new RuntimeException('The key file does not hold 32 bytes in base64');
        }
        return hash_hkdf('sha256', $this->master, 32, 'redcap-like ' . $use);
    }
}
