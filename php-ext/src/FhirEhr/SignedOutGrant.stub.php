<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * A grant that a sign-out removed, and what happened to its tokens at the EHR, from Client::signOut() and the like.
 *
 * @strict-properties
 * @not-serializable
 */
final class SignedOutGrant
{
    /** The id of the source. */
    public readonly string $source;
    /** Whether the grant could read the patient of its launch only. */
    public readonly bool $patientBound;
    /**
     * What happened to the refresh token: "absent", "expired", "revoked", "not_supported" (the EHR does not revoke such tokens) or
     * "not_revoked" (the EHR did not confirm it).
     */
    public readonly string $refreshToken;
    /** What happened to the access token, in the same words. */
    public readonly string $accessToken;
    /** When the access token expires, in seconds since 1970-01-01 UTC; null if it is not valid any more. */
    public readonly ?int $accessTokenValidUntil;
    /** The stable name of the error (docs/errors.md) if a token was not revoked; otherwise null. */
    public readonly ?string $error;
    /** What happened, and what to do, if a token was not revoked; otherwise null. Escape it before you show it. */
    public readonly ?string $message;
    /** Until when Client::keepAlive() retries the revocation, in seconds since 1970-01-01 UTC; null if there is nothing to retry. */
    public readonly ?int $retryUntil;

    private function __construct() {}
}
