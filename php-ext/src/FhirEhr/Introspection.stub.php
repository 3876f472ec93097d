<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * What the EHR says about one stored token, from Client::introspect(). It holds no token. The EHR wrote the texts: escape them
 * before you show them.
 *
 * @strict-properties
 * @not-serializable
 */
final class Introspection
{
    /** "access_token" or "refresh_token". */
    public readonly string $token;
    /** Whether the sign-in can read the patient of its launch only. */
    public readonly bool $patientBound;
    /** Whether the EHR accepts the token. If not, all properties below are null. */
    public readonly bool $active;
    /** The scopes of the token, separated by spaces. */
    public readonly ?string $scope;
    /** The client that the token was issued to. */
    public readonly ?string $clientId;
    /** Whether this is the client of the configuration. */
    public readonly ?bool $ownClient;
    /** The type of the token, such as "Bearer". */
    public readonly ?string $tokenType;
    /** When the token expires, in seconds since 1970-01-01 UTC. */
    public readonly ?int $expiresAt;
    /** When the token was issued, in seconds since 1970-01-01 UTC. */
    public readonly ?int $issuedAt;
    /** The issuer of the token. */
    public readonly ?string $issuer;

    private function __construct() {}
}
