<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * The EHR could not be reached: network, TLS, discovery or token endpoint. Nothing was changed; try again later.
 *
 * @strict-properties
 * @not-serializable
 */
class ConnectionException extends RuntimeException
{
}
