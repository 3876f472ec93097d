<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * The endpoints and capabilities that a server announces, from Client::discover(). All texts come from the server: escape them
 * before you show them.
 *
 * @strict-properties
 * @not-serializable
 */
final class Discovery
{
    /** The authorization endpoint; null when the server announces none. */
    public readonly ?string $authorizationEndpoint;
    /** The token endpoint. */
    public readonly string $tokenEndpoint;
    /** "r4" or "dstu2"; null when the server announces another version or none. */
    public readonly ?string $fhirVersion;
    /** The document that contained the endpoints: "smart-configuration" or "metadata". */
    public readonly string $foundIn;
    /**
     * The scopes that the server announces. It may grant others, too.
     *
     * @var list<string>
     */
    public readonly array $scopesSupported;
    /**
     * The SMART capabilities that the server announces, such as "launch-ehr".
     *
     * @var list<string>
     */
    public readonly array $capabilities;

    private function __construct() {}
}
