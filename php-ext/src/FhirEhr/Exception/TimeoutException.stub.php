<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * The EHR did not answer in time.
 *
 * @strict-properties
 * @not-serializable
 */
final class TimeoutException extends ConnectionException
{
}
