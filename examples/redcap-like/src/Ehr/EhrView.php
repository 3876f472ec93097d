<?php

// One launch from the EHR: one patient, one user, one end. A browser may have several, each in a tab of its own.

declare(strict_types=1);

namespace App\Ehr;

use App\Web\Denied;

final class EhrView
{
    public function __construct(
        /** Stands in the address of each page of the view, so that every tab keeps its own patient. */
        public readonly string $id,
        public readonly string $user,
        public readonly string $source,
        /** The patient of the EHR's chart, by FHIR id. */
        public readonly string $patientId,
        /** The best of the patient's record numbers at this source. */
        public readonly string $mrn,
        /** Whether the application has to show who the patient is; else the EHR does. */
        public readonly bool $banner,
        /** @var array<string, string> what the banner shows */
        public readonly array $patient,
        /** When the EHR's access ends, and the view with it; seconds since 1970. */
        public readonly int $until,
    ) {}

    public function secondsLeft(): int
    {
        return max(0, $this->until - time());
    }

    /** Ends a request about another patient than the one of the chart. */
    public function demand(string $source, string $mrn): void
    {
        if ($source !== $this->source || $mrn !== $this->mrn) {
            throw new Denied(403, 'Another patient', "This record is not of the patient in the EHR's chart. Leave the EHR view to open it.");
        }
    }
}
