<?php

// One EHR system on the administrator's page: read from the configuration or from the form, and written to the configuration.
// Configuration members that the form does not have are kept.

declare(strict_types=1);

namespace App\Ehr;

use App\Web\Http;
use FhirEhr\Discovery;

/**
 * @phpstan-import-type Registration from Configuration
 * @phpstan-import-type Source from Configuration
 * @phpstan-import-type Document from Configuration
 */
final class SourceForm
{
    public const VERSIONS = ['r4' => 'R4 (4.0.1)', 'dstu2' => 'DSTU2 (1.0.2)'];
    public const VENDORS = ['generic' => 'other (specifications only)', 'oracle' => 'Oracle Health (Cerner)', 'epic' => 'Epic',
        'smart' => 'SMART Health IT sandbox'];
    public const ENVIRONMENTS = ['sandbox' => 'sandbox or simulator', 'test' => 'test system', 'production' => 'production: real patients'];
    /** The resource types that the library reads, and their content. Medications have a different type in DSTU2. */
    public const RESOURCES = [
        'Patient' => 'demographics',
        'Encounter' => 'the encounter of the launch',
        'Observation' => 'vital signs, laboratory, social history',
        'Condition' => 'problems',
        'MedicationRequest' => 'medications',
        'AllergyIntolerance' => 'allergies',
        'Immunization' => 'immunizations',
    ];
    /** For each account: the source's member that names its registration, and the prefix of its form fields. */
    public const ACCOUNTS = ['user' => ['registration', ''], 'system' => ['system_registration', 'system_']];

    /** How the application authenticates at the token endpoint. */
    public const AUTHENTICATION = ['default' => 'client secret', 'private_key_jwt' => 'key (private_key_jwt)'];

    private const TEXTS = ['name', 'organization', 'iss', 'environment', 'fhir_version', 'vendor', 'authorization_endpoint', 'token_endpoint', 'time_zone'];
    private const LISTS = ['mrn_systems', 'frame_ancestors', 'resources'];

    /**
     * @param array<string, string> $texts by the names of the form
     * @param array<string, list<string>> $lists likewise
     */
    private function __construct(
        /** Null for a new system. */
        public readonly ?string $id,
        private readonly array $texts,
        private readonly array $lists,
    ) {}

    /**
     * A system of the configuration; null if there is none with this id.
     *
     * @param Document $document
     */
    public static function stored(array $document, string $id): ?self
    {
        $source = array_column($document['sources'], null, 'id')[$id] ?? null;
        if ($source === null) {
            return null;
        }
        /** @var array<string, string> $texts */
        $texts = array_intersect_key($source, array_flip(self::TEXTS));
        /** @var array<string, list<string>> $lists */
        $lists = array_intersect_key($source, array_flip(self::LISTS));
        foreach (self::ACCOUNTS as [$member, $prefix]) {
            $registration = self::registration($document, (string) ($source[$member] ?? ''));
            $texts[$prefix . 'client_id'] = $registration['client_id'] ?? '';
            $texts[$prefix . 'authentication'] = isset($registration['key_ring']) ? 'private_key_jwt' : 'default';
        }
        $lists['resources'] = array_map(self::resourceOfForm(...), $source['resources'] ?? []);
        return new self($id, $texts, $lists);
    }

    public static function empty(): self
    {
        return new self(null, [], []);
    }

    /** The posted form. */
    public static function posted(?string $id): self
    {
        // Every pull needs Patient.
        $resources = array_values(Http::parameters('resources'));
        $lists = ['resources' => $resources === [] ? [] : array_values(array_unique(['Patient', ...$resources]))];
        foreach (['mrn_systems', 'frame_ancestors'] as $name) {
            $lines = array_map(trim(...), explode("\n", strtr(Http::parameter($name), "\r", "\n")));
            $lists[$name] = array_values(array_filter($lines, static fn(string $line): bool => $line !== ''));
        }
        $texts = [];
        foreach ([...self::TEXTS, 'client_id', 'system_client_id', 'authentication', 'system_authentication'] as $name) {
            $texts[$name] = Http::parameter($name);
        }
        return new self($id, $texts, $lists);
    }

    /** The form with the results of Auto-Find. */
    public function with(Discovery $found): self
    {
        $version = $found->fhirVersion ?? '';
        return new self($this->id, [...$this->texts, ...array_filter([
            'authorization_endpoint' => (string) $found->authorizationEndpoint,
            'token_endpoint' => (string) $found->tokenEndpoint,
            'fhir_version' => isset(self::VERSIONS[$version]) ? $version : '',
            'vendor' => (string) $found->vendor,
        ])], $this->lists);
    }

    public function text(string $name): string
    {
        return $this->texts[$name] ?? ['environment' => 'sandbox', 'fhir_version' => 'r4', 'vendor' => 'generic'][$name] ?? '';
    }

    /** @return list<string> */
    public function list(string $name): array
    {
        return $this->lists[$name] ?? [];
    }

    /** The first missing field, as a message. The library checks everything else. */
    public function firstMissing(): ?string
    {
        return match (true) {
            $this->text('name') === '' => 'Enter a name for the system.',
            $this->text('iss') === '' => 'Enter the FHIR base URL. Your EHR team or the EHR vendor\'s console has it.',
            $this->text('client_id') === '' => 'Enter the client ID from the EHR vendor\'s console.',
            default => null,
        };
    }

    /**
     * The configuration with this system in it, the system's id, and the typed secrets by registration.
     *
     * @param Document $document
     * @param list<string> $redirectUris
     * @param array<string, string> $typed secrets by account; an empty one removes the stored secret
     * @return array{Document, string, array<string, string>}
     */
    public function into(array $document, array $redirectUris, #[\SensitiveParameter] array $typed): array
    {
        $secrets = [];
        $id = $this->id ?? self::newId($document, $this->text('name'));
        $sources = array_column($document['sources'], null, 'id');
        $source = ['id' => $id, ...($sources[$id] ?? [])];
        foreach ([...self::TEXTS, ...self::LISTS] as $name) {
            $source[$name] = in_array($name, self::LISTS, true) ? $this->list($name) : $this->text($name);
        }
        $source['resources'] = array_map($this->resourceOfVersion(...), $this->list('resources'));
        foreach (self::ACCOUNTS as $account => [$member, $prefix]) {
            $name = $this->text($prefix . 'client_id') === '' ? '' : (string) ($source[$member] ?? "$id-$account");
            $source[$member] = $name;
            if ($name === '') {
                continue;
            }
            $registration = self::registration($document, $name) ?? ['id' => $name];
            $registration['environments'] = $this->environments($sources, $id, $member, $name);
            $registration['client_id'] = $this->text($prefix . 'client_id');
            if ($account === 'user') {
                $registration['redirect_uris'] = $redirectUris;
            }
            if (isset($typed[$account])) {
                $registration['client_secret'] = $typed[$account] === '' ? '' : Configuration::secretOf($name);
                $secrets[$name] = $typed[$account];
            }
            $document = self::register($document, $this->authenticated($registration, $prefix));
        }
        $sources[$id] = array_filter($source, static fn(mixed $value): bool => $value !== '' && $value !== []);
        $document['sources'] = array_values($sources);
        return [self::withoutUnused($document), $id, array_filter($secrets)];
    }

    /**
     * The registration with the chosen authentication. The library uses private_key_jwt if the registration has a key ring.
     *
     * @param Registration $registration
     * @return Registration
     */
    private function authenticated(array $registration, string $prefix): array
    {
        if ($this->text($prefix . 'authentication') !== 'private_key_jwt') {
            unset($registration['key_ring']);
            if (($registration['authentication'] ?? '') === 'private_key_jwt') {
                unset($registration['authentication']);
            }
            /** @var Registration */
            return $registration;
        }
        unset($registration['client_secret']);
        $registration['authentication'] = 'private_key_jwt';
        $registration['key_ring'] ??= Configuration::KEY_RING;
        /** @var Registration */
        return $registration;
    }

    /**
     * The environments of a registration: this system's, and those of the other systems that name it. A vendor may issue one client id for
     * several systems.
     *
     * @param array<string, Source> $sources by id
     * @return list<string>
     */
    private function environments(array $sources, string $id, string $member, string $registration): array
    {
        $others = array_filter($sources, static fn(array $one): bool => $one['id'] !== $id && ($one[$member] ?? '') === $registration);
        return array_values(array_unique([$this->text('environment'), ...array_column($others, 'environment')]));
    }

    /**
     * The configuration without a system.
     *
     * @param Document $document
     * @return Document
     */
    public static function without(array $document, string $id): array
    {
        $others = array_filter($document['sources'], static fn(array $source): bool => $source['id'] !== $id);
        $document['sources'] = array_values($others);
        return self::withoutUnused($document);
    }

    /**
     * Whether a secret of the account is stored.
     *
     * @param Document $document
     */
    public function hasSecret(array $document, string $account): bool
    {
        $source = array_column($document['sources'], null, 'id')[$this->id ?? ''] ?? [];
        $registration = self::registration($document, (string) ($source[self::ACCOUNTS[$account][0]] ?? ''));
        return ($registration['client_secret'] ?? '') !== '';
    }

    /**
     * The accounts whose stored secret would be sent to a different server with this form, so it must be entered again. The secret
     * goes to the token endpoint, which depends on the base URL if none is entered.
     *
     * @param Document $document
     * @param array<string, string> $typed typed secrets by account
     * @return list<string>
     */
    public function secretsToTypeAgain(array $document, #[\SensitiveParameter] array $typed): array
    {
        $stored = $this->id === null ? null : self::stored($document, $this->id);
        $moved = $stored !== null && array_filter(['iss', 'token_endpoint'], fn(string $name): bool => $stored->text($name) !== $this->text($name)) !== [];
        $kept = fn(string $account): bool => !isset($typed[$account]) && $this->hasSecret($document, $account);
        return $moved ? array_values(array_filter(array_keys(self::ACCOUNTS), $kept)) : [];
    }

    /** @param Document $document */
    private static function newId(array $document, string $name): string
    {
        $base = trim(substr((string) preg_replace('/[^a-z0-9]+/', '-', strtolower($name)), 0, 40), '-');
        $base = $base === '' ? 'ehr' : $base;
        $taken = [...array_column($document['sources'], 'id'), ...array_column($document['registrations'], 'id')];
        $id = $base;
        for ($next = 2; array_intersect([$id, "$id-user", "$id-system"], $taken) !== []; ++$next) {
            $id = "$base-$next";
        }
        return $id;
    }

    /**
     * @param Document $document
     * @return Registration|null
     */
    private static function registration(array $document, string $id): ?array
    {
        return array_column($document['registrations'], null, 'id')[$id] ?? null;
    }

    /**
     * The document with this registration added, or replaced by id.
     *
     * @param Document $document
     * @param Registration $registration
     * @return Document
     */
    private static function register(array $document, array $registration): array
    {
        $all = array_column($document['registrations'], null, 'id');
        $all[$registration['id']] = $registration;
        $document['registrations'] = array_values($all);
        return $document;
    }

    /**
     * The document without registrations that no system uses. Their secrets are then deleted too.
     *
     * @param Document $document
     * @return Document
     */
    private static function withoutUnused(array $document): array
    {
        $used = [...array_column($document['sources'], 'registration'), ...array_column($document['sources'], 'system_registration')];
        $kept = array_filter($document['registrations'], static fn(array $one): bool => in_array($one['id'], $used, true));
        $document['registrations'] = array_values($kept);
        return $document;
    }

    private static function resourceOfForm(string $type): string
    {
        return $type === 'MedicationOrder' ? 'MedicationRequest' : $type;
    }

    private function resourceOfVersion(string $type): string
    {
        return $type === 'MedicationRequest' && $this->text('fhir_version') === 'dstu2' ? 'MedicationOrder' : $type;
    }
}
