<?php

// What takes the place of the application's old class FhirEhr: everything that pages want of the EHR, in the words of
// the application. The extension does the work; here is only what the application knows: its projects and records.

declare(strict_types=1);

use App\Study\Project;
use FhirEhr\LaunchResult;
use FhirEhr\Client;
use FhirEhr\Patient;
use FhirEhr\PatientRequest;
use FhirEhr\PullResult;
use FhirEhr\PullRequest;
use FhirEhr\RowState;
use FhirEhr\SignIn;
use FhirEhr\Source;
use FhirEhr\StagedRow;

final class FhirEhr
{
    /** What the banner shows of a patient. */
    private const BANNER = ['name-given', 'name-family', 'birthDate', 'gender'];

    public function __construct(
        private readonly Client $client,
        /** The one address of launch and return: fixed, never taken from a request. */
        private readonly string $launchAddress,
    ) {}

    /** Handles an arrival from the EHR: a launch, or the way back from signing in. */
    public function launch(#[\SensitiveParameter] string $query, #[\SensitiveParameter] string $browser): LaunchResult
    {
        return $this->client->handleLaunch($query, $browser, $this->launchAddress);
    }

    /** Ends a launch that waited for the application's own login. */
    public function finishLaunch(#[\SensitiveParameter] string $handover, #[\SensitiveParameter] string $browser, string $user): SignIn
    {
        return $this->client->finishLogin($handover, $browser, $user);
    }

    /** Where to send a user of the application who wants to sign in to the EHR. */
    public function standaloneLaunch(string $source, string $user, #[\SensitiveParameter] string $browser): string
    {
        return $this->client->signIn($source, $user, $browser, $this->launchAddress);
    }

    /** The patient of the EHR's chart: record numbers, and what the banner shows. */
    public function patientOfLaunch(SignIn $signIn): Patient
    {
        return $this->client->patient(new PatientRequest(
            user: $signIn->user,
            source: $signIn->source,
            patientId: $signIn->context->patient,
            fields: self::BANNER,
        ));
    }

    /**
     * Why no patient and no data of this system may enter the project; null: they may. The library knows the rule; records
     * are added only after this was asked, and preview() and fetch() refuse by the same rule.
     */
    public function obstacle(string $source, Project $project): ?string
    {
        foreach ($this->client->sources() as $one) {
            if ($one->id === $source) {
                return $this->client->sourceMayServe($source, $project->environment)
                    ? null
                    : "This project takes data of production systems only, and $one->name is a {$one->environment->value} system.";
            }
        }
        return 'The EHR system of this patient is no longer connected to this application.';
    }

    /** Why nothing can be pulled from this system into a record of the project by anybody; null: it can. */
    public function obstacleToPull(string $source, Project $project): ?string
    {
        return $project->obstacleToPull() ?? $this->obstacle($source, $project);
    }

    /**
     * The system in which a project's patients are looked up outside the EHR: the first that may serve the project. When
     * none may, it is the first of all, whose obstacle() says why; null: no system is connected.
     */
    public function sourceFor(Project $project): ?string
    {
        $all = $this->client->sources();
        $serving = array_filter($all, fn(Source $one): bool => $this->client->sourceMayServe($one->id, $project->environment));
        return [...$serving, ...$all][0]->id ?? null;
    }

    /** "Are the values below correct?": the project's preview fields of the patient with this number. */
    public function preview(string $user, string $source, Project $project, #[\SensitiveParameter] string $mrn): Patient
    {
        return $this->client->patient(new PatientRequest(
            user: $user,
            source: $source,
            mrn: $mrn,
            fields: $project->preview,
            project: $project->name,
            environment: $project->environment,
            text: $project->text,
        ));
    }

    /** The FHIR id of the patient with this number, under the old class's name; that one took user and project from globals. */
    public function getPatientIdFromMrnWebService(string $user, string $source, Project $project, #[\SensitiveParameter] string $mrn): string
    {
        return $this->preview($user, $source, $project, $mrn)->patientId;
    }

    /**
     * Pulls the record's values from the EHR; they wait, sealed, until somebody has decided.
     *
     * @param array<string, array<string, string>> $dates field => event => date
     * @param ?string $launchPatient within a launch: the pull stops if the record is not of the patient in the chart
     */
    public function fetch(
        string $user,
        string $source,
        Project $project,
        #[\SensitiveParameter] string $record,
        #[\SensitiveParameter] string $mrn,
        array $dates,
        #[\SensitiveParameter] ?string $launchPatient = null,
        bool $system = false,
    ): PullResult {
        return $this->client->pull(new PullRequest(
            user: $user,
            source: $source,
            project: $project->name,
            environment: $project->environment,
            record: $record,
            mrn: $mrn,
            mapping: $project->mapping->csv(),
            dates: $dates,
            offsetDays: $project->offsetDays,
            offsetDirection: $project->offsetDirection,
            text: $project->text,
            system: $system,
            launchPatient: $launchPatient,
        ));
    }

    /** @return list<StagedRow> what waits for a decision, of a record or of the whole project */
    public function waiting(string $user, Project $project, ?string $record = null): array
    {
        $rows = $this->client->staged($user, $project->name, $record);
        return array_values(array_filter($rows, static fn(StagedRow $row): bool => $row->state === RowState::Pending));
    }

    /** @return list<StagedRow> what was saved or rejected of a record, with what the EHR says about it now */
    public function decided(string $user, Project $project, string $record): array
    {
        return $this->client->decided($user, $project->name, $record);
    }

    /** @return array<string, int> how many new items each record has */
    public function newItems(string $user, Project $project): array
    {
        return array_count_values(array_map(static fn(StagedRow $row): string => $row->record, $this->waiting($user, $project)));
    }
}
