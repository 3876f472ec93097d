<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * What to pull for one study record. Dumps, casts and json_encode() hide its record, MRN, dates and patient.
 *
 * @example
 * $request = new PullRequest(
 *     user: 'j.doe', source: 'ehr', project: '17', environment: Environment::Production,
 *     record: '1004', mrn: '10006579', mapping: file_get_contents('mapping.csv'),
 *     dates: ['visit_date' => '2024-03-01'], offsetDays: 30,
 * );
 *
 * @strict-properties
 * @not-serializable
 */
final class PullRequest
{
    /** The application's user for whom this is done. */
    public readonly string $user;
    /** The source's id in the configuration. */
    public readonly string $source;
    /** The application's name for the project. */
    public readonly string $project;
    /** The project's: data of a source of a lesser environment do not enter it. */
    public readonly Environment $environment;
    /** The study record. */
    public readonly string $record;
    /** The patient's medical record number. */
    public readonly string $mrn;
    /** The mapping as CSV, as Client::checkMapping() takes it. */
    public readonly string $mapping;
    /**
     * The record's dates by field, "2024-03-01" or "2024-03-01 14:30[:00]"; for a field that has one in
     * each event, an array of them by event.
     *
     * @var array<string, string|array<string, string>>
     */
    public readonly array $dates;
    /** How many days around the dates values count. */
    public readonly int $offsetDays;
    /** On which side of the dates. */
    public readonly OffsetDirection $offsetDirection;
    /** Which text the values have. */
    public readonly TextMode $text;
    /** Read with the source's system account instead of the user's own sign-in. */
    public readonly bool $system;
    /** The patient of the EHR's chart, when the pull is made inside a launch: it must be the same. */
    public readonly ?string $launchPatient;
    /** Whether PullResult::$report names the resources that gave no row, by id. */
    public readonly bool $explain;

    public function __construct(
        string $user,
        string $source,
        string $project,
        Environment $environment,
        #[\SensitiveParameter] string $record,
        #[\SensitiveParameter] string $mrn,
        string $mapping,
        #[\SensitiveParameter] array $dates = [],
        int $offsetDays = 7,
        OffsetDirection $offsetDirection = OffsetDirection::Both,
        TextMode $text = TextMode::Exact,
        bool $system = false,
        #[\SensitiveParameter] ?string $launchPatient = null,
        bool $explain = false
    ) {}
}
