<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * A handoff of a launch to another application, in LaunchLogEntry::$handoffs.
 *
 * @strict-properties
 * @not-serializable
 */
final class LaunchHandoff
{
    /** The URL of the configuration to which the browser was sent. */
    public readonly string $url;
    /** When the handle was created, in seconds since 1970-01-01 UTC. */
    public readonly int $createdAt;
    /** When the application redeemed the handle, in seconds since 1970-01-01 UTC; null if it did not. */
    public readonly ?int $redeemedAt;

    private function __construct() {}
}
