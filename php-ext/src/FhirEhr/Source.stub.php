<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * A source of the configuration: a FHIR server, without its secrets.
 *
 * @strict-properties
 * @not-serializable
 */
final class Source
{
    /** The id in the configuration, for Client::signIn(), Client::pull() and Client::scopes(). */
    public readonly string $id;
    /** The display name; the id when the configuration has none. */
    public readonly string $name;
    /** The FHIR base URL, as the EHR sends it in "iss". */
    public readonly string $iss;
    /** The organization that the tenant belongs to, for the launch URL of an organization. */
    public readonly string $organization;
    /** Data from sandbox or test sources is refused for production projects. */
    public readonly Environment $environment;
    /** "r4" or "dstu2". */
    public readonly string $fhirVersion;
    /** The vendor preset: "generic", "smart", "oracle" or "epic". */
    public readonly string $vendor;
    /** Whether it has a system account; only then PullRequest::$system may be true. */
    public readonly bool $systemAccount;
    /**
     * The redirect URIs of the registration for users.
     *
     * @var list<string>
     */
    public readonly array $redirectUris;
    /**
     * The origins of EHR pages that may show the application in a frame, ready for the header Content-Security-Policy.
     *
     * @var list<string>
     *
     * @example
     * header('Content-Security-Policy: frame-ancestors ' . implode(' ', $source->frameAncestors ?: ["'none'"]));
     */
    public readonly array $frameAncestors;
    /** The authorization endpoint; null when the configuration has none, so that it is discovered. */
    public readonly ?string $authorizationEndpoint;
    /** The token endpoint; null when the configuration has none, so that it is discovered. */
    public readonly ?string $tokenEndpoint;
    /**
     * The identifier systems of MRNs, best match first. Empty: identifiers of type MR count as MRNs.
     *
     * @var list<string>
     */
    public readonly array $mrnSystems;

    private function __construct() {}
}
