<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * The store cannot be reached, or is not one of ours; nothing was half-saved.
 *
 * @strict-properties
 * @not-serializable
 */
final class StoreException extends RuntimeException
{
}
