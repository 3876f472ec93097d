<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * Staged rows: one does not open, is gone, was decided by somebody else, or two go into one place.
 *
 * @strict-properties
 * @not-serializable
 */
final class StagingException extends RuntimeException
{
}
