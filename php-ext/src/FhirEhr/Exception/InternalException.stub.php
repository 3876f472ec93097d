<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * The client is in use by the call that invoked this hook ("busy"), or there is a defect in fhir_ehr ("internal").
 *
 * @strict-properties
 * @not-serializable
 */
final class InternalException extends RuntimeException
{
}
