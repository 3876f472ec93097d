<?php

// A project: its settings and its data dictionary.

declare(strict_types=1);

namespace App\Study;

use App\Rights;
use FhirEhr\Environment;
use FhirEhr\OffsetDirection;
use FhirEhr\TextMode;

final class Project
{
    public function __construct(
        public readonly string $name,
        public readonly string $title,
        /** Data from sandbox and test systems is refused for production projects. */
        public readonly Environment $environment,
        /** Whether fetching data from the EHR is turned on. */
        public readonly bool $module,
        public readonly TextMode $text,
        /** The time window around a record's dates: days and direction. */
        public readonly int $offsetDays,
        public readonly OffsetDirection $offsetDirection,
        /** The field for the medical record number; null if the project has none. */
        public readonly ?string $mrnField,
        public readonly string $event,
        public readonly Mapping $mapping,
        /** @var list<string> at most five EHR fields to show before a record is created */
        public readonly array $preview,
        /** @var array<string, Field> the data dictionary, by name */
        public readonly array $fields,
        /** @var list<string>|null the ids of the EHR systems that the project may use; null: every system that its environment allows */
        public readonly ?array $sources = null,
        /** Whether pulls may use an EHR's system account, for example at night. */
        public readonly bool $systemAccount = false,
    ) {}

    /** Why this user cannot fetch data into the project; null if the user can. */
    public function obstacle(Rights $rights, string $user): ?string
    {
        return match (true) {
            !$rights->has($user, $this->name, 'data') => 'You do not have permission to enter data in this project.',
            $this->mrnField === null => 'The project has no field for the medical record number.',
            default => $this->obstacleToPull(),
        };
    }

    /** Why no user can fetch data into a record of the project; null if users can. */
    public function obstacleToPull(): ?string
    {
        return $this->module ? null : 'Fetching data from the EHR is turned off for this project.';
    }
}
