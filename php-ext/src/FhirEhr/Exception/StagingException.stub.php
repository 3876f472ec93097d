<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * A problem with staged rows: one cannot be decrypted, does not exist, was changed by another user, or conflicts with another
 * row.
 *
 * @strict-properties
 * @not-serializable
 */
final class StagingException extends RuntimeException
{
}
