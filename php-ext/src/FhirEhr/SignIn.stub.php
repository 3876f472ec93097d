<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * A completed sign-in. Dumps, casts to arrays and json_encode() hide what its launch context hides.
 *
 * @strict-properties
 * @not-serializable
 */
final class SignIn
{
    /** The application's user. */
    public readonly string $user;
    /** The id of the source. */
    public readonly string $source;
    /**
     * Names the launch in Client::launchView() and Client::createHandoff(). Keep it on the server, such as in the session. Dumps
     * hide it.
     */
    public readonly string $launchId;
    /** The launch context that the EHR sent. */
    public readonly LaunchContext $context;

    private function __construct() {}
}
