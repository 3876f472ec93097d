<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * What a pull brought; it is staged. Dumps, casts and json_encode() hide the patient and the report.
 *
 * @strict-properties
 * @not-serializable
 */
final class PullResult
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
     * What came and what did not: "resources" by type, whose "status" is complete, partial, denied, skipped or
     * failed; the fields left out because the record has no date for them; why the rules marked no value of a field, or
     * left some of its values out; what was not as it should be.
     *
     * @var array{
     *     resources: array<string, array{status: string, requests: int, received: int, reason?: string, ...}>,
     *     without_date: list<string>,
     *     merged: bool,
     *     not_preselected: list<array{study_field: string, event: string, field: string, reason: string}>,
     *     warnings: list<string>,
     *     requests: int,
     *     refreshed: bool,
     * }
     */
    public readonly array $report;
    /** Whether everything asked for came. */
    public readonly bool $complete;

    private function __construct() {}
}
