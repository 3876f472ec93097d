<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * The sign-in is missing, was refused or has ended. The user has to sign in, or to sign in again.
 *
 * @strict-properties
 * @not-serializable
 */
final class AuthorizationException extends RuntimeException
{
}
