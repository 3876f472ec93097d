<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * A FHIR server of the configuration, without its secrets.
 *
 * @strict-properties
 * @not-serializable
 */
final class Source
{
    /** Its id in the configuration: what signIn(), pull() and scopes() take. */
    public readonly string $id;
    /** A name for people; the id where the configuration has none. */
    public readonly string $name;
    /** The FHIR base URL, as the EHR sends it in "iss". */
    public readonly string $iss;
    /** Data of a sandbox or test source never enters a production project. */
    public readonly Environment $environment;
    /** "r4" or "dstu2". */
    public readonly string $fhirVersion;
    /** Whose quirks it has: "generic", "smart", "oracle" or "epic". */
    public readonly string $vendor;
    /** Whether it has a system account, so that PullRequest::$system may be true. */
    public readonly bool $systemAccount;
    /**
     * The redirect URIs of the registration for users.
     *
     * @var list<string>
     */
    public readonly array $redirectUris;
    /**
     * Origins of the EHR's pages that may show the application in a frame, for the header
     * Content-Security-Policy: each can be written into it as it is.
     *
     * @var list<string>
     *
     * @example
     * header('Content-Security-Policy: frame-ancestors ' . implode(' ', $source->frameAncestors ?: ["'none'"]));
     */
    public readonly array $frameAncestors;
    /** Where users sign in; null where the configuration stores none, and it is discovered. */
    public readonly ?string $authorizationEndpoint;
    /** Where tokens come from; null where the configuration stores none, and it is discovered. */
    public readonly ?string $tokenEndpoint;
    /**
     * The identifier systems of record numbers, the best first; empty: identifiers typed MR count.
     *
     * @var list<string>
     */
    public readonly array $mrnSystems;

    private function __construct() {}
}
