<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * The EHR did not answer within the time limit.
 *
 * @strict-properties
 * @not-serializable
 */
final class TimeoutException extends ConnectionException
{
}
