<?php

/** @generate-class-entries */

namespace FhirEhr;

/** Hook: the application's key service, asked for what the configuration writes as "hook:NAME". */
interface SecretProvider
{
    /**
     * The secret with this name. Throw when there is none or the service cannot be reached.
     *
     * The text is copied and the copy is overwritten after use.
     */
    public function secret(string $name): string;
}
