<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * The Access hook did not allow it.
 *
 * @strict-properties
 * @not-serializable
 */
final class AccessException extends RuntimeException
{
}
