<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * What was asked cannot be done as it was asked: an argument is not valid, or the pull is too large.
 *
 * @strict-properties
 * @not-serializable
 */
final class RequestException extends RuntimeException
{
}
