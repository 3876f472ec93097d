<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * The sign-in is missing, refused or over: the user has to sign in (again).
 *
 * @strict-properties
 * @not-serializable
 */
final class AuthorizationException extends RuntimeException
{
}
