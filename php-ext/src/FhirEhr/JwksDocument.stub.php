<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * The JWKS document of a key ring, from Client::jwks(). It contains public keys only.
 *
 * @strict-properties
 * @not-serializable
 */
final class JwksDocument
{
    /** The body to serve, with the media type application/json. */
    public readonly string $json;
    /** The value of the header Cache-Control. */
    public readonly string $cacheControl;

    private function __construct() {}
}
