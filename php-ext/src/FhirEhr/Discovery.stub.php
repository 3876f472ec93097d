<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * What a server says of itself (Auto-Find), for somebody who writes its entry of the configuration. It comes
 * from outside: escape it before it is shown.
 *
 * @strict-properties
 * @not-serializable
 */
final class Discovery
{
    /** Where users sign in; null where the server names none. */
    public readonly ?string $authorizationEndpoint;
    /** Where tokens come from. */
    public readonly string $tokenEndpoint;
    /** "r4" or "dstu2"; null when it says none, or another one. */
    public readonly ?string $fhirVersion;
    /** In which document the endpoints were found: "smart-configuration" or "metadata". */
    public readonly string $foundIn;
    /**
     * The scopes it says it knows; it may grant others too.
     *
     * @var list<string>
     */
    public readonly array $scopesSupported;
    /**
     * The SMART capabilities it says it has, such as "launch-ehr".
     *
     * @var list<string>
     */
    public readonly array $capabilities;

    private function __construct() {}
}
