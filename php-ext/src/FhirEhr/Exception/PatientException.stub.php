<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * No patient or several patients have the MRN, or the EHR returned a different patient than requested. Nothing was staged.
 *
 * @strict-properties
 * @not-serializable
 */
final class PatientException extends RuntimeException
{
}
