<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * A user who is signed in.
 *
 * @strict-properties
 * @not-serializable
 */
final class SignIn
{
    /** The application's user. */
    public readonly string $user;
    /** The source. */
    public readonly string $source;
    /** What the EHR said. */
    public readonly LaunchContext $context;

    private function __construct() {}
}
