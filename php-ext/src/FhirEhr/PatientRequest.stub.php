<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * Whom to look up with Client::patient(): by record number, or by FHIR id; exactly one of them is given.
 * Dumps, casts and json_encode() hide who it is.
 *
 * @example
 * // The banner: the patient of the user's own launch.
 * $request = new PatientRequest(
 *     user: 'j.doe', source: 'ehr', patientId: $signIn->context->patient,
 *     fields: ['name-family', 'name-given', 'birthDate', 'gender'],
 * );
 * // In a study: is this the right number?
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
    /** The application's user for whom this is done. */
    public readonly string $user;
    /** The source's id in the configuration. */
    public readonly string $source;
    /** The patient's medical record number; wants a project. */
    public readonly ?string $mrn;
    /** The patient's FHIR id, such as LaunchContext::$patient. */
    public readonly ?string $patientId;
    /**
     * Names of fields with "demographic" in fields(), at most five.
     *
     * @var list<string>
     */
    public readonly array $fields;
    /** The application's name for the project; empty: the patient of the user's own launch, by patientId. */
    public readonly string $project;
    /** The project's, wanted with a project: data of a source of a lesser environment do not enter it. */
    public readonly ?Environment $environment;
    /** Read with the source's system account instead of the user's own sign-in; in a project only. */
    public readonly bool $system;
    /** Which text the values have. */
    public readonly TextMode $text;

    public function __construct(
        string $user,
        string $source,
        #[\SensitiveParameter] ?string $mrn = null,
        #[\SensitiveParameter] ?string $patientId = null,
        array $fields = [],
        string $project = '',
        ?Environment $environment = null,
        bool $system = false,
        TextMode $text = TextMode::Exact
    ) {}
}
