<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * The mapping is not valid. getMessage() names the line, getHint() the correction.
 *
 * @strict-properties
 * @not-serializable
 */
final class MappingException extends RuntimeException
{
}
