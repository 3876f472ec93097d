<?php

// An EHR view: one launch from the EHR, with one patient, one user and one expiry. A browser can have several, in different tabs.

declare(strict_types=1);

namespace App\Ehr;

use App\Web\Denied;

final class EhrView
{
    public function __construct(
        /** In the URL of each page of the view, so that every tab keeps its own patient. */
        public readonly string $id,
        public readonly string $user,
        public readonly string $source,
        /** The patient of the EHR's chart, by FHIR id. */
        public readonly string $patientId,
        /** The preferred one of the patient's MRNs at this source. */
        public readonly string $mrn,
        /** Whether the application must show a patient banner. Otherwise the EHR shows one. */
        public readonly bool $banner,
        /** @var array<string, string> the banner fields */
        public readonly array $patient,
        /** When the view ends at the latest: seconds since 1970. */
        public readonly int $until,
        /** The launch, as the library knows it. It stays on the server. */
        public readonly string $launch,
    ) {}

    public function secondsLeft(): int
    {
        return max(0, $this->until - time());
    }

    /** Refuses a request about a patient other than the chart's. */
    public function requirePatient(string $source, string $mrn): void
    {
        if ($source !== $this->source || $mrn !== $this->mrn) {
            throw new Denied(403, 'Another patient', "This record does not belong to the patient in the EHR's chart. Leave the EHR view to open it.");
        }
    }
}
