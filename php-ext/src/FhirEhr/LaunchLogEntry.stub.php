<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * A remembered launch, or the failed launches of one day with the same error, from Client::launches(). It says what arrived and
 * holds no value of it.
 *
 * @strict-properties
 * @not-serializable
 */
final class LaunchLogEntry
{
    /** When the browser came back from the EHR, in seconds since 1970-01-01 UTC. For failed launches: the last time. */
    public readonly int $at;
    /** The id of the source; null when a failed launch matched none. */
    public readonly ?string $source;
    /** "ehr" or "standalone"; null when a failed callback matched no launch. */
    public readonly ?string $kind;
    /** "signed_in", "login_required" (the application's own login was not finished) or "failed". */
    public readonly string $outcome;
    /** The stable name of the error (docs/errors.md) of failed launches; otherwise null. */
    public readonly ?string $error;
    /** 1, or the number of failed launches. */
    public readonly int $count;
    /** Whether an access token arrived. */
    public readonly bool $accessToken;
    /** Whether a patient arrived. */
    public readonly bool $patient;
    /** Whether an encounter arrived. */
    public readonly bool $encounter;
    /** Whether the EHR named its user. */
    public readonly bool $ehrUser;
    /** Whether a refresh token arrived. */
    public readonly bool $refreshToken;
    /** Whether a refresh token was requested and did not arrive. */
    public readonly bool $refreshTokenMissing;
    /**
     * The handoffs to other applications.
     *
     * @var list<LaunchHandoff>
     */
    public readonly array $handoffs;

    private function __construct() {}
}
