<?php

// The configuration document of fhir_ehr in the application's database. Its secrets are stored separately and encrypted.

declare(strict_types=1);

namespace App\Ehr;

use App\Settings;
use PDO;

/**
 * The parts of the document that this application uses; docs/config.schema.json describes all of it.
 *
 * @phpstan-type Registration array{id: string, client_id?: string, client_secret?: string, authentication?: string, key_ring?: string, environments?: list<string>, redirect_uris?: list<string>, ...}
 * @phpstan-type Source array{id: string, iss: string, environment: string, fhir_version: string, name?: string, organization?: string, registration?: string, system_registration?: string, resources?: list<string>, ...}
 * @phpstan-type SigningKey array{kid: string, key: string, algorithm: string, state: string}
 * @phpstan-type KeyRing array{name: string, jwks_url?: string, keys: list<SigningKey>}
 * @phpstan-type Document array{organization: string, registrations: list<Registration>, sources: list<Source>, key_rings?: list<KeyRing>, ...}
 */
final class Configuration
{
    /** The key ring of the keys that an administrator has added. All registrations with private_key_jwt use it. */
    public const KEY_RING = 'application';
    /** The document before an administrator adds an EHR system. */
    private const EMPTY = ['organization' => 'research', 'registrations' => [], 'sources' => []];

    public function __construct(
        private readonly PDO $database,
        private readonly Keyring $keyring,
        private readonly Settings $settings,
    ) {}

    /** The document for the library. All workers use a change from their next request on. */
    public function document(): string
    {
        $document = $this->stored();
        $document['handoff_urls'] = array_map(
            static fn(array $handoff): array => ['url' => $handoff['url'], 'secret' => $handoff['secret']],
            $this->settings->handoffs,
        );
        return self::complete($document);
    }

    /**
     * The stored document as an array.
     *
     * @return Document
     */
    public function stored(): array
    {
        /** @var string|false $found */
        $found = $this->database->query('SELECT document FROM configuration WHERE id = 1')->fetchColumn();
        return $found === false ? self::EMPTY : self::read($found);
    }

    /** @return Document */
    public static function read(string $json): array
    {
        /** @var Document */
        return json_decode($json, true, flags: JSON_THROW_ON_ERROR);
    }

    /**
     * Stores a document. Its inline secrets are encrypted and stored separately. The application provides the vault keys itself.
     *
     * @param Document $document
     * @param array<string, string> $secrets new secrets by registration, or by "key:KID"; a value such as "file:x" is a secret here, not a
     *     reference
     */
    public function store(array $document, #[\SensitiveParameter] array $secrets = []): void
    {
        foreach ($document['registrations'] as &$registration) {
            $secret = $registration['client_secret'] ?? '';
            if ($secret !== '' && preg_match('/^(hook|file|env):/', $secret) === 0) {
                $secrets[$registration['id']] = $secret;
                $registration['client_secret'] = self::secretOf($registration['id']);
            }
        }
        unset($registration, $document['vault'], $document['store']);
        $this->database->beginTransaction();
        $this->database->prepare('REPLACE INTO configuration (id, document) VALUES (1, ?)')
            ->execute([json_encode($document, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES)]);
        $this->keyring->keepSecrets($secrets, self::referred($document));
        $this->database->commit();
    }

    /** Adds a line to the application's history: who changed what in the configuration. */
    public function note(string $user, string $what): void
    {
        $this->database->prepare("INSERT INTO history (at, member, project, record, what) VALUES (?, ?, '', '', ?)")
            ->execute([time(), $user, $what]);
    }

    /** The reference to the stored secret of a registration. */
    public static function secretOf(string $registration): string
    {
        return "hook:secret-$registration";
    }

    /** The reference to a stored private key. */
    public static function referenceToKey(string $kid): string
    {
        return "hook:key-$kid";
    }

    /**
     * The keys of the application's key ring.
     *
     * @param Document $document
     * @return list<SigningKey>
     */
    public static function keysOf(array $document): array
    {
        return array_column($document['key_rings'] ?? [], 'keys', 'name')[self::KEY_RING] ?? [];
    }

    /**
     * The document with these keys in the application's key ring.
     *
     * @param Document $document
     * @param list<SigningKey> $keys
     * @return Document
     */
    public function withKeys(array $document, array $keys): array
    {
        $rings = array_column($document['key_rings'] ?? [], null, 'name');
        $rings[self::KEY_RING] = ['name' => self::KEY_RING, 'jwks_url' => $this->settings->jwksAddress(), 'keys' => $keys];
        if ($keys === []) {
            unset($rings[self::KEY_RING]);
        }
        $document['key_rings'] = array_values($rings);
        return $document;
    }

    /**
     * The names of the secrets that this application stores: registrations, and keys as "key:KID".
     *
     * @param Document $document
     * @return list<string>
     */
    private static function referred(array $document): array
    {
        $kept = array_filter(
            $document['registrations'],
            static fn(array $one): bool => ($one['client_secret'] ?? '') === self::secretOf($one['id']),
        );
        $keys = array_filter(
            array_merge(...array_column($document['key_rings'] ?? [], 'keys')),
            static fn(array $key): bool => $key['key'] === self::referenceToKey($key['kid']),
        );
        return [...array_column($kept, 'id'), ...array_map(static fn(array $key): string => "key:$key[kid]", array_values($keys))];
    }

    /**
     * The redirect URIs to register. There is one.
     *
     * @return list<string>
     */
    public function redirectUris(): array
    {
        return [$this->settings->launchAddress()];
    }

    /**
     * The document with the parts that the administrator does not enter.
     *
     * @param Document $document
     */
    public static function complete(array $document): string
    {
        $document['vault'] = [
            'current' => 'application',
            'keys' => [['id' => 'application', 'key' => 'hook:vault']],
            'index_key' => 'hook:index',
        ];
        return json_encode($document, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES);
    }
}
