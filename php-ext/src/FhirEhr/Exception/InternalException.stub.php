<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * A hook called its own client ("busy"), or fhir_ehr has a bug ("internal").
 *
 * @strict-properties
 * @not-serializable
 */
final class InternalException extends RuntimeException
{
}
