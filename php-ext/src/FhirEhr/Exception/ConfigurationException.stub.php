<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * The configuration is not valid, or a secret or a registration that it names does not work.
 *
 * @strict-properties
 * @not-serializable
 */
final class ConfigurationException extends RuntimeException
{
}
