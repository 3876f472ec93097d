<?php

// What the administrator's page knows of one system: read from the configuration or from the form, and put into the
// configuration. Members of the configuration that the form does not have stay as they are.

declare(strict_types=1);

namespace App\Ehr;

use App\Web\Http;
use FhirEhr\Discovery;

final class SourceForm
{
    public const VERSIONS = ['r4' => 'R4 (4.0.1)', 'dstu2' => 'DSTU2 (1.0.2)'];
    public const VENDORS = ['generic' => 'none: what the specifications say', 'oracle' => 'Oracle Health (Cerner)', 'epic' => 'Epic',
        'smart' => 'SMART Health IT sandbox'];
    public const ENVIRONMENTS = ['sandbox' => 'sandbox or simulator', 'test' => 'test system', 'production' => 'production: real patients'];
    /** The resource types that the library reads, with what is in them; medications have another name in DSTU2. */
    public const RESOURCES = [
        'Patient' => 'demographics',
        'Encounter' => "the chart's encounter",
        'Observation' => 'vital signs, laboratory, social history',
        'Condition' => 'problems',
        'MedicationRequest' => 'medications',
        'AllergyIntolerance' => 'allergies',
        'Immunization' => 'immunizations',
    ];
    /** Where the source names its registrations, and how their fields in the form begin. */
    public const ACCOUNTS = ['user' => ['registration', ''], 'system' => ['system_registration', 'system_']];

    private const TEXTS = ['name', 'iss', 'environment', 'fhir_version', 'vendor', 'authorization_endpoint', 'token_endpoint'];
    private const LISTS = ['mrn_systems', 'frame_ancestors', 'resources'];

    /** @param array<string, string|list<string>> $values by the names of the form */
    private function __construct(
        /** Null: a new system. */
        public readonly ?string $id,
        private readonly array $values,
    ) {}

    /**
     * A system of the configuration; null: there is none with this id.
     *
     * @param array<string, mixed> $document
     */
    public static function stored(array $document, string $id): ?self
    {
        $source = array_column($document['sources'], null, 'id')[$id] ?? null;
        $values = $source ?? [];
        foreach (self::ACCOUNTS as [$member, $prefix]) {
            $values[$prefix . 'client_id'] = self::registration($document, $source[$member] ?? null)['client_id'] ?? '';
        }
        $values['resources'] = array_map(self::resourceOfForm(...), $source['resources'] ?? []);
        return $source === null ? null : new self($id, $values);
    }

    public static function empty(): self
    {
        return new self(null, []);
    }

    /** What came with the form. */
    public static function posted(?string $id): self
    {
        // Every pull begins with the Patient.
        $resources = array_values(Http::parameters('resources'));
        $values = ['resources' => $resources === [] ? [] : array_values(array_unique(['Patient', ...$resources]))];
        foreach ([...self::TEXTS, 'client_id', 'system_client_id'] as $name) {
            $values[$name] = Http::parameter($name);
        }
        foreach (['mrn_systems', 'frame_ancestors'] as $name) {
            $values[$name] = preg_split('/\s*[\r\n]\s*/', Http::parameter($name), flags: PREG_SPLIT_NO_EMPTY);
        }
        return new self($id, $values);
    }

    /** The form with what Auto-Find has found. */
    public function with(Discovery $found): self
    {
        $version = isset(self::VERSIONS[$found->fhirVersion]) ? $found->fhirVersion : null;
        return new self($this->id, [...$this->values, ...array_filter([
            'authorization_endpoint' => $found->authorizationEndpoint,
            'token_endpoint' => $found->tokenEndpoint,
            'fhir_version' => $version,
        ])]);
    }

    public function text(string $name): string
    {
        return $this->values[$name] ?? ['environment' => 'sandbox', 'fhir_version' => 'r4', 'vendor' => 'generic'][$name] ?? '';
    }

    /** @return list<string> */
    public function list(string $name): array
    {
        return $this->values[$name] ?? [];
    }

    /** What is missing, as a sentence; the rest is for the library to judge. */
    public function lacking(): ?string
    {
        return match (true) {
            $this->text('name') === '' => 'Give the system a name.',
            $this->text('iss') === '' => 'Enter the FHIR base URL: the EHR\'s team or the vendor\'s console has it.',
            $this->text('client_id') === '' => 'Enter the client ID that the vendor\'s console gave you.',
            default => null,
        };
    }

    /**
     * The configuration with this system in it, the system's id, and the typed secrets by registration.
     *
     * @param array<string, mixed> $document
     * @param list<string> $redirectUris
     * @param array<string, string> $typed secrets by account; empty: it shall have none any more
     * @return array{array<string, mixed>, string, array<string, string>}
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
        $source['resources'] = array_map(fn(string $type): string => $this->resourceOfVersion($type), $source['resources']);
        foreach (self::ACCOUNTS as $account => [$member, $prefix]) {
            $source[$member] = $this->text($prefix . 'client_id') === '' ? '' : ($source[$member] ?? "$id-$account");
            if ($source[$member] === '') {
                continue;
            }
            $registration = ['id' => $source[$member], ...(self::registration($document, $source[$member]) ?? [])];
            $registration['environment'] = $source['environment'];
            $registration['client_id'] = $this->text($prefix . 'client_id');
            if ($account === 'user') {
                $registration['redirect_uris'] = $redirectUris;
            }
            if (isset($typed[$account])) {
                $registration['client_secret'] = $typed[$account] === '' ? '' : Configuration::secretOf($source[$member]);
                $secrets[$source[$member]] = $typed[$account];
            }
            $document = self::register($document, $registration);
        }
        $sources[$id] = array_filter($source, static fn(mixed $value): bool => $value !== '' && $value !== []);
        return [self::withoutUnused([...$document, 'sources' => array_values($sources)]), $id, array_filter($secrets)];
    }

    /**
     * The configuration without a system.
     *
     * @param array<string, mixed> $document
     * @return array<string, mixed>
     */
    public static function without(array $document, string $id): array
    {
        $others = array_filter($document['sources'], static fn(array $source): bool => $source['id'] !== $id);
        return self::withoutUnused([...$document, 'sources' => array_values($others)]);
    }

    /**
     * Whether a secret of the account is stored.
     *
     * @param array<string, mixed> $document
     */
    public function hasSecret(array $document, string $account): bool
    {
        $source = array_column($document['sources'], null, 'id')[$this->id ?? ''] ?? [];
        return (self::registration($document, $source[self::ACCOUNTS[$account][0]] ?? null)['client_secret'] ?? '') !== '';
    }

    private static function newId(array $document, string $name): string
    {
        $base = trim(substr(preg_replace('/[^a-z0-9]+/', '-', strtolower($name)), 0, 40), '-') ?: 'ehr';
        $taken = [...array_column($document['sources'], 'id'), ...array_column($document['registrations'], 'id')];
        $id = $base;
        for ($next = 2; array_intersect([$id, "$id-user", "$id-system"], $taken) !== []; ++$next) {
            $id = "$base-$next";
        }
        return $id;
    }

    /** @return array<string, mixed>|null */
    private static function registration(array $document, ?string $id): ?array
    {
        return $id === null ? null : (array_column($document['registrations'], null, 'id')[$id] ?? null);
    }

    /** The document with a registration, new or in place of the one with its id. */
    private static function register(array $document, array $registration): array
    {
        $all = array_column($document['registrations'], null, 'id');
        $all[$registration['id']] = $registration;
        return [...$document, 'registrations' => array_values($all)];
    }

    /** No registration outlives the last system that uses it, and no secret its registration. */
    private static function withoutUnused(array $document): array
    {
        $used = [...array_column($document['sources'], 'registration'), ...array_column($document['sources'], 'system_registration')];
        $kept = array_filter($document['registrations'], static fn(array $one): bool => in_array($one['id'], $used, true));
        return [...$document, 'registrations' => array_values($kept)];
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
