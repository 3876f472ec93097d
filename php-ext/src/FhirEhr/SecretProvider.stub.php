<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * Hook: returns the secrets that the configuration writes as "hook:NAME", from the application's key service. Without it such a
 * secret is an error, "secret_unavailable".
 *
 * @example
 * final class Vault implements SecretProvider
 * {
 *     public function secret(string $name): string
 *     {
 *         return $this->vault->read("fhir-ehr/$name") ?? throw new OutOfBoundsException("there is no secret $name");
 *     }
 * }
 */
interface SecretProvider
{
    /**
     * Returns the secret with this name. Throw when there is none or when the service cannot be reached: the exception comes out
     * of the client's method as the same object.
     *
     * The library overwrites its copy of the text after use.
     */
    public function secret(string $name): string;
}
