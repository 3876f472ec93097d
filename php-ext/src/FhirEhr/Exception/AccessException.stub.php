<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * The access hook refused the action, or the client has no access hook.
 *
 * @strict-properties
 * @not-serializable
 */
final class AccessException extends RuntimeException
{
}
