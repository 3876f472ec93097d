<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * The result of Client::keepAlive() for one sign-in.
 *
 * @strict-properties
 * @not-serializable
 */
final class KeptGrant
{
    /** The id of the source. */
    public readonly string $source;
    /** The application's user. */
    public readonly string $user;
    /** Whether the sign-in can read the patient of its launch only. */
    public readonly bool $patientBound;
    /** "refreshed", "failed", "skipped" (the server had failed for others) or "ended" (the user must sign in again). */
    public readonly string $outcome;
    /** When it was used last before the call, in seconds since 1970-01-01 UTC. */
    public readonly int $lastUsedAt;
    /** The stable name of the error (docs/errors.md); null if it was refreshed. */
    public readonly ?string $error;
    /** What happened and who must act; null if it was refreshed. Escape it before you show it. */
    public readonly ?string $message;

    private function __construct() {}
}
