<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * The EHR's FHIR server refuses, fails, or sends what cannot be used.
 *
 * @strict-properties
 * @not-serializable
 */
final class FhirException extends RuntimeException
{
}
