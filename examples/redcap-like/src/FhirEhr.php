<?php

// Replaces the application's old class FhirEhr: every EHR operation of the pages, in the application's own terms. The extension does
// the work. This class adds what only the application knows: its projects and records.

declare(strict_types=1);

use App\Study\Project;
use App\Web\Denied;
use FhirEhr\LaunchResult;
use FhirEhr\Client;
use FhirEhr\Patient;
use FhirEhr\PatientRequest;
use FhirEhr\PullResult;
use FhirEhr\PullRequest;
use FhirEhr\RowState;
use FhirEhr\SignIn;
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

    /**
     * Handles a request from the EHR: a launch, or the callback of a sign-in.
     *
     * @param ?string $organization the one that the launch URL names; an EHR of another organization is refused
     */
    public function launch(#[\SensitiveParameter] string $query, #[\SensitiveParameter] string $browser, ?string $organization = null): LaunchResult
    {
        return $this->client->handleLaunch($query, $browser, $this->launchAddress, $organization);
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
                return match (true) {
                    !$this->client->sourceMayServe($source, $project->environment)
                        => "This project accepts data from production systems only. $one->name is a {$one->environment->value} system.",
                    !in_array($source, $project->sources ?? [$source], true)
                        => "This project may not use $one->name. The administrator of this application can allow it.",
                    default => null,
                };
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
     * The EHR systems that the project may use, for a user who looks up a patient outside the EHR. If there are several, the user
     * chooses one: the application never does.
     *
     * @return array<string, string> id => name
     */
    public function systemsOf(Project $project): array
    {
        return array_filter($this->names(), fn(int|string $id): bool => $this->obstacle((string) $id, $project) === null, ARRAY_FILTER_USE_KEY);
    }

    /**
     * The names of all connected systems. If two have the same name, such as two FHIR versions of one hospital, the ids follow.
     *
     * @return array<string, string> id => name
     */
    public function names(): array
    {
        $all = array_column($this->client->sources(), 'name', 'id');
        $count = array_count_values($all);
        $names = [];
        foreach ($all as $id => $name) {
            $names[$id] = $count[$name] === 1 ? $name : "$name ($id)";
        }
        return $names;
    }

    /** Why the project can use no EHR system at all; null if it can use one. */
    public function obstacleToAll(Project $project): ?string
    {
        $all = $this->client->sources();
        return match (true) {
            $all === [] => 'No EHR is connected to this application yet. Ask the administrator of this application.',
            $this->systemsOf($project) !== [] => null,
            count($all) === 1 => $this->obstacle($all[0]->id, $project),
            default => 'This project may not use any of the connected EHR systems. Ask the administrator of this application.',
        };
    }

    /**
     * The system to pull a record from. The systems of the record's patient are the library's. `$source` is the one that the record was
     * added with; it is used unless the project may use only another system of the same patient.
     */
    public function sourceOfRecord(string $user, Project $project, #[\SensitiveParameter] string $record, string $source): string
    {
        $known = $this->client->recordSources($user, $project->name, $record);
        $usable = array_filter([$source, ...$known], fn(string $one): bool => $this->obstacle($one, $project) === null);
        return ($known === [] ? null : array_shift($usable)) ?? $source;
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
            projectSources: $project->sources,
            projectSystemAccount: $project->systemAccount,
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
     * @param bool $system pull with the system account of the EHR instead of the user's sign-in. Only cli.php does, never a page
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
        if ($system && !$project->systemAccount) {
            throw new Denied(403, 'The system account is turned off', 'This project may not use the system account of an EHR. The administrator of this application can allow it.');
        }
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
            projectSources: $project->sources,
            projectSystemAccount: $project->systemAccount,
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
