<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * The EHR's FHIR server refused a request, failed, or sent a response that cannot be used.
 *
 * @strict-properties
 * @not-serializable
 */
final class FhirException extends RuntimeException
{
}
