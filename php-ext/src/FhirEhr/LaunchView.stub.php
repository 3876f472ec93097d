<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * Whether the view of a launch is open, from Client::launchView().
 *
 * @strict-properties
 * @not-serializable
 */
final class LaunchView
{
    /** Whether the application may show the patient of the launch. */
    public readonly bool $open;
    /** When the view ends at the latest, in seconds since 1970-01-01 UTC; null unless it is open. */
    public readonly ?int $endsAt;
    /**
     * Why it has ended: "time", "left", "another_user", "refused" (the EHR does not refresh the access token any more),
     * "source_changed" or "unknown" (no launch with this id is remembered); null while it is open.
     */
    public readonly ?string $endedBy;

    private function __construct() {}
}
