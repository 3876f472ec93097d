<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * The request of Client::pull(): what to pull for one study record. Dumps, casts to arrays and json_encode() hide record, MRN,
 * dates and patient.
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
    /** The application's user on whose behalf the values are pulled. */
    public readonly string $user;
    /** The id of the source in the configuration. */
    public readonly string $source;
    /** The application's id of the project. */
    public readonly string $project;
    /** The environment of the project. Data from sandbox or test sources is refused for production projects. */
    public readonly Environment $environment;
    /** The study record. */
    public readonly string $record;
    /** The patient's MRN. */
    public readonly string $mrn;
    /** The mapping as CSV; Client::checkMapping() checks it. */
    public readonly string $mapping;
    /**
     * The dates of the study record by field: "2024-03-01", "2024-03-01 14:30" or "2024-03-01 14:30:00". For a field with a date in
     * each event: an array of dates by event.
     *
     * @var array<string, string|array<string, string>>
     */
    public readonly array $dates;
    /** The number of days around the dates within which values count; 0 or more. */
    public readonly int $offsetDays;
    /** The side of the dates on which these days count. */
    public readonly OffsetDirection $offsetDirection;
    /** The text form of the values. */
    public readonly TextMode $text;
    /** Whether to read with the source's system account instead of the user's sign-in. */
    public readonly bool $system;
    /** Within a launch: LaunchContext::$patient. The pull is refused when the MRN belongs to a different patient. */
    public readonly ?string $launchPatient;
    /** Whether PullResult::$report contains the ids of resources that gave no row. */
    public readonly bool $explain;
    /**
     * The ids of the sources that the project may pull from; null: every source that its environment allows.
     *
     * @var list<string>|null
     */
    public readonly ?array $projectSources;
    /** Whether the project allows the system account; $system requires it. */
    public readonly bool $projectSystemAccount;

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
        bool $explain = false,
        ?array $projectSources = null,
        bool $projectSystemAccount = false
    ) {}
}
