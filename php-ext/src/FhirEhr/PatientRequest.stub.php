<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * The request of Client::patient(): a patient by MRN or by FHIR id; exactly one of them is set. Dumps, casts to arrays and
 * json_encode() hide MRN and id.
 *
 * @example
 * // The patient banner: the patient of the user's own launch.
 * $request = new PatientRequest(
 *     user: 'j.doe', source: 'ehr', patientId: $signIn->context->patient,
 *     fields: ['name-family', 'name-given', 'birthDate', 'gender'],
 * );
 * // In a study: a check that the MRN is right.
 * $request = new PatientRequest(
 *     user: 'j.doe', source: 'ehr', mrn: '10006579', fields: ['name-family', 'birthDate'],
 *     project: '17', environment: Environment::Production,
 * );
 *
 * @strict-properties
 * @not-serializable
 */
final class PatientRequest
{
    /** The application's user on whose behalf the patient is read. */
    public readonly string $user;
    /** The id of the source in the configuration. */
    public readonly string $source;
    /** The patient's MRN. It requires a project. */
    public readonly ?string $mrn;
    /** The patient's FHIR id, such as LaunchContext::$patient. */
    public readonly ?string $patientId;
    /**
     * The names of up to five demographic fields ("demographic" in fields()).
     *
     * @var list<string>
     */
    public readonly array $fields;
    /** The application's id of the project. Empty: the patient of the user's own launch, by $patientId. */
    public readonly string $project;
    /**
     * The environment of the project; required with a project. Data from sandbox or test sources is refused for production
     * projects.
     */
    public readonly ?Environment $environment;
    /** Whether to read with the source's system account instead of the user's sign-in. It requires a project. */
    public readonly bool $system;
    /** The text form of the values. */
    public readonly TextMode $text;
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
        #[\SensitiveParameter] ?string $mrn = null,
        #[\SensitiveParameter] ?string $patientId = null,
        array $fields = [],
        string $project = '',
        ?Environment $environment = null,
        bool $system = false,
        TextMode $text = TextMode::Exact,
        ?array $projectSources = null,
        bool $projectSystemAccount = false
    ) {}
}
