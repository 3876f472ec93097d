<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * What a pull brought; it is staged.
 *
 * @strict-properties
 * @not-serializable
 */
final class Pulled
{
    /** Names the pull. */
    public readonly string $pullId;
    /** The patient's FHIR id. */
    public readonly string $patientId;
    /**
     * The rows, as they stand in the staging.
     *
     * @var list<StagedRow>
     */
    public readonly array $rows;
    /**
     * What came and what did not: "resources" by type with "status" (complete, partial, denied, skipped,
     * failed), "requests", "received", "reason"; "without_date", "tolerated", "requests", "refreshed".
     *
     * @var array<string, mixed>
     */
    public readonly array $report;
    /** Whether everything asked for came. */
    public readonly bool $complete;

    private function __construct() {}
}
