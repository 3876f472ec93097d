<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * The store cannot be reached, was not created by fhir_ehr, or returned an impossible result. Each change was stored completely or
 * not at all.
 *
 * @strict-properties
 * @not-serializable
 */
final class StoreException extends RuntimeException
{
}
