<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * What Client::removeUser() removed.
 *
 * @strict-properties
 * @not-serializable
 */
final class UserRemoval
{
    /** The number of links from EHR users to the user. */
    public readonly int $links;
    /**
     * The grants at all sources.
     *
     * @var list<SignedOutGrant>
     */
    public readonly array $grants;

    private function __construct() {}
}
