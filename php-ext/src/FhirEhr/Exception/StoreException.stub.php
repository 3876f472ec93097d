<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * The store cannot be reached, is not a store of fhir_ehr, or returns what cannot be right. Each change was
 * saved completely or not at all.
 *
 * @strict-properties
 * @not-serializable
 */
final class StoreException extends RuntimeException
{
}
