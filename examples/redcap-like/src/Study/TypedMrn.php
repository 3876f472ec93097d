<?php

// A medical record number that was typed.

declare(strict_types=1);

namespace App\Study;

use App\Web\Http;

final class TypedMrn
{
    /** The form's number. Numbers are pasted out of documents, with blanks of all kinds around them; they are no part of it. */
    public static function posted(): string
    {
        return Http::isPost() ? preg_replace('/^[\s\p{Z}]+|[\s\p{Z}]+$/u', '', Http::parameter('mrn')) ?? '' : '';
    }

    public static function isOne(string $mrn): bool
    {
        return $mrn !== '' && strlen($mrn) <= 100 && preg_match('/^[^\p{C}]+$/uD', $mrn) === 1;
    }

    public const MISTAKE = 'Write a medical record number of at most 100 characters.';
}
