<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * The configuration, or a secret or registration that it names, is not right.
 *
 * @strict-properties
 * @not-serializable
 */
final class ConfigurationException extends RuntimeException
{
}
