<?php

// The private keys that sign for private_key_jwt: added, rotated and removed. `fhir-ehr keys generate` or openssl creates them outside
// the application, which stores them encrypted.

declare(strict_types=1);

namespace App\Ehr;

use App\Web\Denied;
use Closure;
use FhirEhr\Client;
use FhirEhr\JwksDocument;

/**
 * @phpstan-import-type SigningKey from Configuration
 * @phpstan-import-type Document from Configuration
 */
final class SigningKeys
{
    public const ALGORITHMS = ['ES384' => 'ES384 (EC key on P-384)', 'RS384' => 'RS384 (RSA key)'];

    public function __construct(
        private readonly Configuration $configuration,
        /** @var Closure(string, array<string, string>): Client */
        private readonly Closure $clientFor,
    ) {}

    /** @return list<SigningKey> */
    public function all(): array
    {
        return Configuration::keysOf($this->configuration->stored());
    }

    /** The JWKS document; null if there are no keys. */
    public function jwks(): ?JwksDocument
    {
        return $this->all() === [] ? null : ($this->clientFor)($this->configuration->document(), [])->jwks(Configuration::KEY_RING);
    }

    /**
     * Adds a key. The first key of an algorithm signs at once. A later one is only published until makeCurrent(), because EHRs may still
     * have an older JWKS document.
     *
     * @return string the state of the key
     */
    public function add(string $user, string $kid, string $algorithm, #[\SensitiveParameter] string $key): string
    {
        if (preg_match('/^[A-Za-z0-9._~-]{1,80}$/D', $kid) !== 1) {
            throw new Denied(422, 'Not added', 'Enter a key ID of at most 80 letters, digits and the characters . _ ~ -.');
        }
        if (in_array($kid, array_column($this->all(), 'kid'), true)) {
            throw new Denied(422, 'Not added', 'This key ID is already used. A new key needs a new ID.');
        }
        $signs = array_filter($this->all(), static fn(array $one): bool => $one['algorithm'] === $algorithm && $one['state'] === 'current');
        $state = $signs === [] ? 'current' : 'next';
        $new = ['kid' => $kid, 'key' => Configuration::referenceToKey($kid), 'algorithm' => $algorithm, 'state' => $state];
        $this->save([...$this->all(), $new], ["key:$kid" => $key]);
        $this->configuration->note($user, "Add signing key $kid");
        return $state;
    }

    /** Lets a key sign. The one that signed before is retired: it is still published, because EHRs may verify earlier assertions. */
    public function makeCurrent(string $user, string $kid): void
    {
        $algorithm = $this->named($kid)['algorithm'];
        $keys = [];
        foreach ($this->all() as $one) {
            $one['state'] = match (true) {
                $one['kid'] === $kid => 'current',
                $one['algorithm'] === $algorithm && $one['state'] === 'current' => 'retired',
                default => $one['state'],
            };
            $keys[] = $one;
        }
        $this->save($keys);
        $this->configuration->note($user, "Sign with key $kid");
    }

    /** Removes a key and deletes it. A key that signs can be removed only if no system uses keys. */
    public function remove(string $user, string $kid): void
    {
        $users = array_filter(
            $this->configuration->stored()['registrations'],
            static fn(array $one): bool => ($one['key_ring'] ?? '') === Configuration::KEY_RING,
        );
        if ($users !== [] && $this->named($kid)['state'] === 'current') {
            throw new Denied(422, 'Not removed', 'An EHR system uses this key. Add another key and let it sign first.');
        }
        $this->save(array_values(array_filter($this->all(), static fn(array $one): bool => $one['kid'] !== $kid)));
        $this->configuration->note($user, "Remove signing key $kid");
    }

    /** @return SigningKey */
    private function named(string $kid): array
    {
        foreach ($this->all() as $one) {
            if ($one['kid'] === $kid) {
                return $one;
            }
        }
        throw new Denied(404, 'No such key', 'This key does not exist. Another administrator may have removed it.');
    }

    /**
     * Saves the keys if the library can read all of them. Otherwise nothing changes.
     *
     * @param list<SigningKey> $keys
     * @param array<string, string> $new private keys by "key:KID"
     */
    private function save(array $keys, #[\SensitiveParameter] array $new = []): void
    {
        $document = $this->configuration->withKeys($this->configuration->stored(), $keys);
        $client = ($this->clientFor)(Configuration::complete($document), $new);
        if ($keys !== []) {
            $client->jwks(Configuration::KEY_RING);
        }
        $this->configuration->store($document, $new);
    }
}
