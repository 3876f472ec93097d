<?php

// Replaces the application's old class FhirEhr: every EHR operation of the pages, in the application's own terms. The extension does
// the work. This class adds what only the application knows: its projects and records.

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
    /** The fields of the patient banner. */
    private const BANNER = ['name-given', 'name-family', 'birthDate', 'gender'];

    public function __construct(
        private readonly Client $client,
        /** The launch and redirect URI: configured, never taken from a request. */
        private readonly string $launchAddress,
    ) {}

    /** Handles a request from the EHR: a launch, or the callback of a sign-in. */
    public function launch(#[\SensitiveParameter] string $query, #[\SensitiveParameter] string $browser): LaunchResult
    {
        return $this->client->handleLaunch($query, $browser, $this->launchAddress);
    }

    /** Finishes a launch after the user has logged in to the application. */
    public function finishLaunch(#[\SensitiveParameter] string $handover, #[\SensitiveParameter] string $browser, string $user): SignIn
    {
        return $this->client->finishLogin($handover, $browser, $user);
    }

    /** Whether the view of a launch is still open for its user. The library refreshes the EHR's access meanwhile. */
    public function isViewOpen(string $user, #[\SensitiveParameter] string $launch): bool
    {
        return $this->client->launchView($user, $launch)->open;
    }

    /** Ends the view of a launch, when the user leaves it or signs out. */
    public function endView(string $user, #[\SensitiveParameter] string $launch): void
    {
        $this->client->endLaunchView($user, $launch);
    }

    /** The URL to send the browser to, to hand the launch off to another application. `$address` is one of the settings file. */
    public function handOff(string $user, #[\SensitiveParameter] string $launch, string $address): string
    {
        return $this->client->createHandoff($user, $launch, $address);
    }

    /** The sign-in of a launch that was handed off. The other application sent the handle and its secret. */
    public function redeemHandoff(#[\SensitiveParameter] string $handle, #[\SensitiveParameter] string $secret): SignIn
    {
        return $this->client->redeemHandoff($handle, $secret);
    }

    /** How to send a user to the EHR who signs in from the application: a redirect or a form. */
    public function standaloneLaunch(string $source, string $user, #[\SensitiveParameter] string $browser): LaunchResult
    {
        return $this->client->startSignIn($source, $user, $browser, $this->launchAddress);
    }

    /** The patient of the EHR's chart: MRNs and banner fields. */
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
     * Why the project may not use patients and data from this EHR system; null if it may. The rule is the library's. Pages call this
     * before they add a record; preview() and fetch() apply the same rule.
     */
    public function obstacle(string $source, Project $project): ?string
    {
        foreach ($this->client->sources() as $one) {
            if ($one->id === $source) {
                return $this->client->sourceMayServe($source, $project->environment)
                    ? null
                    : "This project accepts data from production systems only. $one->name is a {$one->environment->value} system.";
            }
        }
        return 'The EHR system of this patient is no longer connected to this application. Ask the administrator of this application.';
    }

    /** Why no user can fetch data from this system into a record of the project; null if users can. */
    public function obstacleToPull(string $source, Project $project): ?string
    {
        return $project->obstacleToPull() ?? $this->obstacle($source, $project);
    }

    /**
     * The EHR system in which patients are looked up outside the EHR: the first one that the project may use. If there is none, it is
     * the first system, whose obstacle() gives the reason. Null if no system is connected.
     */
    public function sourceFor(Project $project): ?string
    {
        $all = $this->client->sources();
        $serving = array_filter($all, fn(Source $one): bool => $this->client->sourceMayServe($one->id, $project->environment));
        return [...$serving, ...$all][0]->id ?? null;
    }

    /** The project's preview fields of the patient with this MRN. */
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

    /** The FHIR id of the patient with this MRN. The name is the old class's, which took user and project from globals. */
    public function getPatientIdFromMrnWebService(string $user, string $source, Project $project, #[\SensitiveParameter] string $mrn): string
    {
        return $this->preview($user, $source, $project, $mrn)->patientId;
    }

    /**
     * Pulls the record's values from the EHR. They stay sealed in the store until a user has accepted or rejected them.
     *
     * @param array<string, array<string, string>> $dates field => event => date
     * @param ?string $launchPatient in a launch: the pull is refused if the record belongs to a patient other than the chart's
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

    /** @return list<StagedRow> undecided values of a record, or of the whole project */
    public function pending(string $user, Project $project, ?string $record = null): array
    {
        $rows = $this->client->staged($user, $project->name, $record);
        return array_values(array_filter($rows, static fn(StagedRow $row): bool => $row->state === RowState::Pending));
    }

    /** @return list<StagedRow> saved and rejected values of a record, with their current state in the EHR */
    public function decided(string $user, Project $project, string $record): array
    {
        return $this->client->decided($user, $project->name, $record);
    }

    /** @return array<string, int> number of undecided values, by record */
    public function newItems(string $user, Project $project): array
    {
        return array_count_values(array_map(static fn(StagedRow $row): string => $row->record, $this->pending($user, $project)));
    }
}
