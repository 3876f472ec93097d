<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * The launch context that the EHR sent with the token. Dumps, casts to arrays and json_encode() hide the patient and the encounter.
 *
 * @strict-properties
 * @not-serializable
 */
final class LaunchContext
{
    /** The FHIR id of the patient whose chart is open in the EHR. Pass it as PullRequest::$launchPatient. */
    public readonly ?string $patient;
    /** The FHIR id of the encounter that is open in the EHR. */
    public readonly ?string $encounter;
    /** The EHR user's name, from where policy.user_name_sources of the source says. */
    public readonly ?string $ehrUser;
    /** The FHIR resource of the EHR user (SMART `fhirUser`); null when the EHR names none. */
    public readonly ?FhirUser $fhirUser;
    /**
     * What became of the id_token: "verified", "missing" (the EHR granted `openid` and sent none), "not_granted", "not_requested", or
     * "rejected" (policy `soft`: nothing was taken from it). Only "verified" proves who the EHR user is.
     */
    public readonly string $idToken;
    /** The stable name of the error (docs/errors.md) of an id_token that was rejected; otherwise null. */
    public readonly ?string $idTokenError;
    /** Whether the application must show a patient banner; true unless the EHR says that it shows one itself. */
    public readonly bool $needPatientBanner;
    /**
     * The resources in context besides the patient and the encounter (SMART `fhirContext`). None of them replaces $patient.
     *
     * @var list<FhirContext>
     */
    public readonly array $fhirContext;
    /**
     * The URL of the EHR's style document (SMART `smart_style_url`): https, or http on the loopback interface. The EHR wrote it:
     * load it only from hosts that you know.
     */
    public readonly ?string $smartStyleUrl;
    /** The purpose of the launch (SMART `intent`). */
    public readonly ?string $intent;
    /** The tenant of the EHR (SMART `tenant`). */
    public readonly ?string $tenant;
    /** The granted scopes, separated by spaces; empty when the EHR does not name them. */
    public readonly string $grantedScopes;
    /**
     * The requested scopes of which the EHR granted nothing, compared by meaning; empty when $grantedScopes is empty.
     *
     * @var list<string>
     */
    public readonly array $missingScopes;
    /**
     * The requested scopes of which the EHR granted a part, such as one category of the Observations. Data of these resource types
     * is never complete.
     *
     * @var list<string>
     */
    public readonly array $partlyGrantedScopes;
    /** Whether a refresh token was requested and did not arrive. Then the sign-in ends with its access token. */
    public readonly bool $refreshTokenMissing;
    /**
     * The end of the access token, in seconds since 1970-01-01 UTC. The library refreshes it by itself if the EHR issued a refresh
     * token.
     */
    public readonly int $expiresAt;
    /**
     * When the view of this launch ends at the latest, in seconds since 1970-01-01 UTC: with a refresh token `view_seconds` after
     * the launch, otherwise with the access token. Client::launchView() says whether it has ended earlier.
     */
    public readonly int $viewEndsAt;

    private function __construct() {}
}
