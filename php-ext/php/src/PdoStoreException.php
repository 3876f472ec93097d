<?php

// A failure of the PDO store; its message holds result codes and no values.

declare(strict_types=1);

namespace FhirEhr;

use FhirEhr\Pdo\Failure;

final class PdoStoreException extends \RuntimeException
{
    /** @internal */
    public function __construct(
        string $message,
        /** @internal */
        public readonly Failure $failure,
        /** @internal nothing was stored, and the store may try once more by itself */
        public readonly bool $again = false,
    ) {
        parent::__construct($message);
    }
}
