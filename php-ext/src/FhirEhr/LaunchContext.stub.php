<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * What the EHR said on return, for the application's screens. Dumps, casts and json_encode() hide the patient.
 *
 * @strict-properties
 * @not-serializable
 */
final class LaunchContext
{
    /** The FHIR id of the patient in the EHR's chart; give it to PullRequest::$launchPatient. */
    public readonly ?string $patient;
    /** The encounter in the EHR's chart. */
    public readonly ?string $encounter;
    /** The EHR's name for the user. */
    public readonly ?string $ehrUser;
    /** Whether the application must show who the patient is; true unless the EHR says that it does so. */
    public readonly bool $needPatientBanner;
    /** Where the EHR describes its looks. */
    public readonly ?string $smartStyleUrl;
    /** What the user came for. */
    public readonly ?string $intent;
    /** The EHR's tenant. */
    public readonly ?string $tenant;
    /** The scopes the EHR granted, separated by blanks; empty when the EHR does not say. */
    public readonly string $grantedScopes;
    /**
     * The scopes asked for that those granted do not cover; empty also when grantedScopes is. An EHR may grant more than it says.
     *
     * @var list<string>
     */
    public readonly array $missingScopes;
    /** When the access token ends, in seconds since 1970; it is refreshed by itself where the EHR allows it. */
    public readonly int $expiresAt;

    private function __construct() {}
}
