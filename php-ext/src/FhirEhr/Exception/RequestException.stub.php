<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * An argument is not valid, or the result exceeds a limit.
 *
 * @strict-properties
 * @not-serializable
 */
final class RequestException extends RuntimeException
{
}
