<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * The EHR, its network or its TLS could not be reached as they should; nothing is lost, try later.
 *
 * @strict-properties
 * @not-serializable
 */
class ConnectionException extends RuntimeException
{
}
