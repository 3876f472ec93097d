<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * The result of Client::keepAlive().
 *
 * @strict-properties
 * @not-serializable
 */
final class KeepAliveResult
{
    /** The number of sign-ins that were used recently, or that no keep-alive is configured for. */
    public readonly int $notDue;
    /** The number of stored grants that cannot be decrypted. */
    public readonly int $unreadable;
    /** The number of revocations of earlier sign-outs that are finished now. */
    public readonly int $revocationsFinished;
    /** The number of revocations of earlier sign-outs that failed again. */
    public readonly int $revocationsUnfinished;
    /**
     * The sign-ins that were due, and those that cannot be refreshed any more.
     *
     * @var list<KeptGrant>
     */
    public readonly array $grants;

    private function __construct() {}
}
