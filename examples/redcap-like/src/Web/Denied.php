<?php

// A refused request: no permission, not found, or not signed in. It is shown as an error page.

declare(strict_types=1);

namespace App\Web;

use RuntimeException;

final class Denied extends RuntimeException
{
    public function __construct(
        public readonly int $status,
        public readonly string $title,
        string $sentence,
    ) {
        parent::__construct($sentence);
    }
}
