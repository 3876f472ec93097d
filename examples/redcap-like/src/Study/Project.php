<?php

// One study: its settings and its data dictionary.

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
        /** Values of a sandbox never enter a project of patients. */
        public readonly Environment $environment,
        /** Whether pulling from the EHR is switched on. */
        public readonly bool $module,
        public readonly TextMode $text,
        /** How many days around a record's dates values count, and on which side. */
        public readonly int $offsetDays,
        public readonly OffsetDirection $offsetDirection,
        /** The field that holds the medical record number; null: the project has none. */
        public readonly ?string $mrnField,
        public readonly string $event,
        public readonly Mapping $mapping,
        /** @var list<string> at most five fields of the EHR that are shown before a record is made */
        public readonly array $preview,
        /** @var array<string, Field> the data dictionary, by name */
        public readonly array $fields,
    ) {}

    /** Why nothing can be pulled into this project by this member; null: it can. */
    public function obstacle(Rights $rights, string $user): ?string
    {
        return match (true) {
            !$rights->has($user, $this->name, 'data') => 'You have no right to enter data in this project.',
            $this->mrnField === null => 'The project has no field for the medical record number.',
            !$this->module => 'Pulling from the EHR is switched off for this project.',
            default => null,
        };
    }

    /** Why nothing can be pulled into a record by anybody; null: it can. */
    public function obstacleToPull(): ?string
    {
        return $this->module ? null : 'Pulling from the EHR is switched off for this project.';
    }
}
