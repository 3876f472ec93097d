<?php

// A statement parameter that is bound as bytes instead of text.

declare(strict_types=1);

namespace FhirEhr\Pdo;

/** @internal */
final class Bytes
{
    public function __construct(
        public readonly string $bytes,
    ) {}
}
