<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * The result of Client::pull(). The rows are staged already. Dumps, casts to arrays and json_encode() hide the patient and the
 * report.
 *
 * @strict-properties
 * @not-serializable
 */
final class PullResult
{
    /** The id of the pull. */
    public readonly string $pullId;
    /** The patient's FHIR id. */
    public readonly string $patientId;
    /**
     * The staged rows.
     *
     * @var list<StagedRow>
     */
    public readonly array $rows;
    /**
     * What the pull received and what is missing:
     * - resources: by resource type. "status" is complete, partial, denied, skipped or failed; "reason" says why.
     * - without_date: fields that were left out because the record has no date for them.
     * - merged: whether the chart with this MRN was merged into another chart, which was used.
     * - not_preselected: fields for which the preselection rules proposed no value or left values out, with the reason.
     * - warnings: sentences about answers that were used although they violate the standard.
     * - requests: the number of requests, with retries.
     * - refreshed: whether the access token was refreshed.
     *
     * @var array{
     *     resources: array<string, array{status: string, requests: int, received: int, reason?: string, ...}>,
     *     without_date: list<string>,
     *     merged: bool,
     *     not_preselected: list<array{study_field: string, event: string, source_field: string, reason: string}>,
     *     warnings: list<string>,
     *     requests: int,
     *     refreshed: bool,
     * }
     */
    public readonly array $report;
    /** Whether the pull received everything that was requested. */
    public readonly bool $complete;

    private function __construct() {}
}
