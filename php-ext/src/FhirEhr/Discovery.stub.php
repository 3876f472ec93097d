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
    /** The introspection endpoint, or null. */
    public readonly ?string $introspectionEndpoint;
    /** The revocation endpoint, or null. */
    public readonly ?string $revocationEndpoint;
    /** The page where users manage what they have authorized, or null. */
    public readonly ?string $managementEndpoint;
    /** The endpoint for dynamic client registration, or null. */
    public readonly ?string $registrationEndpoint;
    /** The URL of the server's public keys, or null. */
    public readonly ?string $jwksUri;
    /** The issuer, or null. */
    public readonly ?string $issuer;
    /** "r4" or "dstu2"; null when the server announces another version or none. */
    public readonly ?string $fhirVersion;
    /** The document that contained the endpoints: "smart-configuration", "metadata" or "openid-configuration". */
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
    /**
     * The PKCE methods that the server announces, such as "S256".
     *
     * @var list<string>
     */
    public readonly array $codeChallengeMethods;
    /** The vendor that the server's CapabilityStatement names: the vendor to propose for the configuration. Null: not recognized. */
    public readonly ?string $vendor;

    private function __construct() {}
}
