<?php

// A request that is answered with a sentence instead of a page: no right, no such thing, no session.

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
