<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * No patient, more than one, or another one than was asked for; nothing of the pull was kept.
 *
 * @strict-properties
 * @not-serializable
 */
final class PatientException extends RuntimeException
{
}
