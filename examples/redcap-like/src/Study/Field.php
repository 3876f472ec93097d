<?php

// One field of a project's data dictionary.

declare(strict_types=1);

namespace App\Study;

final class Field
{
    public function __construct(
        public readonly string $name,
        public readonly string $label,
        /** "text", "date" or "notes" (several lines). */
        public readonly string $type,
    ) {}
}
